import { type CustomerKind, drawCustomer } from '../../../../datasets/src/low-flow-scenarios/customer.ts'
import { airTemperatureC, hourlyUse } from '../../../../datasets/src/low-flow-scenarios/hourly-use.ts'
import { SeededRandom } from '../../../../datasets/src/seeded-random.ts'

/** Days of which the observer decides together, and the lives he has seen of each customer, in such spans. */
const SPAN = 5
const LIVES = 1200
/** Days before a span from which he takes the customer's present level. */
const LEVEL = 30
/** One false finding in a thousand meter months, at one decision a span. */
const FALSE_SHARE = SPAN / (1000 * 30.44)
/** A boiler wants gas below this, °C. */
const HEATED_BELOW_C = 15.5

/**
 * What can be found at all in daily use: an observer who has seen each customer's law at work over twenty years, knows the weather and the
 * present level, is told the flow and the day on which it may have begun, and decides once on the least and the mean of the five days.
 * @returns share of flows found at one false finding in a thousand meter months, in the order of the flows
 */
export function foundByKnownLaw(
  seed: number,
  kinds: readonly CustomerKind[],
  customers: number,
  flowsM3H: readonly number[],
): readonly number[] {
  const clouds = Array.from({ length: customers }, (_, key) => cloudOf(seed, key, kinds))
  return flowsM3H.map((flow) => {
    const shift = 24 * flow
    const without: number[] = []
    const withFlow: number[] = []
    for (const cloud of clouds) {
      const laws = densities(cloud)
      for (let i = 0; i < LIVES; i++) {
        const [low, mean] = [cloud.low[i] as number, cloud.mean[i] as number]
        without.push(laws(low - shift, mean - shift, i) - laws(low, mean, i))
        withFlow.push(laws(low, mean, i) - laws(low + shift, mean + shift, i))
      }
    }
    const asked = without.sort((a, b) => b - a)[Math.floor(FALSE_SHARE * without.length)] as number
    return withFlow.filter((log) => log > asked).length / withFlow.length
  })
}

interface Cloud {
  /** Least and mean of each span beyond the level, m³ a day. */
  readonly low: Float64Array
  readonly mean: Float64Array
}

function cloudOf(seed: number, key: number, kinds: readonly CustomerKind[]): Cloud {
  const customer = drawCustomer(seed, key, new SeededRandom(seed, 401, key).pick(kinds))
  const days = LEVEL + SPAN * LIVES
  const use = hourlyUse(seed, key, customer, 0, 0, days)
  const own = new Float64Array(days)
  for (let hour = 0; hour < use.length; hour++) {
    const day = Math.floor(hour / 24)
    const cold = Math.max(0, HEATED_BELOW_C - airTemperatureC(seed, 0, day, hour % 24))
    const saved = hour % 24 >= 23 || hour % 24 < 6 ? 0.65 : 1
    own[day] = (own[day] as number) + (use[hour] as number) - customer.heatingM3HK * cold * saved
  }
  const low = new Float64Array(LIVES)
  const mean = new Float64Array(LIVES)
  for (let i = 0; i < LIVES; i++) {
    const from = LEVEL + SPAN * i
    const level = own.slice(from - LEVEL, from).sort()[LEVEL >> 1] as number
    const span = own.subarray(from, from + SPAN)
    low[i] = Math.min(...span) - level
    mean[i] = span.reduce((sum, v) => sum + v, 0) / SPAN - level
  }
  return { low, mean }
}

/** Logarithm of the density at a point, by kernels on the customer's other spans. */
function densities({ low, mean }: Cloud): (low: number, mean: number, without: number) => number {
  const width = (values: Float64Array) => {
    const sorted = values.slice().sort()
    return 0.02 + 0.15 * ((sorted[Math.floor(0.75 * LIVES)] as number) - (sorted[Math.floor(0.25 * LIVES)] as number))
  }
  const [a, b] = [width(low), width(mean)]
  return (x, y, without) => {
    let sum = 0
    for (let i = 0; i < LIVES; i++) {
      if (i === without) continue
      const u = (x - (low[i] as number)) / a
      const v = (y - (mean[i] as number)) / b
      // Heavy tails: a span like none before is not impossible.
      const c = 1 / (1 + (u * u + v * v) / 3)
      sum += c * c * Math.sqrt(c)
    }
    return Math.log(sum)
  }
}
