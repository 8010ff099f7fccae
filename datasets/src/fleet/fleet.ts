import { CityCalendar, eventTime, speedAt, UsageError } from '@gastwin/twin'
import { airPressures, customersOf, radioRandom } from './city-crew.ts'
import { Weather } from './demand/weather.ts'
import { Attackers } from './devices/attackers.ts'
import { BusinessMeters } from './devices/business-meters.ts'
import { Concentrators } from './devices/concentrators.ts'
import { type FieldWork, TASKS, type Task } from './devices/field-work.ts'
import { FirmwareUpdates } from './devices/firmware-updates.ts'
import { FirstContacts } from './devices/first-contacts.ts'
import { GasInWells } from './devices/gas-in-wells.ts'
import { HouseholdMeters } from './devices/household-meters.ts'
import { RemoteValves } from './devices/remote-valves.ts'
import { Rtus } from './devices/rtus.ts'
import { ServiceLink } from './devices/service-link.ts'
import { EventHeap } from './event-heap.ts'
import type { FleetOptions } from './fleet-options.ts'
import { ConsumptionBook } from './metering/consumption-book.ts'
import { CityPhysics } from './physics/city-physics.ts'
import { stepLength } from './physics/step-length.ts'
import { buildTrueNetwork } from './physics/true-network.ts'
import { CoapClientPool } from './radio/coap-client-pool.ts'
import type { ScenarioPlan } from './scenario/scenario-plan.ts'
import { scenarios } from './scenario/scenarios.ts'

/** A fleet that was away longer than this does not catch up: its devices were off. */
const CATCH_UP_MS = 6 * 3_600_000
const TASK_SPAN = 2 ** 24
/** Work of one turn, ms, before the sockets are looked after again. */
const TURN_MS = 12

/** A city of emulated devices that report to a service over CoAP, and the gas behind them. */
export class Fleet implements FieldWork {
  readonly start: number
  readonly firstSequence: number
  readonly weather: Weather
  readonly book: ConsumptionBook
  readonly physics: CityPhysics
  readonly link: ServiceLink
  readonly scenario: ScenarioPlan
  readonly valves: RemoteValves
  readonly households: HouseholdMeters
  readonly businesses: BusinessMeters
  readonly rtus: Rtus
  readonly attackers: Attackers
  readonly concentrators: Concentrators
  readonly firmware: FirmwareUpdates | undefined
  /** Of concentrators. */
  readonly hubFirmware: FirmwareUpdates | undefined
  now: number
  speed = 1
  readonly #options: FleetOptions
  readonly #wall: () => number
  readonly #pool: CoapClientPool
  readonly #heap = new EventHeap()
  readonly #sockets: number
  readonly #contacts: FirstContacts | undefined
  #timer: NodeJS.Timeout | undefined
  /** Sockets of meters that speak DTLS: each has one of its own. */
  readonly #secured = new Map<number, number>()
  readonly #elsewhere = new Map<string, Promise<number>>()
  #latestLagMs = 0
  #stopped = false

  private constructor(options: FleetOptions) {
    this.#options = options
    this.#wall = options.wall ?? Date.now
    const { document, seed, plan } = options
    const first = plan.segments[0]?.event ?? 0
    const now = eventTime(plan, this.#wall())
    this.start = now - first > CATCH_UP_MS ? now : first
    this.now = this.start
    this.firstSequence = Math.max(0, Math.round((this.start - first) / 60_000))
    this.weather = new Weather(seed, new CityCalendar(document.time_zone).offset(this.start))
    const scenario = scenarios.find((s) => s.name === options.scenario)
    if (scenario === undefined) throw new UsageError('CLI_USAGE', `no scenario ${options.scenario}`)
    this.scenario = scenario.plan({ document, seed, start: first, live: plan.segments.at(-1)?.event ?? first })
    const customers = customersOf(options, this.scenario)
    this.book = new ConsumptionBook(
      seed,
      customers.map((c) => c.consumer),
      this.scenario.taps,
      this.weather,
    )
    this.book.openDay(first)
    const net = buildTrueNetwork(document, options.truth, this.scenario.leaks)
    this.physics = new CityPhysics(net, this.scenario.leaks, this.book, this.weather, this.start, () =>
      performance.now(),
    )
    this.#sockets = options.sockets ?? 128
    const air = { host: options.host, port: options.port, window: 4096, perTick: 600 }
    const [loss, repeat] = [options.loss ?? 0.004, options.repeat ?? 0.002]
    this.#pool = new CoapClientPool({ ...air, loss, repeat, random: radioRandom(seed) })
    const hostilePool = new CoapClientPool({ ...air, loss: 0, repeat: 0, random: radioRandom(seed + 1) })
    this.attackers = new Attackers(this, hostilePool, this.scenario.attacks)
    const { identities } = options
    if (identities !== undefined) {
      const { authorityKey } = identities
      const ground = { work: this, pool: this.#pool, authorityKey, seed, bootFailures: this.scenario.bootFailures }
      this.firmware = new FirmwareUpdates({
        ...{ ...ground, model: 'nb-1', tasks: { resume: 'firmware', boot: 'boot' } },
        socketOf: ({ device }) => this.socketOf(device),
        isCutOff: ({ pci }) => this.isSilent(pci),
        speak: (row) => this.households.answer(row),
      })
      this.hubFirmware = new FirmwareUpdates({
        ...{ ...ground, model: 'hub-1', tasks: { resume: 'concentrator_firmware', boot: 'concentrator_boot' } },
        socketOf: ({ row }) => this.concentrators.socketOf(row),
        isCutOff: ({ row }) => this.concentrators.isDead(row, this.now),
        speak: (row) => this.concentrators.answer(row),
      })
    }
    this.#contacts = identities && new FirstContacts(this.#pool, options.masterKey, identities)
    const overheard = (device: number, contentFormat: number, payload: Uint8Array): void =>
      this.attackers.listen(device, contentFormat, payload)
    this.link = new ServiceLink(this.#pool, options.masterKey, document.meters, this.#contacts, overheard)
    const fast = (c: (typeof customers)[number]): boolean => c.meter.read_schedule === '5min'
    const behind = new Set(document.concentrators?.flatMap((c) => c.meters.map(({ meter }) => meter)))
    this.households = new HouseholdMeters(
      this,
      seed,
      customers.filter((c) => !fast(c) && !behind.has(c.meter.id)),
    )
    this.businesses = new BusinessMeters(this, seed, customers.filter(fast))
    const gas = new GasInWells(this.physics, this.scenario.leaks, net.holes)
    this.rtus = new Rtus(this, seed, document.rtus, net.network, airPressures(document), this.scenario.drifts, gas)
    const sealedLinkOf = (device: number) => this.link.sealedLinkOf(device)
    this.valves = new RemoteValves(this, seed, this.#pool, this.#wall, sealedLinkOf)
    this.concentrators = new Concentrators(
      this,
      seed,
      document,
      new Map(customers.map(({ consumer, meter }) => [meter.id, consumer])),
      this.#pool,
      new CityCalendar(document.time_zone),
      {
        contacts: this.#contacts,
        firmware: this.hubFirmware,
        isSteady: options.steadyConcentrators === true,
      },
    )
  }

  /**
   * Builds the city's devices and opens their sockets; nothing is sent before `run`.
   * @throws UsageError CLI_USAGE for a scenario that does not exist
   */
  static async open(options: FleetOptions): Promise<Fleet> {
    const fleet = new Fleet(options)
    await fleet.#pool.open(fleet.#sockets)
    const { secure } = options
    for (const [device, identity] of secure?.identities ?? [])
      if (secure !== undefined) fleet.#secured.set(device, await fleet.#pool.openSecure(secure, identity))
    await fleet.attackers.open()
    const remote = options.document.valves.filter((v) => v.actuator === 'remote' && v.device_number != null)
    await fleet.concentrators.open(bindAddress(options.host))
    await fleet.valves.open(remote, fleet.physics.network, fleet.scenario.stuck, bindAddress(options.host))
    return fleet
  }

  serviceInstant(): number {
    return eventTime(this.#options.plan, this.#wall())
  }

  after(wallMs: number): number {
    return Math.max(this.now + 1_000, eventTime(this.#options.plan, this.#wall() + wallMs))
  }

  get physicsAt(): number {
    return this.physics.at
  }

  plan(task: Task, device: number, at: number): void {
    this.#heap.push(Math.max(at, this.now), TASKS.indexOf(task) * TASK_SPAN + device)
  }

  socketOf(device: number): number {
    const own = this.#secured.get(device)
    if (own !== undefined) return own
    // Neighbouring numbers part, and so do those of one slot: a socket's message ids must not come round within four minutes.
    return (Math.floor(device / 100) * 31 + (device % 100)) % this.#sockets
  }

  socketTo(address: string): Promise<number> {
    const known = this.#elsewhere.get(address)
    if (known !== undefined) return known
    const colon = address.lastIndexOf(':')
    const host = address.slice(0, colon).replace(/^\[|\]$/g, '')
    const opened = this.#pool.openOne({ host, port: Number(address.slice(colon + 1)) })
    this.#elsewhere.set(address, opened)
    return opened
  }

  isSilent(pci: number): boolean {
    return this.scenario.silentCells.some((c) => c.pci === pci && this.now >= c.from && this.now < c.until)
  }

  /** Lets the city live until `close`. */
  run(): void {
    this.speed = speedAt(this.#options.plan, this.#wall())
    this.book.openDay(this.start)
    this.households.start()
    this.businesses.start()
    this.valves.start()
    this.attackers.start()
    this.concentrators.start()
    this.plan('physics', 0, this.start)
    this.scenario.truth.forEach((event, i) => {
      if (event.at >= this.start || this.start === this.#options.plan.segments[0]?.event)
        this.plan('truth', i, event.at)
    })
    if (Number.isFinite(this.scenario.crewOpensAt) && this.scenario.crewOpensAt > this.start)
      this.plan('crew', 0, this.scenario.crewOpensAt)
    this.#turn()
  }

  #turn = (): void => {
    if (this.#stopped) return
    const wall = this.#wall()
    const { plan } = this.#options
    this.speed = speedAt(plan, wall)
    const horizon = eventTime(plan, wall)
    this.#latestLagMs = Math.max(0, horizon - this.#heap.next) / this.speed
    const busyUntil = performance.now() + TURN_MS
    while (this.#heap.next <= horizon && performance.now() < busyUntil) {
      const at = this.#heap.next
      const code = this.#heap.pop()
      this.now = at
      this.#do(TASKS[Math.floor(code / TASK_SPAN)], code % TASK_SPAN, at)
    }
    const behind = this.#heap.next <= horizon
    if (!behind) this.now = Math.max(this.now, horizon)
    this.#pool.tick(this.#wall())
    this.attackers.tick(this.#wall())
    this.#timer = setTimeout(this.#turn, behind ? 0 : 8)
  }

  #do(task: Task | undefined, device: number, at: number): void {
    if (at >= this.physics.midnight) {
      this.#advance(this.physics.midnight)
      this.book.openDay(at)
    }
    if (task === 'physics') this.#stepPhysics(at)
    else if (task === 'household') this.households.timed(device, at)
    else if (task === 'retry') this.#metersOf(device).duties.retry(device)
    else if (task === 'button') this.#metersOf(device).button(device, at)
    else if (task === 'alarm') this.households.alarm(device, at)
    else if (task === 'business' || task === 'business_retry') this.businesses.speak(device, task === 'business_retry')
    else if (task === 'rtu') this.rtus.speak(device)
    else if (task === 'valve_speaks') this.valves.timed(device, at)
    else if (task === 'concentrator') this.concentrators.look(device, at)
    else if (task === 'truth') this.#options.onTruth?.(this.scenario.truth[device] ?? {})
    else if (task === 'firmware') this.firmware?.resume(device)
    else if (task === 'boot') this.firmware?.boot(device)
    else if (task === 'concentrator_firmware') this.hubFirmware?.resume(device)
    else if (task === 'line_button') this.concentrators.button(device, at)
    else if (task === 'concentrator_boot') this.concentrators.boot(device)
    else if (task === 'start_up') this.#metersOf(device).duties.startUp(device)
    else if (task === 'moved') this.#metersOf(device).duties.moved(device)
    else if (task === 'prices') this.#metersOf(device).duties.pricesBegin(device)
    else if (task === 'attack') this.attackers.strike(device)
    else if (task === 'valve_arrives') {
      this.#advance(at)
      this.valves.arrive(device)
    } else if (task === 'crew') {
      this.#advance(at)
      this.valves.openByHand()
    }
  }

  /** Those among which a row stands. */
  #metersOf(row: number): HouseholdMeters | BusinessMeters {
    return this.businesses.has(row) ? this.businesses : this.households
  }

  #advance(until: number): void {
    const from = this.physics.at
    this.physics.step(until)
    if (this.physics.at > from) this.rtus.sample(from, this.physics.at)
  }

  #stepPhysics(at: number): void {
    this.#advance(at)
    const { count, ms } = this.physics.solves
    const next = at + stepLength(this.speed, count === 0 ? 10 : ms / count)
    const grid = Math.floor(next / 60_000) * 60_000
    this.plan('physics', 0, Math.min(grid > at ? grid : next, this.physics.midnight))
  }

  /** Counters for the stats line. */
  stats(): Readonly<Record<string, number>> {
    const { count, ms, stalled } = this.physics.solves
    const crews = [this.firmware, this.hubFirmware].filter((crew) => crew !== undefined)
    const sum = (of: (counts: FirmwareUpdates['counts']) => number) =>
      crews.reduce((total, { counts }) => total + of(counts), 0)
    return {
      ...this.#pool.counters,
      under_way: this.#pool.underWay,
      waiting: this.#pool.waiting,
      late_ms: Math.round(this.#latestLagMs),
      event_time: Math.round(this.now),
      speed: this.speed,
      solves: count,
      solve_ms: Math.round((100 * ms) / Math.max(1, count)) / 100,
      stalled,
      valves_closed: this.valves.closed,
      largest_plain: this.link.largest.plain,
      largest_sealed: this.link.largest.sealed,
      contacts: this.#contacts?.counts.made ?? 0,
      associations: this.#pool.associations,
      firmware_running: sum((counts) => counts.running),
      firmware_returned: sum((counts) => counts.returned),
      firmware_blocks: sum((counts) => counts.blocks),
      orders_refused: this.concentrators.refusedOrders + this.valves.refusedOrders,
      attacks_sent: this.attackers.counts.sent,
      attacks_accepted: this.attackers.counts.accepted,
    }
  }

  async close(): Promise<void> {
    this.#stopped = true
    clearTimeout(this.#timer)
    await this.#pool.close()
    await this.attackers.close()
    await this.valves.close()
    await this.concentrators.close()
  }
}

/** Valves must be reachable from where the service is. */
function bindAddress(host: string): string {
  return host === 'localhost' || host.startsWith('127.') ? '127.0.0.1' : '0.0.0.0'
}
