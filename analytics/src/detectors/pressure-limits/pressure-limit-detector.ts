/**
 * Pressure outside the limits of its node (rules `pressure_low`, `pressure_high`).
 * A limit is crossed when readings stay beyond it for the on-delay; it ends when they stay inside by the dead-band for the
 * off-delay. The dead-band is a share of the gauge pressure at the limit, so that it fits low and medium pressure alike.
 */
import { type AppliedReport, REFERENCE_PRESSURE_PA } from '@gastwin/twin'
import type { Detection, Detector, RuleId } from '../detection.ts'
import { type DetectorContext, zoneIdOf } from '../detector-context.ts'
import { counts, timeOf } from '../reading-time.ts'

export interface PressureLimitSettings {
  /** Share of the gauge pressure at the limit. */
  readonly deadBand: number
  readonly onDelayMs: number
  readonly offDelayMs: number
}

/** The on-delay lets one odd sample of a one-minute RTU pass, and no more. */
export const PRESSURE_LIMIT_SETTINGS: PressureLimitSettings = { deadBand: 0.02, onDelayMs: 60_000, offDelayMs: 120_000 }

/** Two sides of one RTU: first crossing (or first return) and whether it was told. Times Unix ms, NaN when none. */
interface Side {
  told: boolean
  beyondSince: number
  insideSince: number
}
const SIDES = ['pressure_low', 'pressure_high'] as const satisfies readonly RuleId[]

export class PressureLimitDetector implements Detector {
  readonly name = 'pressure-limits'
  readonly #context: DetectorContext
  readonly #settings: PressureLimitSettings
  /** Two per RTU, in the order of SIDES. */
  #sides: Side[]

  constructor(context: DetectorContext, settings: PressureLimitSettings = PRESSURE_LIMIT_SETTINGS) {
    this.#context = context
    this.#settings = settings
    this.#sides = context.rtus.flatMap(() => [quietSide(), quietSide()])
  }

  observe(batch: readonly AppliedReport[]): readonly Detection[] {
    let told: Detection[] | undefined
    for (const applied of batch) {
      if (!counts(applied) || applied.outcome === 'late' || applied.report.kind !== 'rtu') continue
      const row = this.#context.rtuOf(applied.slot)
      if (row < 0) continue
      for (const reading of applied.report.readings) {
        if (reading.quantity !== 'pressure_pa') continue
        const at = timeOf(applied, reading)
        for (const side of [0, 1] as const) {
          const detection = this.#judge(row, side, at, reading.value)
          if (detection !== undefined) {
            told ??= []
            told.push(detection)
          }
        }
      }
    }
    return told ?? []
  }

  tick(): readonly Detection[] {
    return []
  }

  save(): unknown {
    return this.#sides.map(({ told, beyondSince, insideSince }) => [told, orNull(beyondSince), orNull(insideSince)])
  }

  load(saved: unknown): void {
    const rows = saved as readonly [boolean, number | null, number | null][]
    this.#sides = this.#sides.map((_, i) => {
      const [told, beyond, inside] = rows[i] ?? [false, null, null]
      return { told, beyondSince: beyond ?? Number.NaN, insideSince: inside ?? Number.NaN }
    })
  }

  #judge(row: number, which: 0 | 1, at: number, pressure: number): Detection | undefined {
    const rtu = this.#context.rtus[row]
    const side = this.#sides[2 * row + which]
    if (rtu === undefined || side === undefined) return undefined
    const limit = which === 0 ? rtu.minPressure : rtu.maxPressure
    if (Number.isNaN(limit)) return undefined
    const beyond = which === 0 ? pressure < limit : pressure > limit
    const band = this.#settings.deadBand * Math.abs(limit - REFERENCE_PRESSURE_PA)
    const inside = which === 0 ? pressure >= limit + band : pressure <= limit - band
    if (!side.told) {
      if (!beyond) side.beyondSince = Number.NaN
      else if (Number.isNaN(side.beyondSince)) side.beyondSince = at
      if (!(at - side.beyondSince >= this.#settings.onDelayMs)) return undefined
      side.told = true
      side.insideSince = Number.NaN
      return this.#tell(rtu.slot, SIDES[which], at, side.beyondSince, pressure, limit, true)
    }
    if (!inside) side.insideSince = Number.NaN
    else if (Number.isNaN(side.insideSince)) side.insideSince = at
    if (!(at - side.insideSince >= this.#settings.offDelayMs)) return undefined
    const since = side.beyondSince
    side.told = false
    side.beyondSince = Number.NaN
    return this.#tell(rtu.slot, SIDES[which], at, since, pressure, limit, false)
  }

  #tell(
    slot: number,
    rule: RuleId,
    at: number,
    since: number,
    value: number,
    limit: number,
    active: boolean,
  ): Detection {
    const asset = this.#context.assetOf(slot)
    return {
      rule,
      asset,
      zone: zoneIdOf(this.#context, slot),
      at,
      since,
      active,
      value,
      limit,
      unit: 'Pa',
      strength: 'strong',
      evidenceKind: 'pressure',
      evidence: [{ code: rule, at, asset, value, limit, unit: 'Pa' }],
    }
  }
}

function quietSide(): Side {
  return { told: false, beyondSince: Number.NaN, insideSince: Number.NaN }
}

function orNull(time: number): number | null {
  return Number.isNaN(time) ? null : time
}
