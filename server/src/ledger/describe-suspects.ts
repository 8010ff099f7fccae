import {
  type GapTariff,
  type MeterSuspect,
  marginalPrice,
  suspicionDays,
  type TamperEvent,
  type WeighedSuspicion,
} from '@gastwin/analytics'
import { METER_CLASSES, type Network } from '@gastwin/twin'
import type { Suspect } from '../contract/index.ts'
import type { EvidenceBody } from './ledger-messages.ts'

const RESIDENTIAL = METER_CLASSES.indexOf('residential')
const MONTH_DAYS = 365.25 / 12

/** A suspicion as the API tells it. @param use m³ a day by its register */
export function describeSuspect(network: Network, one: MeterSuspect, use: number, tariff: GapTariff): Suspect {
  const { meters } = network
  const row = meters.meterOf(one.meter)
  const missing = one.m3_per_day?.p50 ?? null
  const price = marginalPrice(tariff, meters.class[row] === RESIDENTIAL, (use + (missing ?? 0)) * 365.25)
  const place = (value: number | undefined) => (value === undefined || Number.isNaN(value) ? null : value)
  return {
    meter: one.meter,
    device: String(meters.device[row] ?? ''),
    zone: one.zone,
    kind: one.kind,
    probability: Math.min(1, Math.max(0, one.score)),
    since: one.since,
    m3_per_day: one.m3_per_day,
    yuan_per_month: missing === null ? null : missing * MONTH_DAYS * price,
    lon: place(meters.lon[row]),
    lat: place(meters.lat[row]),
    facts: one.facts.map(({ code, value, unit, at }) => ({ code, value: finite(value), unit, at })),
  }
}

const finite = (value: number | null) => (value !== null && Number.isFinite(value) ? value : null)

/** What people look at to judge a suspicion themselves. */
export const describeEvidence = (one: WeighedSuspicion, events: readonly TamperEvent[]): EvidenceBody => ({
  days: suspicionDays(one).map((day) => ({ ...day })),
  events: events.map(({ code, at }) => ({ code, at })),
})
