import { CityCalendar, type NetworkDocument, type Report } from '@gastwin/twin'
import type { CityTruth } from '../city/city-truth.ts'
import { airPressures, customersOf } from './city-crew.ts'
import { Weather } from './demand/weather.ts'
import { BusinessMeters } from './devices/business-meters.ts'
import { type FieldWork, TASKS, type Task } from './devices/field-work.ts'
import { GasInWells } from './devices/gas-in-wells.ts'
import { HouseholdMeters } from './devices/household-meters.ts'
import { Rtus } from './devices/rtus.ts'
import type { Answer } from './devices/service-link.ts'
import { EventHeap } from './event-heap.ts'
import { ConsumptionBook } from './metering/consumption-book.ts'
import { CityPhysics } from './physics/city-physics.ts'
import type { Leak } from './physics/leak.ts'
import { buildTrueNetwork } from './physics/true-network.ts'
import { holeOf, meanUse } from './scenario/planned-leaks.ts'
import { combine } from './scenario/scenario-plan.ts'

const TASK_SPAN = 2 ** 24
const MINUTE = 60_000
/** Runs of a household's report whose answers are all lost, and datagrams lost each way. */
const LOST = 0.004

/** A leak wanted: its flow as a share of what its zone uses on the day that it begins. Times are Unix ms. */
export interface SharedLeak {
  readonly zone: string
  readonly share: number
  readonly from: number
  readonly mendedAt: number
}

export interface LivedCityOptions {
  readonly document: NetworkDocument
  readonly truth: CityTruth
  readonly seed: number
  /** Unix ms of the first instant. */
  readonly start: number
  readonly leaks: readonly SharedLeak[]
  /** Minutes from one solution of the true network to the next, at an instant; a divisor of 60. */
  readonly stepMinutes: (at: number) => number
}

/**
 * The fleet's city without sockets, in event time: the same devices, burning and physics, whose reports are handed over as they
 * would have arrived.
 */
export class LivedCity implements FieldWork {
  readonly start: number
  readonly firstSequence = 0
  readonly speed = 60
  readonly weather: Weather
  readonly book: ConsumptionBook
  readonly physics: CityPhysics
  readonly link: FieldWork['link']
  /** The holes, in the order asked for. */
  readonly leaks: readonly Leak[]
  now: number
  readonly #options: LivedCityOptions
  readonly #heap = new EventHeap()
  readonly #households: HouseholdMeters
  readonly #businesses: BusinessMeters
  readonly #rtus: Rtus
  #said: Report[] = []
  #begun = false
  #draw = 0

  constructor(options: LivedCityOptions) {
    this.#options = options
    const { document, truth, seed, start } = options
    this.start = start
    this.now = start
    this.weather = new Weather(seed, new CityCalendar(document.time_zone).offset(start))
    const fleet = { document, truth, seed, host: '', port: 0, plan: { segments: [] }, scenario: '' }
    const customers = customersOf({ ...fleet, masterKey: new Uint8Array(0) }, combine())
    const leaks = options.leaks.map(({ share, ...leak }, i) => {
      const own = customers.filter(({ meter }) => meter.zone === leak.zone).map(({ consumer }) => consumer)
      const flow = share * meanUse(seed, own, this.weather.dayNumber(leak.from), this.weather)
      return holeOf(document, { ...leak, flow }, seed + i)
    })
    this.leaks = leaks
    this.book = new ConsumptionBook(
      seed,
      customers.map((c) => c.consumer),
      [],
      this.weather,
    )
    const net = buildTrueNetwork(document, truth, leaks)
    this.physics = new CityPhysics(net, leaks, this.book, this.weather, start)
    // Nothing is encoded, so no key and no profile is needed.
    const lookup = { keyOf: () => undefined, statusProfileOf: () => 'standard' as const }
    this.link = {
      lookup,
      hasIdentity: () => false,
      forgetKey: () => undefined,
      report: (_socket, _path, _format, report, _waits, done) => this.#hear(report, done),
    }
    const isFast = ({ meter }: (typeof customers)[number]): boolean => meter.read_schedule === '5min'
    this.#households = new HouseholdMeters(
      this,
      seed,
      customers.filter((c) => !isFast(c)),
    )
    this.#businesses = new BusinessMeters(this, seed, customers.filter(isFast))
    const gas = new GasInWells(this.physics, leaks, net.holes)
    this.#rtus = new Rtus(this, seed, document.rtus, net.network, airPressures(document), [], gas)
  }

  get physicsAt(): number {
    return this.physics.at
  }

  serviceInstant(): number {
    return this.now
  }

  after(wallMs: number): number {
    return this.now + Math.max(1_000, wallMs * this.speed)
  }

  plan(task: Task, device: number, at: number): void {
    this.#heap.push(Math.max(at, this.now), TASKS.indexOf(task) * TASK_SPAN + device)
  }

  async socketTo(): Promise<number> {
    return 0
  }

  socketOf(): number {
    return 0
  }

  isSilent(): boolean {
    return false
  }

  /** Lives on to an instant, and yields what was reported on the way with the instant of its arrival, Unix ms. */
  *until(end: number): Generator<{ readonly at: number; readonly reports: readonly Report[] }> {
    if (!this.#begun) {
      this.#begun = true
      this.book.openDay(this.start)
      this.#households.start()
      this.#businesses.start()
      this.plan('physics', 0, this.start)
    }
    while (this.#heap.next <= end) {
      const at = this.#heap.next
      const code = this.#heap.pop()
      this.now = at
      this.#do(TASKS[Math.floor(code / TASK_SPAN)], code % TASK_SPAN, at)
      if (this.#said.length === 0) continue
      const reports = this.#said
      this.#said = []
      yield { at, reports }
    }
  }

  #hear(report: Report, done: (answer: Answer) => void): void {
    this.#draw += 1
    // A few reports are lost with all their repetitions.
    if (report.kind === 'meter' && (this.#draw * 0.618_033_988_75) % 1 < LOST) {
      done({ kind: 'silent' })
      return
    }
    this.#said.push(report)
    done({ kind: 'accepted', now: this.now, fresh: true, command: undefined })
  }

  #do(task: Task | undefined, device: number, at: number): void {
    if (at >= this.physics.midnight) {
      this.#advance(this.physics.midnight)
      this.book.openDay(at)
    }
    if (task === 'physics') {
      this.#advance(at)
      const step = this.#options.stepMinutes(at) * MINUTE
      this.plan('physics', 0, Math.min(Math.floor(at / step + 1) * step, this.physics.midnight))
    } else if (task === 'household') this.#households.timed(device, at)
    else if (task === 'retry') this.#households.duties.retry(device)
    else if (task === 'button') this.#households.button(device, at)
    else if (task === 'alarm') this.#households.alarm(device, at)
    else if (task === 'business' || task === 'business_retry') this.#businesses.speak(device, task === 'business_retry')
    else if (task === 'rtu') this.#rtus.speak(device)
  }

  #advance(until: number): void {
    const from = this.physics.at
    this.physics.step(until)
    if (this.physics.at > from) this.#rtus.sample(from, this.physics.at)
  }
}
