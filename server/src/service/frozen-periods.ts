import { CITY } from '@gastwin/analytics'
import type { Logger } from 'pino'
import type { EventLog } from '../log/event-log.ts'
import { type PlatformEvent, recordEvents } from '../log/platform-events.ts'
import type { CityService } from './city-service.ts'
import { fullHour } from './zone-views.ts'

const HOUR_MS = 3_600_000
const LOOK_EVERY_MS = 5_000

/**
 * Writes the balance of every complete hour into the log, from where the database keeps it; yesterday's day and the months with it,
 * again when late readings changed them.
 */
export function keepFrozenPeriods(service: CityService, log: EventLog, logger: Logger): NodeJS.Timeout {
  let written = fullHour(service.city, service.now())
  return setInterval(() => {
    const now = service.now()
    const hour = fullHour(service.city, now)
    if (hour <= written) return
    const from = Math.max(written, hour - 48 * HOUR_MS)
    written = hour
    recordEvents(log, periodsOf(service, from, hour, now)).catch((error: unknown) =>
      logger.error({ err: error }, 'balances of complete hours could not be recorded'),
    )
  }, LOOK_EVERY_MS)
}

function periodsOf(service: CityService, from: number, to: number, now: number): PlatformEvent[] {
  const { city } = service
  const { calendar, balances } = city
  const events: PlatformEvent[] = []
  for (const zone of [...city.network.zones.ids, CITY]) {
    const add = (span: 'hour' | 'day' | 'month', begin: number, end: number) =>
      events.push({ type: 'zone_period', at: now, span, period: balances.period(zone, begin, end, now) })
    for (let at = from; at < to; at += HOUR_MS) add('hour', at, at + HOUR_MS)
    const today = calendar.dayStart(to)
    const yesterday = calendar.dayStart(today - 1)
    add('day', yesterday, today)
    // The month is on record once it is over, and again while its last day still gathers late readings.
    if (calendar.monthStart(today) === today) add('month', calendar.monthStart(today - 1), today)
  }
  return events
}
