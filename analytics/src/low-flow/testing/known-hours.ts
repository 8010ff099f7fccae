import { type CustomerKind, drawCustomer } from '../../../../datasets/src/low-flow-scenarios/customer.ts'
import { hourlyUse } from '../../../../datasets/src/low-flow-scenarios/hourly-use.ts'
import { SeededRandom } from '../../../../datasets/src/seeded-random.ts'
import { leastFlow } from '../block.ts'

/** Hours of which the observer decides together, and the lives he has seen of each customer, in such spans. */
const SPAN = 48
const LIVES = 1000
/** A span begins with a night. */
const BEGINS_AT = 22
const NIGHT = 8
/** One false finding in a thousand meter months, at one decision a span. */
const FALSE_SHARE = SPAN / 24 / (1000 * 30.44)
const HOUR_LONG = new Array<number>(SPAN).fill(1)

/**
 * What can be found at all in hourly registers of whole steps: an observer who has seen a thousand spans of each customer with the flow and
 * without it, is told the flow and that it may have begun two days ago, and decides once: by the largest constant flow that the register
 * allows over the two days and over their nights, and by the volume.
 * @returns share of flows found at one false finding in a thousand meter months, in the order of the flows
 */
export function foundByKnownHours(
  seed: number,
  kinds: readonly CustomerKind[],
  customers: number,
  flowsM3H: readonly number[],
  stepM3: number,
): readonly number[] {
  const lives = Array.from({ length: customers }, (_, key) => {
    const customer = drawCustomer(seed, key, new SeededRandom(seed, 401, key).pick(kinds))
    return hourlyUse(seed, key, customer, 0, 0, 2 * (LIVES + 1))
  })
  const usual = lives.map((use, key) => featuresOf(use, 0, stepM3, new SeededRandom(seed, 402, key)))
  return flowsM3H.map((flow) => {
    const without: number[] = []
    const withFlow: number[] = []
    for (const [key, use] of lives.entries()) {
      const clean = usual[key] as Cloud
      const leaky = featuresOf(use, flow, stepM3, new SeededRandom(seed, 402, key))
      const widths = clean.map((values, f) => width(values, leaky[f] as Float64Array))
      for (let i = 0; i < LIVES; i++) {
        without.push(density(leaky, clean, i, widths) - density(clean, clean, i, widths))
        withFlow.push(density(leaky, leaky, i, widths) - density(clean, leaky, i, widths))
      }
    }
    const asked = without.sort((a, b) => b - a)[Math.floor(FALSE_SHARE * without.length)] as number
    return withFlow.filter((log) => log > asked).length / withFlow.length
  })
}

/** One column a feature, one number a span. */
type Cloud = readonly Float64Array[]

function featuresOf(use: Float64Array, flow: number, stepM3: number, random: SeededRandom): Cloud {
  const cloud = [0, 1, 2].map(() => new Float64Array(LIVES))
  let register = random.next() * stepM3
  let shown = 0
  const advances = new Array<number>(SPAN)
  for (let i = 0; i < LIVES; i++) {
    for (let h = 0; h < SPAN; h++) {
      register += (use[BEGINS_AT + i * SPAN + h] as number) + flow
      const steps = Math.floor(register / stepM3)
      advances[h] = (steps - shown) * stepM3
      shown = steps
    }
    const night = (from: number) => leastFlow(advances.slice(from, from + NIGHT), HOUR_LONG.slice(0, NIGHT), stepM3)
    const features = [
      leastFlow(advances, HOUR_LONG, stepM3),
      (night(0) + night(24)) / 2,
      advances.reduce((a, b) => a + b, 0) / SPAN,
    ]
    features.forEach((value, f) => {
      ;(cloud[f] as Float64Array)[i] = Math.log(value + 1e-3)
    })
  }
  return cloud
}

/** Of a kernel, by the narrower of both clouds. */
function width(...clouds: readonly Float64Array[]): number {
  const spread = (values: Float64Array) => {
    const sorted = values.slice().sort()
    return (sorted[Math.floor(0.75 * LIVES)] as number) - (sorted[Math.floor(0.25 * LIVES)] as number)
  }
  return 0.05 + 0.15 * Math.min(...clouds.map(spread))
}

/** Logarithm of the density of a cloud where another one's span lies, by kernels on all other spans. */
function density(cloud: Cloud, at: Cloud, span: number, widths: readonly number[]): number {
  const [a, b, c] = cloud as [Float64Array, Float64Array, Float64Array]
  const [wa, wb, wc] = widths as [number, number, number]
  const [xa, xb, xc] = at.map((values) => values[span] as number) as [number, number, number]
  let sum = 0
  for (let i = 0; i < LIVES; i++) {
    if (i === span) continue
    const u = (xa - (a[i] as number)) / wa
    const v = (xb - (b[i] as number)) / wb
    const w = (xc - (c[i] as number)) / wc
    // Heavy tails: a span like none before is not impossible.
    const k = 1 / (1 + (u * u + v * v + w * w) / 3)
    sum += k * k * k
  }
  return Math.log(sum)
}
