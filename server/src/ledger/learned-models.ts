import { heldTensors, type ModelBackend } from '@gastwin/analytics/theft'
import type { Models } from '../contract/index.ts'
import { LowFlowShelf } from '../models/lowflow-shelf.ts'
import { startModelEngine } from '../models/model-engine.ts'
import { TheftShelf } from '../models/theft-shelf.ts'
import type { ModelPair } from './learned-scores.ts'
import type { Walked } from './ledger-watch.ts'
import type { UsualUsePair } from './low-flow-watch.ts'
import { modelsView } from './models-view.ts'
import type { ScoringRun } from './scoring-run.ts'

/** The engine and the models of the ledger's thread. Whatever is wrong with them is told, and the ledger goes on without. */
export class LearnedModels {
  readonly #folder: string | null
  readonly #shelf: TheftShelf
  readonly #lowFlow: LowFlowShelf
  readonly #refusedAt = new Map<string, number>()
  #backend: ModelBackend | null = null
  #failure: string | null = null

  constructor(folder: string | null) {
    this.#folder = folder
    this.#shelf = new TheftShelf(folder)
    this.#lowFlow = new LowFlowShelf(folder)
  }

  /** Those that score. */
  get pair(): ModelPair {
    return { active: this.#shelf.active?.model, shadow: this.#shelf.shadow?.model }
  }

  /** Those that walk registers; they need no engine. */
  get usualUse(): UsualUsePair {
    return this.#lowFlow.pair
  }

  /** Starts the engine and reads the models. */
  async start(): Promise<void> {
    await this.#lowFlow.look()
    try {
      this.#backend = await startModelEngine('scoring')
      await this.#shelf.look()
    } catch (error) {
      this.#failure = `the engine of the models does not start: ${error instanceof Error ? error.message : String(error)}`
    }
  }

  /** Reads files that have changed. @returns whether anything is another than before */
  async look(): Promise<boolean> {
    const walks = await this.#lowFlow.look()
    return (this.#backend !== null && (await this.#shelf.look())) || walks
  }

  /** @param now service clock, Unix ms */
  view(now: number, run: ScoringRun | undefined, walked: Walked): Models {
    const { active, shadow } = this.#shelf
    const refused = [...this.#shelf.refused, ...this.#lowFlow.refused]
    const reasons = new Set(refused.map(({ why }) => why))
    for (const why of this.#refusedAt.keys()) if (!reasons.has(why)) this.#refusedAt.delete(why)
    for (const why of reasons) if (!this.#refusedAt.has(why)) this.#refusedAt.set(why, now)
    return modelsView({
      backend: this.#backend,
      failure: this.#failure,
      folder: this.#folder,
      inUse: [active, shadow].filter((one) => one !== undefined),
      refused: refused.map((one) => ({ ...one, at: this.#refusedAt.get(one.why) ?? now })),
      run,
      walked,
      walksWith: { active: this.#lowFlow.own('active'), shadow: this.#lowFlow.own('shadow') },
      tensors: this.#backend === null ? 0 : heldTensors(),
    })
  }
}
