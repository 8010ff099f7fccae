import {
  type GapTariff,
  marginalPrice,
  suspicionDays,
  type TamperEvent,
  type WeighedSuspicion,
} from '@gastwin/analytics'
import { METER_CLASSES, type Network } from '@gastwin/twin'
import type { SuspectFinding, SuspectReason } from '../contract/index.ts'
import type { EvidenceBody } from './ledger-messages.ts'

const RESIDENTIAL = METER_CLASSES.indexOf('residential')
const MONTH_DAYS = 365.25 / 12
/** Gas that nobody pays; what flows behind a meter is paid by the customer. */
const UNPAID: ReadonlySet<SuspectReason['kind']> = new Set(['theft', 'stopped', 'oversized'])

/**
 * A suspected meter as the API tells it.
 * @param reasons best supported first, at least one
 * @param use m³ a day by its register
 * @param modelScore rank by the learned model, 0 … 1; null where none has scored it
 */
export function describeSuspect(
  { meters }: Network,
  { zone, meter: { register } }: WeighedSuspicion,
  reasons: readonly SuspectReason[],
  use: number,
  tariff: GapTariff,
  modelScore: number | null,
): SuspectFinding {
  const [first, ...also] = reasons as readonly [SuspectReason, ...SuspectReason[]]
  const row = register.meter
  const size = UNPAID.has(first.kind) ? (first.m3_per_day?.p50 ?? null) : null
  const price = marginalPrice(tariff, meters.class[row] === RESIDENTIAL, (use + (size ?? 0)) * 365.25)
  const place = (value: number | undefined) => (value === undefined || Number.isNaN(value) ? null : value)
  return {
    meter: meters.idOf(row),
    device: String(meters.device[row] ?? ''),
    zone: zone.id,
    ...first,
    yuan_per_month: size === null ? null : size * MONTH_DAYS * price,
    lon: place(meters.lon[row]),
    lat: place(meters.lat[row]),
    model_score: modelScore,
    also,
  }
}

/** What people look at to judge a suspicion themselves. */
export const describeEvidence = (one: WeighedSuspicion, events: readonly TamperEvent[]): EvidenceBody => ({
  days: suspicionDays(one).map((day) => ({ ...day })),
  events: events.map(({ code, at }) => ({ code, at })),
})
