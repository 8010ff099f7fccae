import { SeededRandom } from '../../../../datasets/src/seeded-random.ts'
import type { LeakIncident } from '../../leak/leak-incident.ts'
import { LeakWatch } from '../../leak/leak-watch.ts'
import { findAsset, type TelemetryPlace } from '../../telemetry/find-asset.ts'
import { TELEMETRY_QUANTITIES, type TelemetryQuantity } from '../../telemetry/telemetry.ts'
import type { KnownLeak } from '../known-leak.ts'
import type { Town } from './town-telemetry.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** Samples an hour of an inlet's instrument, and their noise. */
const SAMPLES = 12
const SAMPLE_NOISE = 0.003
/** A crew goes after so long where nobody has mended anything, so often, and so often misses a leak that is there. */
const CREW_AFTER_MS = 3 * DAY_MS
const CREW_GOES = 0.7
const CREW_MISSES = 0.15
/** A flow is a leak when at least this part of it has really grown. */
const REAL_PART = 0.5

interface WatchedRow {
  readonly at: number
  readonly place: TelemetryPlace
  readonly quantity: TelemetryQuantity
  readonly value: number
}

/**
 * What the leak watch finds in a town, and what people then do about it. It sees the very inlets and registers of the ledger, and no
 * pressures, which these towns have not as physics would. Leaks are mended when the town says so; some of the others are looked for,
 * and what is no leak, or is missed, is closed as nothing.
 */
export function watchedLeaks(town: Town, seed: number): KnownLeak[] {
  const { network, truth } = town
  const random = new SeededRandom(seed, 0xc1e)
  const watch = new LeakWatch(network, { followsPressures: false, calibrateAfterH: Number.POSITIVE_INFINITY })
  const known: KnownLeak[] = []
  const decided = new Map<string, boolean>()
  const daily = new Map(truth.zoneDays.map((day) => [`${day.zone}/${day.from}`, day.shares.leak / 24]))
  const day0 = truth.zoneDays[0]?.from ?? 0
  const leaking = (zone: string, at: number) => {
    const of = (day: number) => daily.get(`${zone}/${day}`) ?? 0
    return of(day0 + Math.floor((at - day0) / DAY_MS) * DAY_MS) - of(day0)
  }
  let nextLook = Number.NEGATIVE_INFINITY
  for (const { at, place, quantity, value } of rowsInOrder(town, random)) {
    watch.observe(at, place, quantity, value)
    if (at < nextLook) continue
    nextLook = at + HOUR_MS
    for (const incident of watch.incidents()) {
      if (!isOpen(incident)) continue
      const { zone, suspectedAt, detectedAt = at } = incident
      const mended = truth.leaks.find(
        (leak) => leak.zone === zone && leak.until !== null && leak.until <= at && leak.until > suspectedAt,
      )
      const key = `${zone}/${suspectedAt}`
      if (mended !== undefined) {
        known.push(asKnown(incident, 'repaired', mended.until))
        watch.close(zone, at, false)
      } else if (at - detectedAt >= CREW_AFTER_MS && !decided.has(key)) {
        const real = leaking(zone, at) >= REAL_PART * incident.standardFlow.p50 * 3600
        const closes = random.chance(CREW_GOES) && (!real || random.chance(CREW_MISSES))
        decided.set(key, closes)
        if (!closes) continue
        known.push(asKnown(incident, 'not_found', null))
        watch.close(zone, at, true)
      }
    }
  }
  watch.finish()
  const told = corrected(known, truth.leaks)
  return [...told, ...watch.incidents().flatMap((one) => (isOpen(one) ? [asKnown(one, 'found', null)] : []))]
}

/** Who mends what a first search missed corrects what was said of it. */
export function corrected(known: readonly KnownLeak[], leaks: Town['truth']['leaks']): KnownLeak[] {
  return known.map((one, i): KnownLeak => {
    if (one.standing !== 'not_found') return one
    const mended = leaks.find(
      ({ zone, from, until, m3_per_hour }) =>
        zone === one.zone &&
        until !== null &&
        Math.abs(from - one.from) <= CREW_AFTER_MS &&
        m3_per_hour >= REAL_PART * one.flow.p50 * 3600 &&
        !known.some((other, j) => j !== i && other.zone === zone && other.until === until),
    )
    return mended === undefined ? one : { ...one, standing: 'repaired', until: mended.until }
  })
}

const isOpen = ({ state }: LeakIncident) => state === 'confirmed' || state === 'located'

const asKnown = (
  { id, kind, zone, startedAt, standardFlow }: LeakIncident,
  standing: KnownLeak['standing'],
  until: number | null,
): KnownLeak => ({ id, zone, kind, from: startedAt, until, flow: standardFlow, standing })

/** Rows as instruments send them: an inlet's hour in samples of five minutes, in order of time; pressures left out. */
function rowsInOrder({ network, telemetry }: Town, random: SeededRandom): WatchedRow[] {
  const rows: WatchedRow[] = []
  for (let i = 0; i < telemetry.rows; i++) {
    const asset = telemetry.assets[telemetry.asset[i] ?? -1]
    const quantity = TELEMETRY_QUANTITIES[telemetry.quantity[i] ?? -1]
    const at = telemetry.time[i] ?? 0
    const value = telemetry.value[i] ?? 0
    if (asset === undefined || quantity === undefined || quantity === 'pressure_pa') continue
    const place = findAsset(network, asset, quantity)
    if (place === undefined) continue
    if (quantity !== 'standard_flow_m3_s') rows.push({ at, place, quantity, value })
    else
      for (let s = 0; s < SAMPLES; s++)
        rows.push({
          at: at - HOUR_MS + (s + 0.5) * (HOUR_MS / SAMPLES) - MINUTE_MS,
          place,
          quantity,
          value: value * (1 + random.normal(0, SAMPLE_NOISE)),
        })
  }
  return rows.sort((a, b) => a.at - b.at)
}
