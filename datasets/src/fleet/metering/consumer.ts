import type { Meter } from '@gastwin/twin'
import { unitHash } from '../../seeded-random.ts'
import { type MeterRange, meterRange } from './meter-response.ts'
import type { Tampering } from './tampering.ts'

/** One metered customer with everything that decides what burns and what is counted. */
export interface Consumer {
  /** Row in the document's meters. */
  readonly index: number
  readonly device: number
  readonly node: number
  readonly home: boolean
  readonly profile: number
  readonly scale: number
  readonly size: string
  readonly range: MeterRange
  readonly gain: number
  /** Register counts at the reference state. */
  readonly corrected: boolean
  readonly outdoor: boolean
  /** Gas pressure in the meter, Pa absolute. */
  readonly pressure: number
  /** m³ of one pulse or digit. */
  readonly quantum: number
  /** Register before the first simulated day, m³. */
  readonly base: number
  /** Set by scenarios. */
  tampering: Tampering | undefined
  /** Gas that never stops flowing through the meter: m³/s at the reference state, from a Unix ms on. */
  steady: { readonly from: number; readonly flow: number } | undefined
  /** Its own valve is closed from this Unix ms on; Infinity while open. */
  closedFrom: number
  /** When its valve was closed before that, Unix ms from and to. */
  readonly closures: [from: number, to: number][]
}

/**
 * @param pressure Pa absolute in the pipe before the meter
 * @param truth    gain, profile and scale of this meter
 */
export function makeConsumer(
  seed: number,
  meter: Meter,
  index: number,
  node: number,
  pressure: number,
  truth: { readonly gain: number; readonly profile: number; readonly scale: number },
): Consumer {
  const device = Number(meter.id)
  const size = meter.size ?? 'G2.5'
  const corrected = meter.corrector === true
  const home = meter.class !== 'commercial' && meter.class !== 'industrial'
  const age = Math.max(0.2, 2026.5 - (meter.installed_year ?? 2018))
  const yearly = home ? 260 * truth.scale : 12_000
  const pulse = corrected ? 0.01 : unitHash(seed, 51, device) < 0.7 ? 0.1 : 0.01
  return {
    index,
    device,
    node,
    home,
    size,
    corrected,
    profile: truth.profile,
    scale: truth.scale,
    gain: truth.gain,
    range: meterRange(size),
    outdoor: meter.placement === 'outdoor',
    pressure,
    quantum: pulse,
    base: Math.round(age * yearly * (0.6 + 0.8 * unitHash(seed, 52, device)) * 1000) / 1000,
    tampering: undefined,
    steady: undefined,
    closedFrom: Number.POSITIVE_INFINITY,
    closures: [],
  }
}
