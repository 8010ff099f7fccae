import path from 'node:path'
import { shippedUsualUse, type UsualUseModel, unpackUsualUse } from '@gastwin/analytics'
import { markOf } from './file-mark.ts'
import { readModelFile } from './model-file.ts'
import type { ModelUse, RefusedModel } from './theft-shelf.ts'

/** Names of the files in the operator's folder. */
export const LOW_FLOW_FILES: Readonly<Record<ModelUse, string>> = {
  active: 'lowflow.model',
  shadow: 'lowflow.shadow.model',
}

/** A model of usual use from a file. */
export interface ShelvedUsualUse extends UsualUseModel {
  readonly file: string
  readonly sha256: string
}

/**
 * The models of usual use that a service walks registers with: the operator's where his folder has them, else the one that comes with the
 * program. A file that changed is read, checked and tried before it takes the place of the former one; a bad one is refused and the former stays.
 */
export class LowFlowShelf {
  readonly #folder: string | null
  readonly #shipped = shippedUsualUse()
  readonly #models = new Map<ModelUse, ShelvedUsualUse>()
  readonly #refused = new Map<ModelUse, RefusedModel>()
  readonly #marks = new Map<ModelUse, string>()

  /** @param folder the operator's; null for none */
  constructor(folder: string | null) {
    this.#folder = folder
  }

  /** The operator's models; undefined where the shipped one is used, or none runs beside it. */
  own(use: ModelUse): ShelvedUsualUse | undefined {
    return this.#models.get(use)
  }

  /** What walks registers. */
  get pair(): { readonly active: UsualUseModel; readonly shadow: UsualUseModel | undefined } {
    return { active: this.#models.get('active') ?? this.#shipped, shadow: this.#models.get('shadow') }
  }

  get refused(): readonly RefusedModel[] {
    return [...this.#refused.values()]
  }

  /** Looks at the files. @returns whether a model or a refusal is another than before */
  async look(): Promise<boolean> {
    const changed = [await this.#renew('active'), await this.#renew('shadow')]
    return changed.includes(true)
  }

  async #renew(use: ModelUse): Promise<boolean> {
    if (this.#folder === null) return false
    const file = path.join(this.#folder, LOW_FLOW_FILES[use])
    const mark = await markOf(file)
    if (mark === (this.#marks.get(use) ?? '')) return false
    this.#marks.set(use, mark)
    if (mark === '') {
      this.#refused.delete(use)
      return this.#models.delete(use)
    }
    const read = await readUsualUse(file)
    if (typeof read === 'string') {
      this.#refused.set(use, { use, file: path.basename(file), why: read })
      return true
    }
    this.#refused.delete(use)
    if (read.sha256 !== this.#models.get(use)?.sha256) this.#models.set(use, read)
    return true
  }
}

async function readUsualUse(file: string): Promise<ShelvedUsualUse | string> {
  try {
    const { model, digest } = await readModelFile(file)
    const usual = unpackUsualUse(model)
    return typeof usual === 'string' ? usual : { ...usual, file: path.basename(file), sha256: digest }
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
