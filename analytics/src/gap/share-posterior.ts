import { dot, invertPositive, times } from './dense-matrix.ts'
import { type GapModel, type LossComponent, type LossShare, SMOOTH_SHARES, type SmoothShare } from './gap-model.ts'
import type { GapShare, ShareEstimate } from './gap-period.ts'
import { LossSampler } from './loss-sampler.ts'
import { SeededDraws } from './seeded-draws.ts'

/** Days [fromDay, toDay) of the zone at a place in the block. */
export interface AskedPeriod {
  readonly zone: number
  readonly fromDay: number
  readonly toDay: number
}

/** What the sampler found of one loss. */
export interface LossEstimate {
  readonly probability: number
  /** Of its factor, given that it exists. */
  readonly p05: number
  readonly p50: number
  readonly p95: number
}

export interface SharePosterior {
  /** In the order of the periods asked for: what each share adds to the residual, all but `unread`. */
  readonly shares: readonly Readonly<Record<Exclude<GapShare, 'unread'>, ShareEstimate>>[]
  readonly losses: readonly LossEstimate[]
  /** Per loss: m³ that it adds to the leak share of each period asked for; for losses of known leaks only. */
  readonly known: readonly (readonly ShareEstimate[] | undefined)[]
}

const WARM_UP = 0.25

/**
 * Samples which losses exist and how large they are (`LossSampler`), everything else being normal and solved exactly.
 * Each sample splits the residual completely, so that the means of the shares add up to it.
 * @returns undefined when the covariances are no such
 */
export function sharePosterior(
  model: GapModel,
  periods: readonly AskedPeriod[],
  seed: number,
  sweeps: number,
  widths: Readonly<Record<Exclude<GapShare, 'unread'>, number>>,
): SharePosterior | undefined {
  const { size, losses } = model
  const total = new Float64Array(size * size)
  for (const share of SMOOTH_SHARES) {
    const own = model.covariance[share]
    for (let i = 0; i < total.length; i++) total[i] = (total[i] as number) + (own[i] as number)
  }
  const precision = invertPositive(total, size)
  if (precision === undefined) return undefined
  const draws = new SeededDraws(seed)
  const residual = model.observed.slice()
  for (const share of SMOOTH_SHARES)
    for (let i = 0; i < size; i++) residual[i] = (residual[i] as number) - (model.mean[share][i] as number)

  const sampler = new LossSampler(model, residual, precision, draws)
  const { factor } = sampler
  const smooth = prepareSmooth(model, periods, precision)
  const kept = Math.max(1, Math.round(sweeps * (1 - WARM_UP)))
  const names = ['leak', 'theft', 'meter_bias', 'temperature_pressure', 'timing', 'unexplained'] as const
  const samples = periods.map(
    () =>
      Object.fromEntries(names.map((name) => [name, new Float64Array(kept)])) as Record<
        (typeof names)[number],
        Float64Array
      >,
  )
  const perPeriod = losses.map((loss) =>
    periods.map((period) => {
      let sum = 0
      if (period.zone === loss.zone)
        for (let day = period.fromDay; day < period.toDay; day++) sum += loss.pattern[day] as number
      return sum
    }),
  )
  const existing = losses.map((): number[] => [])
  const leaked = losses.map((loss) => (loss.known === undefined ? undefined : new Float64Array(kept)))

  for (let sweep = 0; sweep < sweeps; sweep++) {
    sampler.sweep()
    const k = sweep - (sweeps - kept)
    if (k < 0) continue
    const present = model.zones.map(
      (): { readonly j: number; readonly value: number; readonly share: LossShare }[] => [],
    )
    losses.forEach((loss, j) => {
      const value = factor[j] as number
      if (value === 0) return
      const share = drawShare(loss, draws)
      existing[j]?.push(value)
      const own = leaked[j]
      if (own !== undefined && share === 'leak') own[k] = value
      present[loss.zone]?.push({ j, value, share })
    })
    periods.forEach((period, p) => {
      const own = samples[p] as (typeof samples)[number]
      for (const { j, value, share } of present[period.zone] ?? []) {
        const samplesOf = own[share]
        samplesOf[k] = (samplesOf[k] as number) + value * (perPeriod[j]?.[p] as number)
      }
      for (const share of SMOOTH_SHARES) {
        const { weights, mean } = (smooth[p] as Record<SmoothShare, SmoothPeriod>)[share]
        own[share][k] = (own[share][k] as number) + mean + dot(weights, residual)
      }
    })
  }
  return {
    shares: periods.map((_, p) =>
      Object.fromEntries(
        names.map((name) => {
          const deviation = isSmooth(name) ? (smooth[p]?.[name].deviation ?? 0) : 0
          return [
            name,
            summary(
              samples[p]?.[name] as Float64Array,
              deviation,
              widths[name],
              name === 'leak' || name === 'theft' ? 0 : Number.NEGATIVE_INFINITY,
              draws,
            ),
          ]
        }),
      ),
    ) as unknown as SharePosterior['shares'],
    losses: existing.map((values) => {
      values.sort((a, b) => a - b)
      const at = (part: number) => values[Math.min(values.length - 1, Math.floor(part * values.length))] ?? 0
      return { probability: values.length / kept, p05: at(0.05), p50: at(0.5), p95: at(0.95) }
    }),
    known: leaked.map((factors, j) =>
      factors === undefined
        ? undefined
        : periods.map((_, p) =>
            summary(
              factors.map((value) => value * (perPeriod[j]?.[p] as number)),
              0,
              widths.leak,
              0,
              draws,
            ),
          ),
    ),
  }
}

/** The share that a loss belongs to in one sample. */
function drawShare({ share, mayBe }: LossComponent, draws: SeededDraws): LossShare {
  if (mayBe === undefined) return share
  let left = draws.uniform()
  for (const other of mayBe) {
    left -= other.probability
    if (left < 0) return other.share
  }
  return share
}

interface SmoothPeriod {
  /** Its estimate is mean + weights · residual. */
  readonly weights: Float64Array
  readonly mean: number
  /** Of what is left uncertain once the losses are known. */
  readonly deviation: number
}

function prepareSmooth(
  model: GapModel,
  periods: readonly AskedPeriod[],
  precision: Float64Array,
): Record<SmoothShare, SmoothPeriod>[] {
  const { size, days } = model
  return periods.map(({ zone, fromDay, toDay }) => {
    const entries = SMOOTH_SHARES.map((share): [SmoothShare, SmoothPeriod] => {
      const covariance = model.covariance[share]
      const together = new Float64Array(size)
      let mean = 0
      let variance = 0
      for (let i = zone * days + fromDay; i < zone * days + toDay; i++) {
        mean += model.mean[share][i] as number
        for (let k = 0; k < size; k++) together[k] = (together[k] as number) + (covariance[i * size + k] as number)
      }
      for (let i = zone * days + fromDay; i < zone * days + toDay; i++) variance += together[i] as number
      const weights = times(precision, together)
      return [share, { weights, mean, deviation: Math.sqrt(Math.max(0, variance - dot(together, weights))) }]
    })
    return Object.fromEntries(entries) as Record<SmoothShare, SmoothPeriod>
  })
}

const isSmooth = (name: string): name is SmoothShare => (SMOOTH_SHARES as readonly string[]).includes(name)

/** Mean and 90 % interval; the interval always holds the mean. */
function summary(
  values: Float64Array,
  deviation: number,
  width: number,
  floor: number,
  draws: SeededDraws,
): ShareEstimate {
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length
  const noisy = deviation > 0 ? values.map((v) => v + deviation * draws.normal()) : values.slice()
  noisy.sort()
  const at = (part: number) => noisy[Math.min(noisy.length - 1, Math.floor(part * noisy.length))] as number
  const low = Math.max(Math.min(0, at(0.05) - mean) * width, floor - mean)
  const high = Math.max(0, at(0.95) - mean) * width
  return { p05: mean + low, p50: mean, p95: mean + high }
}
