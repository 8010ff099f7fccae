import { GAP_SHARE_NAMES, type GapShareName, type GapStatement } from '@gastwin/server/contract'

export type Shares = NonNullable<GapStatement['shares_m3']>

export interface WaterfallBar {
  readonly name: GapShareName
  readonly value: number
  readonly p05: number
  readonly p95: number
  /** Where the shares before it have led, and where it leads, in the unit of the shares. */
  readonly from: number
  readonly to: number
  /** px along the axis: the bar's ends, left before right, and its whisker's. */
  readonly left: number
  readonly right: number
  readonly low: number
  readonly high: number
}

export interface Waterfall {
  readonly bars: readonly WaterfallBar[]
  readonly sum: number
  /** px: ends of the bar of the sum. */
  readonly total: { readonly left: number; readonly right: number }
  readonly zero: number
  readonly ticks: readonly { readonly value: number; readonly x: number }[]
  /** px of a value: bars and whiskers share it. */
  readonly x: (value: number) => number
}

/**
 * Each share begins where those before it ended, so that the last ends at the sum. One scale for bars, whiskers and axis;
 * whiskers stand around the end of their bar: the share's own interval, begun where the share begins.
 * @param width px
 */
export function waterfallOf(shares: Shares, width: number): Waterfall {
  let at = 0
  const steps = GAP_SHARE_NAMES.map((name) => {
    const { p05, p50, p95 } = shares[name]
    const from = at
    at += p50
    return { name, value: p50, p05, p95, from, to: at }
  })
  const ends = [0, at, ...steps.flatMap(({ from, to, p05, p95 }) => [from, to, from + p05, from + p95])]
  const [least, most] = [Math.min(...ends), Math.max(...ends)]
  const span = most > least ? most - least : 1
  const x = (value: number) => ((value - least) / span) * width
  return {
    bars: steps.map((step) => ({
      ...step,
      left: x(Math.min(step.from, step.to)),
      right: x(Math.max(step.from, step.to)),
      low: x(step.from + step.p05),
      high: x(step.from + step.p95),
    })),
    sum: at,
    total: { left: x(Math.min(0, at)), right: x(Math.max(0, at)) },
    zero: x(0),
    ticks: roundTicks(least, most, Math.max(2, Math.floor(width / 70))).map((value) => ({ value, x: x(value) })),
    x,
  }
}

/** At most about `most` round values between two, 0 among them when it lies between. */
export function roundTicks(low: number, high: number, most: number): readonly number[] {
  if (!(high > low)) return [low]
  const rough = (high - low) / most
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = ([1, 2, 5, 10].find((m) => m * power >= rough) ?? 10) * power
  const ticks: number[] = []
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++) ticks.push(i * step || 0)
  return ticks
}

/** Whether shares and gap are the same number but for rounding; the service promises that they are. */
export function addsUp(sum: number, gap: number): boolean {
  return Math.abs(sum - gap) <= Math.max(0.5, Math.abs(gap) * 1e-4)
}
