import { flowM3H, pressureKpaG } from '../format/units.ts'
import type { PipeMode } from '../map/pipe-mode.ts'
import type { PipeEstimate } from './pipe-estimate.ts'

/** Shade bytes: 0 is "no value", 1 … 255 go from one end of a scale to the other. */
const STEPS = 254
/** From this blind byte on, nine tenths of the first uncertainty are left: nothing measured tells of the pipe. */
export const BLIND_FROM = 230
/** The flow scale spans this factor; what flows less looks like its lower end. */
const FLOW_SPAN = 1000

/** Ends of a linear scale in the operator's unit. */
export interface Range {
  readonly low: number
  readonly high: number
}

export interface PipeScales {
  /** kPa gauge, by pressure tier; undefined where no pipe of the tier has a pressure. */
  readonly pressure: readonly (Range | undefined)[]
  /** Upper end of the logarithmic flow scale, m³/h. */
  readonly flowTop: number
}

/**
 * Scales that fit an estimate: round ends, and those of before wherever they still serve, so that colours do not jump each minute.
 * @param tier pressure tier per pipe
 */
export function scalesOf({ pressure, flow }: PipeEstimate, tier: Uint8Array, before?: PipeScales): PipeScales {
  const ends = [0, 1, 2].map(() => ({ low: Number.POSITIVE_INFINITY, high: Number.NEGATIVE_INFINITY }))
  let most = 0
  for (let i = 0; i < pressure.length; i++) {
    const end = ends[tier[i] ?? 0]
    const kpa = pressureKpaG(pressure[i] ?? Number.NaN)
    if (end !== undefined && Number.isFinite(kpa)) {
      end.low = Math.min(end.low, kpa)
      end.high = Math.max(end.high, kpa)
    }
    const m3h = Math.abs(flowM3H(flow[i] ?? Number.NaN))
    if (m3h > most) most = m3h
  }
  const kept = before?.flowTop
  return {
    pressure: ends.map((end, t) =>
      end.high < end.low ? before?.pressure[t] : steadyRange(end.low, end.high, before?.pressure[t]),
    ),
    flowTop:
      kept !== undefined && most <= kept && most > kept / 20 ? kept : 10 ** Math.max(0, Math.ceil(Math.log10(most))),
  }
}

/** Round ends around two values; `before` stays while both lie inside and fill at least half of it. */
export function steadyRange(low: number, high: number, before?: Range): Range {
  if (before !== undefined && low >= before.low && high <= before.high && high - low >= (before.high - before.low) / 2)
    return before
  const spread = Math.max(high - low, Math.abs(high) * 0.02, 0.1)
  const step = roundStep(spread / 4)
  const from = Math.floor(low / step) * step
  const to = Math.max(from + step, Math.ceil(high / step) * step)
  const tidy = (n: number) => Number(n.toPrecision(12))
  return { low: tidy(from), high: tidy(to) }
}

/** The next of 1, 2, 5 × 10ⁿ that is not smaller. */
function roundStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least))
  return ([1, 2, 5, 10].find((f) => f * power >= least * (1 - 1e-9)) ?? 10) * power
}

/** One shade byte per pipe. @param tier pressure tier per pipe */
export function shadePipes(
  mode: Exclude<PipeMode, 'state'>,
  estimate: PipeEstimate,
  tier: Uint8Array,
  scales: PipeScales,
): Uint8Array {
  const { pressure, flow, blind } = estimate
  const out = new Uint8Array(blind.length)
  for (let i = 0; i < out.length; i++) {
    if (mode === 'pressure') {
      const range = scales.pressure[tier[i] ?? 0]
      const kpa = pressureKpaG(pressure[i] ?? Number.NaN)
      out[i] = range === undefined ? 0 : shadeAt((kpa - range.low) / (range.high - range.low))
    } else if (mode === 'flow') out[i] = shadeAt(flowShare(Math.abs(flowM3H(flow[i] ?? Number.NaN)), scales.flowTop))
    else out[i] = shadeAt((blind[i] ?? 255) / 255)
  }
  return out
}

/** Where a flow lies on the logarithmic scale, 0 … 1. @param m3h without its sign */
export function flowShare(m3h: number, top: number): number {
  return 1 + Math.log(Math.max(m3h, top / FLOW_SPAN) / top) / Math.log(FLOW_SPAN)
}

/** @param share 0 … 1, cut at both ends; NaN has no shade */
function shadeAt(share: number): number {
  return Number.isNaN(share) ? 0 : 1 + Math.round(Math.min(1, Math.max(0, share)) * STEPS)
}

/** Share of the pipe length that nothing measured tells of. @param length m per pipe */
export function blindShare(blind: Uint8Array, length: Float32Array): number {
  let all = 0
  let dark = 0
  for (let i = 0; i < length.length; i++) {
    const metres = length[i] ?? 0
    all += metres
    if ((blind[i] ?? 255) >= BLIND_FROM) dark += metres
  }
  return all === 0 ? 0 : dark / all
}
