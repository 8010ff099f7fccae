import { CityCalendar, InvariantError, type Network } from '@gastwin/twin'
import { seriesOf, type Telemetry, type TelemetrySeries } from '../telemetry/telemetry.ts'
import { type MeterSuspicion, suspicions, zoneLosses } from './gap-losses.ts'
import { gapModel, type LossComponent } from './gap-model.ts'
import { GAP_ASSUMPTIONS, type GapOptions } from './gap-options.ts'
import type { GapPeriod, GapShare, KnownLeakPart, ShareEstimate } from './gap-period.ts'
import { homesHours } from './homes-hours.ts'
import { inletHours } from './inlet-hours.ts'
import { INTERVAL_WIDTHS } from './interval-widths.table.ts'
import type { KnownLeak } from './known-leak.ts'
import { type MeterRegister, meterRegisters } from './meter-registers.ts'
import { DAY_MS, dayGrid, type PeriodGrid } from './period-grid.ts'
import { type AskedPeriod, type LossEstimate, type SharePosterior, sharePosterior } from './share-posterior.ts'
import { type SupplyKnowledge, supplyKnowledge } from './supply-state.ts'
import { businessHours, type ZoneDays, zoneDays } from './zone-days.ts'
import { zoneWeather } from './zone-weather.ts'

/** A meter's suspicion together with what the zone's balance says of it. */
export interface WeighedSuspicion extends MeterSuspicion {
  readonly zone: ZoneDays
  readonly loss: LossEstimate | undefined
}

export interface GapExplanation {
  /** By time, then zone in the document's order. */
  readonly periods: readonly GapPeriod[]
  readonly suspicions: readonly WeighedSuspicion[]
}

/** Days whose balances are solved together: zones of a town share doubts, but a matrix has its price. */
const MOST_TOGETHER = 420
/** A meter first seen later than so many days after the others is a new one. */
const NEW_METER_DAYS = 10

/**
 * The ledger of every zone and what its gap is made of. A pure function of its arguments: the same readings, in whatever order they
 * came, give the same answer.
 * @throws InvariantError TWN_INVARIANT when the assumptions make no covariance, as with a deviation that is not a number
 * @returns no periods when no whole day lies between the first reading of all meters and the last inlet sample
 */
export function explainGap(network: Network, telemetry: Telemetry, options: GapOptions = {}): GapExplanation {
  return explainGapOfSeries(network, seriesOf(telemetry), options)
}

/** The same for readings that stand by asset and quantity in order of time already. @throws as `explainGap` */
export function explainGapOfSeries(
  network: Network,
  series: readonly TelemetrySeries[],
  options: GapOptions = {},
): GapExplanation {
  const assumptions = { ...GAP_ASSUMPTIONS, ...options.assumptions }
  const registers = meterRegisters(network, series)
  const grid = gridOf(network, registers, series, options)
  const periods = askedDays(grid, options)
  if (periods.length === 0 || registers.length === 0) return { periods: [], suspicions: [] }
  const counted = network.zones.ids.map((_, zone) => ({
    business: businessHours(registers, zone, grid),
    homes: homesHours(registers, zone, grid),
  }))
  const edges = inletHours(network, series, grid, counted)
  const weather = zoneWeather(network, series, grid, assumptions)
  const leaks = [...(options.leaks ?? [])].sort((a, b) => a.from - b.from || (a.id < b.id ? -1 : 1))
  const leaksOf = (id: string | undefined) => leaks.filter(({ zone }) => zone === id)
  const rows = options.zones ?? network.zones.ids.map((_, zone) => zone)
  const zones = rows.map((zone) =>
    zoneDays(
      network,
      zone,
      registers,
      edges,
      weather,
      grid,
      assumptions,
      options.opening === undefined ? 0 : NEW_METER_DAYS,
      leaksOf(network.zones.ids[zone]),
    ),
  )
  const utcOffset = new CityCalendar(network.timeZone).offset(grid.begin)

  const found: { readonly zone: number; readonly from: number; readonly period: GapPeriod }[] = []
  const weighed: WeighedSuspicion[] = []
  const together = Math.max(1, Math.floor(MOST_TOGETHER / grid.days))
  for (let first = 0; first < zones.length; first += together) {
    const block = zones.slice(first, first + together)
    const seen = block.map((zone) => suspicions(zone, utcOffset))
    const losses = block.flatMap((zone, z) => zoneLosses(zone, z, seen[z] ?? [], grid, assumptions, leaksOf(zone.id)))
    const model = gapModel(block, edges, network.zones.inlets, losses, assumptions, weather.barometerMeasured)
    const asked = block.flatMap((_, zone) => periods.map((period): AskedPeriod => ({ zone, ...period })))
    const posterior = sharePosterior(model, asked, options.seed ?? 1, options.sweeps ?? 600, INTERVAL_WIDTHS)
    if (posterior === undefined)
      throw new InvariantError('TWN_INVARIANT', 'the doubts about a gap are no covariance', {
        zones: block.map((zone) => zone.id),
      })
    asked.forEach((period, p) => {
      const zone = block[period.zone]
      const shares = posterior.shares[p]
      if (zone === undefined || shares === undefined) return
      const known = losses.flatMap((loss, j): KnownLeakPart[] => {
        const leak = loss.zone === period.zone ? leaksOf(zone.id).find(({ id }) => id === loss.known) : undefined
        return leak === undefined ? [] : partOf(leak, posterior, j, p, loss, period)
      })
      const supply = supplyKnowledge(zone, network.zones.inlets[zone.zone] ?? [], edges, period)
      found.push({ zone: zone.zone, from: period.fromDay, period: ledgerOf(zone, grid, period, supply, shares, known) })
    })
    const byMeter = new Map<number, LossEstimate>()
    losses.forEach((loss, j) => {
      const estimate = posterior.losses[j]
      const known = byMeter.get(loss.meter)
      if (loss.meter < 0 || estimate === undefined || (loss.share !== 'theft' && loss.mayBe === undefined)) return
      if (known === undefined || estimate.probability > known.probability) byMeter.set(loss.meter, estimate)
    })
    block.forEach((zone, z) => {
      for (const one of seen[z] ?? []) weighed.push({ ...one, zone, loss: byMeter.get(one.meter.register.meter) })
    })
  }
  found.sort((a, b) => a.from - b.from || a.zone - b.zone)
  return { periods: found.map(({ period }) => period), suspicions: weighed }
}

/** Days from the first reading of all meters, or of the share that has to be known, to the last sample. */
function gridOf(
  network: Network,
  registers: readonly MeterRegister[],
  series: readonly TelemetrySeries[],
  options: GapOptions,
): PeriodGrid {
  const firsts = Float64Array.from(registers, ({ time }) => time[0] as number).sort()
  const begin = firsts[0] ?? Number.POSITIVE_INFINITY
  const known = firsts.filter((at) => at - begin < NEW_METER_DAYS * DAY_MS)
  const first = known[Math.max(0, Math.ceil(known.length * (options.opening ?? 1)) - 1)] ?? begin
  const last = series.reduce((at, { time }) => Math.max(at, time[time.length - 1] as number), Number.NEGATIVE_INFINITY)
  const day = options.from ?? options.periods?.[0]?.from
  const phase =
    day !== undefined
      ? ((day % DAY_MS) + DAY_MS) % DAY_MS
      : options.localDays === true
        ? (DAY_MS - (new CityCalendar(network.timeZone).offset(first) % DAY_MS)) % DAY_MS
        : 0
  return dayGrid(first, last, phase)
}

function askedDays(grid: PeriodGrid, options: GapOptions): { readonly fromDay: number; readonly toDay: number }[] {
  const dayOf = (at: number) => Math.round((at - grid.begin) / DAY_MS)
  if (options.periods !== undefined)
    return options.periods
      .map(({ from, to }) => ({ fromDay: dayOf(from), toDay: dayOf(to) }))
      .filter(({ fromDay, toDay }) => fromDay >= 0 && toDay > fromDay && toDay <= grid.days)
  const first = Math.max(0, dayOf(options.from ?? grid.begin))
  const last = Math.min(grid.days, Math.floor(((options.to ?? Number.POSITIVE_INFINITY) - grid.begin) / DAY_MS))
  const every = options.everyDays ?? 1
  const periods: { fromDay: number; toDay: number }[] = []
  for (let day = first; day + every <= last; day += every) periods.push({ fromDay: day, toDay: day + every })
  return periods
}

function ledgerOf(
  zone: ZoneDays,
  grid: PeriodGrid,
  { fromDay, toDay }: AskedPeriod,
  { state, doubt }: SupplyKnowledge,
  residual: Readonly<Record<Exclude<GapShare, 'unread'>, ShareEstimate>>,
  known: readonly KnownLeakPart[],
): GapPeriod {
  const sum = (of: Float64Array) => of.subarray(fromDay, toDay).reduce((total, v) => total + v, 0)
  const supply = sum(zone.supply)
  const sales = sum(zone.sales)
  const linepack = sum(zone.linepackChange)
  const ownUse = sum(zone.ownUse)
  const unread = sum(zone.unread)
  const gap = supply - sales - linepack - ownUse
  const isKnown = state !== 'not_measured'
  const unreadSpread =
    1.645 *
    INTERVAL_WIDTHS.unread *
    Math.sqrt((zone.unreadVariance[fromDay] as number) + (zone.unreadVariance[toDay] as number))
  // What registers advanced beyond what was billed on time; its error is that of the residual's part.
  const early = sum(zone.advance) - sales - unread
  const timing = shifted(residual.timing, early)
  return {
    zone: zone.id,
    from: grid.begin + fromDay * DAY_MS,
    to: grid.begin + toDay * DAY_MS,
    supply_m3: supply,
    supply_state: state,
    supply_doubt_m3: doubt,
    sales_m3: sales,
    linepack_change_m3: linepack,
    own_use_m3: ownUse,
    gap_m3: isKnown ? gap : null,
    gap_rate: isKnown && supply > 0 ? gap / supply : null,
    shares: isKnown
      ? {
          leak: residual.leak,
          theft: residual.theft,
          meter_bias: residual.meter_bias,
          temperature_pressure: residual.temperature_pressure,
          timing,
          unread: { p05: unread - unreadSpread, p50: unread, p95: unread + unreadSpread },
          unexplained: residual.unexplained,
        }
      : null,
    known_leaks: isKnown ? known : [],
    inlet_coverage: sum(zone.coverage) / (toDay - fromDay),
    meters: zone.meters.length,
    unread_meters: zone.missing[toDay] as number,
  }
}

/** What a known leak takes of a period; nothing when it does not touch it. */
function partOf(
  { id, kind, standing, from, until }: KnownLeak,
  posterior: SharePosterior,
  j: number,
  p: number,
  loss: LossComponent,
  { fromDay, toDay }: AskedPeriod,
): KnownLeakPart[] {
  const volume_m3 = posterior.known[j]?.[p]
  const touches = loss.pattern.subarray(fromDay, toDay).some((volume) => volume > 0)
  if (volume_m3 === undefined || !touches) return []
  const exists = posterior.losses[j]?.probability ?? 0
  const probability =
    loss.share === 'leak' ? exists * (1 - (loss.mayBe ?? []).reduce((sum, one) => sum + one.probability, 0)) : 0
  return [{ id, kind, standing, from, until, probability, volume_m3 }]
}

const shifted = ({ p05, p50, p95 }: ShareEstimate, by: number): ShareEstimate => ({
  p05: p05 + by,
  p50: p50 + by,
  p95: p95 + by,
})
