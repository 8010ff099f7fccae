import { UsageError } from '../errors.ts'
import type { Report } from '../reading/report.ts'
import { readingTime, reportTimes } from '../state/device-clock.ts'
import type { CityCalendar } from '../time/city-day.ts'
import type { ConcentratorArchive } from './concentrator.ts'
import { ConcentratorTwin, type MeterBehind, type SavedConcentrator } from './concentrator-twin.ts'
import { dueTimes, type ReadingPlan } from './reading-plan.ts'

/** What an operator may ask of a concentrator: an event of the log. No meters means all of them. */
export type ConcentratorAct =
  /** Read values due in [from, to] once more, or without times the registers as they stand. */
  | {
      readonly kind: 'read'
      readonly concentrator: number
      readonly meters: readonly number[] | null
      readonly from: number | null
      readonly to: number | null
    }
  | {
      readonly kind: 'plan'
      readonly concentrator: number
      readonly meters: readonly number[] | null
      readonly plan: ReadingPlan
    }
  | { readonly kind: 'network'; readonly concentrator: number; readonly meters: readonly number[] | null }

/** The book as JSON. */
export interface SavedConcentrators {
  readonly nextOrder: number
  readonly concentrators: readonly { readonly number: number; readonly saved: SavedConcentrator }[]
}

/** All concentrators of the city. */
export class ConcentratorBook {
  readonly #twins = new Map<number, ConcentratorTwin>()
  readonly #ofMeter = new Map<number, ConcentratorTwin>()
  readonly #ofAddress = new Map<number, ConcentratorTwin>()
  readonly #calendar: CityCalendar
  #nextOrder = 1

  constructor(archives: readonly ConcentratorArchive[], calendar: CityCalendar) {
    this.#calendar = calendar
    for (const archive of archives) {
      const twin = new ConcentratorTwin(archive)
      this.#twins.set(archive.number, twin)
      for (const { number } of archive.meters) {
        this.#ofMeter.set(number, twin)
        this.#ofAddress.set(number, twin)
      }
    }
  }

  get twins(): readonly ConcentratorTwin[] {
    return [...this.#twins.values()]
  }
  find(number: number): ConcentratorTwin | undefined {
    return this.#twins.get(number)
  }
  /** The concentrator that reads a meter; undefined for meters that speak for themselves. */
  ofMeter(meter: number): ConcentratorTwin | undefined {
    return this.#ofMeter.get(meter)
  }

  /** Another meter stands at a point of the network. @param device its number */
  fitted(point: number, device: number): void {
    const twin = this.#ofMeter.get(point)
    const before = twin?.meter(point)?.address
    if (twin === undefined || before === undefined) return
    twin.fitted(point, device)
    this.#ofAddress.delete(before)
    this.#ofAddress.set(device, twin)
  }

  /** The concentrator behind which a meter of this number stands; undefined for those that speak for themselves. */
  reaching(device: number): ConcentratorTwin | undefined {
    return this.#ofAddress.get(device)
  }

  /** A message of a concentrator. @param receivedAt Unix ms */
  hear(report: Report, receivedAt: number, host = ''): 'fresh' | 'duplicate' | 'unknown_device' {
    const twin = this.#twins.get(report.device)
    if (twin === undefined) return 'unknown_device'
    const fresh = twin.hear(report, receivedAt, this.#calendar, () => this.#number(), host)
    return fresh ? 'fresh' : 'duplicate'
  }

  /** A report of any meter: values of those behind a concentrator are what was waited for. */
  take(report: Report, receivedAt: number): void {
    if (this.#ofMeter.size === 0) return
    const twin = this.#ofMeter.get(report.device)
    const meter = twin?.meter(report.device)
    if (twin === undefined || meter === undefined) return
    const times = reportTimes(report, receivedAt)
    for (const { quantity, at, value } of report.readings)
      if (quantity === meter.archived.quantity && Number.isFinite(value))
        twin.value(meter, readingTime(at, times, receivedAt), value, receivedAt)
  }

  /** What a concentrator or its archive refuses of an act; undefined when it can be done. */
  refusal(act: ConcentratorAct): string | undefined {
    const twin = this.#twins.get(act.concentrator)
    if (twin === undefined) return `no concentrator has the number ${act.concentrator}`
    const stranger = act.meters?.find((number) => twin.meter(number) === undefined)
    return stranger === undefined ? undefined : `meter ${stranger} is not behind concentrator ${act.concentrator}`
  }

  /** Does what an operator asked. @param at Unix ms of the event. @throws UsageError API_NOT_FOUND */
  act(act: ConcentratorAct, at: number): { readonly values: number } {
    const refusal = this.refusal(act)
    const twin = this.#twins.get(act.concentrator)
    if (refusal !== undefined || twin === undefined) throw new UsageError('API_NOT_FOUND', refusal ?? '')
    const meters = act.meters ?? undefined
    if (act.kind === 'plan') twin.setPlan(act.plan, meters)
    else if (act.kind === 'network') twin.form(meters, this.#number(), at)
    else {
      const newest = act.from === null && act.to === null
      const due = (meter: MeterBehind): readonly number[] =>
        newest
          ? [Math.ceil(at / 1000) * 1000]
          : dueTimes(meter.duty.plan, (act.from ?? at) - 1, Math.min(act.to ?? at, at), this.#calendar)
      return { values: twin.want(meters, newest ? 'newest' : 'value', due) }
    }
    return { values: 0 }
  }

  save(): SavedConcentrators {
    return {
      nextOrder: this.#nextOrder,
      concentrators: [...this.#twins].map(([number, twin]) => ({ number, saved: twin.save() })),
    }
  }

  load({ nextOrder, concentrators }: SavedConcentrators): void {
    this.#nextOrder = nextOrder
    for (const { number, saved } of concentrators) {
      for (const { number: point, address } of saved.meters) this.fitted(point, address ?? point)
      this.#twins.get(number)?.load(saved)
    }
  }

  #number(): number {
    const number = this.#nextOrder
    this.#nextOrder = number === 0xffff_ffff ? 1 : number + 1
    return number
  }
}
