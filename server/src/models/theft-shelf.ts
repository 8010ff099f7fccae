import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { type DayPanel, disposeModel, scoreCourses, type TheftModel, unpackModel } from '@gastwin/analytics/theft'
import { markOf } from './file-mark.ts'
import { readModelFile } from './model-file.ts'

export type ModelUse = 'active' | 'shadow'

/** Names of the files in the operator's folder. */
export const MODEL_FILES: Readonly<Record<ModelUse, string>> = { active: 'theft.model', shadow: 'theft.shadow.model' }

/** A model that is in use. */
export interface ShelvedModel {
  readonly use: ModelUse
  /** The one that comes with the program, or one of the operator's. */
  readonly source: 'shipped' | 'folder'
  readonly file: string
  readonly sha256: string
  readonly model: TheftModel
}

export interface RefusedModel {
  readonly use: ModelUse
  readonly file: string
  readonly why: string
}

/** Of weeks: the readings that are kept are at most two months. */
const SHIPPED = fileURLToPath(new URL('../../models/theft-default-35.model', import.meta.url))

/**
 * The models of theft that a service scores with: the operator's where his folder has them, else the one that comes with the program.
 * A file that changed is read, checked and tried before it takes the place of the former one; a bad one is refused and the former
 * stays. The engine must be ready.
 */
export class TheftShelf {
  readonly #folder: string | null
  readonly #shipped: string
  readonly #models = new Map<ModelUse, ShelvedModel>()
  readonly #refused = new Map<ModelUse, RefusedModel>()
  readonly #marks = new Map<ModelUse, string>()

  /** @param folder the operator's; null for none @param shipped the file that comes with the program */
  constructor(folder: string | null, shipped: string = SHIPPED) {
    this.#folder = folder
    this.#shipped = shipped
  }

  get active(): ShelvedModel | undefined {
    return this.#models.get('active')
  }

  get shadow(): ShelvedModel | undefined {
    return this.#models.get('shadow')
  }

  get refused(): readonly RefusedModel[] {
    return [...this.#refused.values()]
  }

  /** Looks at the files. @returns whether a model or a refusal is another than before */
  async look(): Promise<boolean> {
    const changed = [await this.#renew('active'), await this.#renew('shadow')]
    return changed.includes(true)
  }

  close(): void {
    for (const { model } of this.#models.values()) disposeModel(model)
    this.#models.clear()
  }

  async #renew(use: ModelUse): Promise<boolean> {
    const own = this.#folder === null ? undefined : path.join(this.#folder, MODEL_FILES[use])
    const mark = own === undefined ? '' : await markOf(own)
    if (mark === this.#marks.get(use)) return false
    this.#marks.set(use, mark)
    if (own === undefined || mark === '') {
      this.#refused.delete(use)
      if (use === 'shadow') return this.#remove(use)
      return this.#adopt(use, 'shipped', this.#shipped)
    }
    const adopted = await this.#adopt(use, 'folder', own)
    // Better the program's own model than none, while the operator's is broken from the start.
    if (use === 'active' && this.active === undefined) await this.#adopt(use, 'shipped', this.#shipped)
    return adopted
  }

  async #adopt(use: ModelUse, source: ShelvedModel['source'], file: string): Promise<boolean> {
    const before = this.#models.get(use)
    const read = await readModel(file)
    if (typeof read === 'string') {
      if (source === 'folder' || before === undefined) this.#refuse(use, file, read)
      return true
    }
    if (source === 'folder') this.#refused.delete(use)
    if (before?.sha256 === read.sha256 && before.source === source) {
      disposeModel(read.model)
      return true
    }
    this.#models.set(use, { use, source, file: path.basename(file), ...read })
    if (before !== undefined) disposeModel(before.model)
    return true
  }

  #remove(use: ModelUse): boolean {
    const before = this.#models.get(use)
    if (before !== undefined) disposeModel(before.model)
    return this.#models.delete(use)
  }

  #refuse(use: ModelUse, file: string, why: string): void {
    if (!this.#refused.has(use) || path.basename(file) === MODEL_FILES[use])
      this.#refused.set(use, { use, file: path.basename(file), why })
  }
}

/** The model of a file that has its checksum, fits this program and gives probabilities; a sentence when it does not. */
async function readModel(file: string): Promise<{ readonly model: TheftModel; readonly sha256: string } | string> {
  try {
    const { model: container, digest } = await readModelFile(file)
    const model = unpackModel(container)
    if (typeof model === 'string') return model
    const fault = tryOut(model)
    if (fault === undefined) return { model, sha256: digest }
    disposeModel(model)
    return fault
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

const TRIAL_ROWS = 40
const TRIAL_DAYS = 28

/** Scores invented courses. @returns what is wrong with the model; undefined when nothing is */
function tryOut(model: TheftModel): string | undefined {
  const values = Float32Array.from({ length: TRIAL_ROWS * TRIAL_DAYS }, (_, i) => {
    const row = Math.floor(i / TRIAL_DAYS)
    const use = 1 + (row % 7) / 3 + Math.sin(i * 1.7)
    return row % 5 === 0 && i % TRIAL_DAYS > 14 ? 0.3 * use : use
  })
  const panel: DayPanel = { rows: TRIAL_ROWS, days: TRIAL_DAYS, values, firstWeekday: 0 }
  try {
    const scores = scoreCourses(model, panel)
    if (scores.some((score) => !(score >= 0 && score <= 1))) return 'it gives scores that are no probabilities'
    if (new Set(scores).size === 1) return 'it gives every course the same score'
    return undefined
  } catch (error) {
    return `it cannot be computed: ${error instanceof Error ? error.message : String(error)}`
  }
}
