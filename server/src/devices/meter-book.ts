import { type Meter, type Reading, type Report, readingTime, reportTimes } from '@gastwin/twin'
import type { LogRecord } from '../log/event-log.ts'
import { readEvent } from '../log/platform-events.ts'
import type { KnownFitting } from './fitting.ts'
import { type KnownPoints, PointBook } from './point-book.ts'

const FIRST_WORD = Buffer.from('{"type":"meter_fitted"')

/**
 * Which meter stands at which point of the network, at every place of the log. Whoever reads the log hands every platform event
 * over in its turn, and asks of every report to which point it belongs: so twin, balances, ledger and database all see one
 * register for each point, which goes on when the meter is changed.
 */
export class MeterBook {
  /** In the order of the log; grows. */
  readonly fittings: KnownFitting[]
  /** Points beside the network document. */
  readonly points: PointBook
  readonly #ofNumber = new Map<number, KnownFitting[]>()

  constructor(fittings: readonly KnownFitting[] = [], points: readonly KnownPoints[] = []) {
    this.fittings = []
    this.points = new PointBook(points)
    for (const fitting of fittings) this.hold(fitting)
  }

  /** A fitting holds from the record behind its own on. */
  hold(fitting: KnownFitting): void {
    if (fitting.since <= (this.fittings.at(-1)?.since ?? -1)) return
    this.fittings.push(fitting)
    for (const number of new Set([fitting.point, fitting.device, fitting.before])) {
      const known = this.#ofNumber.get(number)
      if (known) known.push(fitting)
      else this.#ofNumber.set(number, [fitting])
    }
  }

  /** Reads one record of the log in its turn; whatever is not about meters is passed over. @returns points that come with it */
  take(record: LogRecord): readonly Meter[] {
    if (!FIRST_WORD.every((byte, i) => record.body[i] === byte)) return this.points.take(record)
    const event = readEvent(record)
    if (event?.type === 'meter_fitted') this.hold({ ...event.fitting, since: record.position })
    return []
  }

  /**
   * A report as its point of the network hears it: under the point's number, the billed register going on where the meter before
   * ended, without readings from before the meter was fitted. Most devices stand where they always stood: their reports come
   * back as they are.
   * @param position of the report in the log. @param receivedAt Unix ms
   * @returns undefined when the device was taken away from its point and stands nowhere, or was no point yet
   */
  atPoint(report: Report, position: number, receivedAt: number): Report | undefined {
    if (this.points.isBefore(report.device, position)) return undefined
    const known = this.#ofNumber.get(report.device)
    const newest = known?.findLast(({ since }) => since < position)
    if (newest === undefined) return report
    const own = known?.findLast(({ device, since }) => device === report.device && since < position)
    if (own === undefined || this.#at(own.point, position) !== own) return undefined
    return movedTo(own, report, receivedAt)
  }

  /** Number of the meter that stands at a point of the network; undefined when it was taken to another. */
  deviceAt(point: number): number | undefined {
    const here = this.#at(point, Number.POSITIVE_INFINITY)
    if (here !== undefined) return here.device
    return this.#ofNumber.has(point) && this.pointOf(point) !== point ? undefined : point
  }

  /** The point of the network at which a device stands; undefined when it was taken away. */
  pointOf(device: number): number | undefined {
    const own = this.#ofNumber.get(device)?.findLast((one) => one.device === device)
    if (own !== undefined) return this.#at(own.point, Number.POSITIVE_INFINITY) === own ? own.point : undefined
    return this.#ofNumber.has(device) ? undefined : device
  }

  /** What stood at a point, oldest first. */
  historyOf(point: number): readonly KnownFitting[] {
    return (this.#ofNumber.get(point) ?? []).filter((one) => one.point === point)
  }

  #at(point: number, position: number): KnownFitting | undefined {
    return this.#ofNumber.get(point)?.findLast((one) => one.point === point && one.since < position)
  }
}

function movedTo(fitting: KnownFitting, report: Report, receivedAt: number): Report {
  const times = reportTimes(report, receivedAt)
  const readings: Reading[] = []
  for (const reading of report.readings) {
    // Its settlement day and what it counted in the store are not the point's.
    if (reading.quantity === 'settlement_index_m3') continue
    if (readingTime(reading.at, times, receivedAt) < fitting.fitted_at) continue
    readings.push(
      reading.quantity === fitting.quantity ? { ...reading, value: reading.value + fitting.offset_m3 } : reading,
    )
  }
  return { ...report, device: fitting.point, readings }
}
