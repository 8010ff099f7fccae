/**
 * Gas in air (rule `gas_detected`) from RTUs with a gas channel, as a fraction of the lower explosive limit.
 * Told at the first sample at or above the warning level; `certain`, and so alone able to shut a valve, at or above the second.
 * It ends below the warning level minus a dead-band. Household detectors tell theirs by a device event.
 * @source 20 % and 50 % of the lower explosive limit: usual practice of gas-detector alarms; both settable
 */
import type { AppliedReport } from '@gastwin/twin'
import type { Detection, Detector } from '../detection.ts'
import { type DetectorContext, zoneIdOf } from '../detector-context.ts'
import { counts, timeOf } from '../reading-time.ts'

export interface GasLimits {
  /** Fractions of the lower explosive limit. */
  readonly warn: number
  readonly certain: number
  readonly deadBand: number
}

export const GAS_LIMITS: GasLimits = { warn: 0.2, certain: 0.5, deadBand: 0.05 }

type Level = 0 | 1 | 2

export class GasDetector implements Detector {
  readonly name = 'gas'
  readonly #context: DetectorContext
  readonly #limits: GasLimits
  /** Only RTUs with gas in air have an entry. */
  readonly #standing = new Map<number, { level: Level; since: number }>()

  constructor(context: DetectorContext, limits: GasLimits = GAS_LIMITS) {
    this.#context = context
    this.#limits = limits
  }

  observe(batch: readonly AppliedReport[]): readonly Detection[] {
    let told: Detection[] | undefined
    for (const applied of batch) {
      if (!counts(applied) || applied.outcome === 'late') continue
      for (const reading of applied.report.readings) {
        if (reading.quantity !== 'gas_lel') continue
        const detection = this.#judge(applied.slot, timeOf(applied, reading), reading.value)
        if (detection !== undefined) {
          told ??= []
          told.push(detection)
        }
      }
    }
    return told ?? []
  }

  tick(): readonly Detection[] {
    return []
  }

  save(): unknown {
    return [...this.#standing]
  }

  load(saved: unknown): void {
    this.#standing.clear()
    for (const [slot, standing] of saved as [number, { level: Level; since: number }][])
      this.#standing.set(slot, standing)
  }

  #judge(slot: number, at: number, value: number): Detection | undefined {
    const { warn, certain, deadBand } = this.#limits
    const standing = this.#standing.get(slot)
    const level: Level = value >= certain ? 2 : value >= warn ? 1 : 0
    if (level > (standing?.level ?? 0)) {
      const since = standing?.since ?? at
      this.#standing.set(slot, { level, since })
      return this.#tell(slot, at, since, value, level, true)
    }
    if (standing === undefined || value >= warn - deadBand) return undefined
    this.#standing.delete(slot)
    return this.#tell(slot, at, standing.since, value, standing.level, false)
  }

  #tell(slot: number, at: number, since: number, value: number, level: Level, active: boolean): Detection {
    const asset = this.#context.assetOf(slot)
    const limit = level === 2 ? this.#limits.certain : this.#limits.warn
    return {
      rule: 'gas_detected',
      asset,
      zone: zoneIdOf(this.#context, slot),
      at,
      since,
      active,
      value,
      limit,
      unit: '1',
      strength: level === 2 ? 'certain' : 'strong',
      evidenceKind: 'gas_concentration',
      evidence: [{ code: 'gas_lel', at, asset, value, limit, unit: '1' }],
    }
  }
}
