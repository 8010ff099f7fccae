import { CityCalendar, type ConcentratorArchive, ConcentratorBook, DAILY_PLAN, type ReadFailure } from '@gastwin/twin'
import { describe, expect, test } from 'vitest'
import { ConcentratorUnit } from '../../../datasets/src/fleet/concentrator/concentrator-unit.ts'
import { LineBrain } from '../../../datasets/src/fleet/concentrator/line-brain.ts'
import { CONTENT_FORMAT, decodeAnswer, decodeReport, encodeAnswer } from '../protocol/index.ts'
import { CommandLedger, type CommandRequest, type DeliveryRules, isPermit, NO_RULES } from './ledger.ts'
import type { LedgerEntry } from './ledger-snapshot.ts'
import { dueThrough, LINE_RULES, type LineReach, takePassed } from './line-commands.ts'

const NOON = Date.parse('2026-03-15T12:00:00+08:00')
const calendar = new CityCalendar('Asia/Shanghai')
const [FIRST, SECOND] = [94_000_000_000_001, 94_000_000_000_002]
const GAS = 181_702_000_027
const POWER = 102_030_425
const password = Uint8Array.of(2, 0, 0, 0)
const authority = { password, operator: new Uint8Array(4) }
const lookup = { keyOf: () => undefined, statusProfileOf: () => 'standard' as const }
const REACH: LineReach = {
  profileOf: () => undefined,
  mediumOf: (point) => (point === POWER ? 'electricity' : 'gas'),
  authority,
}

function archive(number: number, neighbours: readonly number[], meters: readonly number[]): ConcentratorArchive {
  return {
    ...{ id: `C${number % 10}`, number, lon: 0, lat: 0, zone: null, uplink: 'cellular', collectors: [], since: NOON },
    neighbours,
    meters: meters.map((meter) => ({
      ...{ number: meter, interface: 'lora', collector: 0, plan: DAILY_PLAN },
      protocol: meter === POWER ? 'dlt645' : 'cjt188',
      quantity: meter === POWER ? 'active_energy_j' : 'index_m3',
    })),
  }
}

/** A service's ledger and book, and two concentrators behind real codecs; the second reaches the meters of the first too. */
class World {
  now = NOON
  ledger = new CommandLedger()
  book = new ConcentratorBook([archive(FIRST, [SECOND], [GAS, POWER]), archive(SECOND, [], [])], calendar)
  readonly brains = new Map(
    [GAS, POWER].map((number) => {
      const medium = number === POWER ? ('electricity' as const) : ('gas' as const)
      const protocol = number === POWER ? ('dlt645' as const) : ('cjt188' as const)
      const body = { number, medium, protocol, password, register: () => 3.6e6, close: () => {} }
      return [number, new LineBrain(body)] as const
    }),
  )
  /** Why meters are not reached through the first. */
  hindered: ReadFailure | undefined
  /** The answer to a word is lost. */
  deaf = false
  /** What speaks against a permit, and the consent of the customer. */
  danger = false
  consent: string | undefined
  readonly rules: DeliveryRules = {
    ...NO_RULES,
    holds: (entry) => this.danger && isPermit(entry),
    consentFor: () => this.consent,
  }
  readonly units: ReadonlyMap<number, ConcentratorUnit>

  constructor() {
    const line = (number: number, through: number) => ({
      number,
      medium: REACH.mediumOf(number),
      ask: () => 3.6e6,
      obey: (frames: Uint8Array, now: number) =>
        (through === FIRST ? this.hindered : undefined) ??
        this.brains.get(number)?.obey(frames, now) ??
        ('no_answer' as const),
      isClosed: () => this.brains.get(number)?.closed === true,
    })
    const unit = (number: number) =>
      new ConcentratorUnit({
        ...{ number, calendar, misses: () => false, since: NOON, wordEveryMs: 60_000 },
        meters: number === FIRST ? [line(GAS, FIRST), line(POWER, FIRST)] : [],
        guests: number === SECOND ? [line(GAS, SECOND), line(POWER, SECOND)] : [],
        route: () => ({ collector: 0, hops: [], signalDbm: -90 }),
      })
    this.units = new Map([FIRST, SECOND].map((number) => [number, unit(number)]))
  }

  order(request: Partial<CommandRequest> & Pick<CommandRequest, 'kind'>, device = GAS): number {
    const cause = `test ${this.ledger.newest}`
    const terms = { now: this.now, expiresAt: this.now + 86_400_000 }
    return this.ledger.request({ device: String(device), cause, ...terms, ...request }).id
  }

  /** Lets concentrators speak until they are silent. */
  speak(minutes = 1, numbers = [FIRST, SECOND]): void {
    for (let minute = 0; minute < minutes; minute++) {
      for (const number of numbers) this.#speak(number)
      this.now += 60_000
    }
  }

  #speak(number: number): void {
    const unit = this.units.get(number)
    const twin = this.book.find(number)
    if (unit === undefined || twin === undefined) throw new Error('no concentrator')
    for (let i = 0; i < 200; i++) {
      const message = unit.next(this.now)
      if (message === undefined) return
      const report = decodeReport(message.contentFormat, message.payload, lookup)
      if (report.kind === 'malformed') throw new Error(report.detail)
      this.ledger.applyReport(report, this.now)
      if (report.kind !== 'concentrator') {
        this.book.take(report, this.now)
        message.done(this.now, true, [])
        continue
      }
      this.book.hear(report, this.now)
      const passed = report.concentrator?.passed ?? []
      takePassed(this.ledger, this.book, REACH, number, passed, this.now)
      const { frames } = dueThrough(this.ledger, this.book, REACH, twin, this.now, this.rules)
      const orders = [...twin.orders(), { kind: 'pass_on' as const, frames }]
      const answer = encodeAnswer(CONTENT_FORMAT.CBOR, { device: number, now: this.now, orders }, lookup)
      const read = decodeAnswer(CONTENT_FORMAT.CBOR, answer, lookup)
      if ('kind' in read) throw new Error(read.detail)
      message.done(this.now, !this.deaf, this.deaf ? [] : (read.orders ?? []))
      if (this.deaf) return
    }
  }

  get(id: number): LedgerEntry {
    const entry = this.ledger.get(id)
    if (entry === undefined) throw new Error('no command')
    return entry
  }
}

describe('commands for meters behind concentrators', () => {
  test('a valve is closed through the concentrator, and the reading after it proves it', () => {
    const world = new World()
    world.speak()
    const id = world.order({ kind: 'close' })
    world.speak()
    expect(world.brains.get(GAS)?.closed).toBe(true)
    world.speak(3)
    expect(world.get(id)).toMatchObject({ state: 'confirmed', tries: 1, via: { concentrator: String(FIRST) } })
  })

  test('a relay is tripped and proved, its closing on site permitted; prices, days, clock and readings are taken', () => {
    const world = new World()
    world.speak()
    const trip = world.order({ kind: 'close' }, POWER)
    const prices = { tiers: [{ yuan_per_m3: 2.63, to_m3: null }], from_day: null }
    const gas = [
      world.order({ kind: 'price', prices }),
      world.order({ kind: 'clock' }),
      world.order({ kind: 'parameter', setting: { parameter: 'settlement_day', value: 7 } }),
      world.order({ kind: 'read' }),
    ]
    world.speak(6)
    expect(world.get(trip).state).toBe('confirmed')
    expect(gas.map((id) => world.get(id).state)).toEqual(['confirmed', 'confirmed', 'confirmed', 'confirmed'])
    expect([...(world.brains.get(GAS)?.written.keys() ?? [])]).toEqual([0xa010, 0xa015, 0xa011])
    const permit = world.order({ kind: 'permit' }, POWER)
    const read = world.order({ kind: 'read' }, POWER)
    world.speak(4)
    expect([world.get(permit).state, world.get(read).state]).toEqual(['confirmed', 'confirmed'])
    expect(world.brains.get(POWER)).toMatchObject({ permitted: true, closed: true })
  })

  test('one command at a time is under way for a meter, and a close goes first', () => {
    const world = new World()
    world.speak()
    const [clock, price] = [world.order({ kind: 'clock' }), world.order({ kind: 'clock', cause: 'again' })]
    const twin = world.book.find(FIRST)
    if (twin === undefined) throw new Error('no twin')
    const due = () => dueThrough(world.ledger, world.book, REACH, twin, world.now).frames.map(({ command }) => command)
    expect([due(), due()]).toEqual([[clock], [clock]])
    expect(world.get(clock).tries).toBe(1)
    const close = world.order({ kind: 'close' })
    expect(due()).toEqual([close])
    expect(world.get(price).state).toBe('queued')
  })

  test('a lost answer makes the concentrator hear the order again, and the meter does not', () => {
    const world = new World()
    world.speak()
    const id = world.order({ kind: 'clock' })
    world.deaf = true
    world.speak(2)
    expect(world.get(id)).toMatchObject({ state: 'sent', tries: 1 })
    world.deaf = false
    world.speak(3)
    expect(world.get(id)).toMatchObject({ state: 'confirmed', tries: 1 })
    // Said once more, as after a crash between the meter's word and its record.
    const order = { command: id, attempt: 1, meter: GAS, until: world.now + 60_000, frames: new Uint8Array() }
    const before = world.brains.get(GAS)?.obeyed
    world.units.get(FIRST)?.obey({ kind: 'pass_on', frames: [order] }, world.now)
    world.speak()
    expect(world.brains.get(GAS)?.obeyed).toBe(before)
  })

  test('a meter that is not reached is tried three times, then through the neighbour; paths are looked for', () => {
    const world = new World()
    world.speak()
    world.hindered = 'no_answer'
    const id = world.order({ kind: 'clock' })
    world.speak(45)
    expect(world.get(id)).toMatchObject({
      ...{ state: 'confirmed', tries: LINE_RULES.attempts + 1 },
      via: { concentrator: String(SECOND), tried: [String(FIRST)], attempt: LINE_RULES.attempts + 1 },
    })
    expect(world.book.find(FIRST)?.meter(GAS)?.soughtAt).toBeGreaterThan(0)
  })

  test('when no way is left it has failed, with the reason; another attempt needs another command', () => {
    const world = new World()
    world.hindered = 'no_route'
    world.speak(1, [FIRST])
    const id = world.order({ kind: 'close' })
    world.speak(30, [FIRST])
    expect(world.get(id)).toMatchObject({ state: 'failed', tries: 3 })
    expect(world.get(id).error).toBe(`the meter was not reached through ${FIRST}: no_route`)
    expect(world.brains.get(GAS)?.closed).toBe(false)
  })

  test('while its own concentrator is silent a neighbour that the archive names passes it on', () => {
    const world = new World()
    world.speak(1, [FIRST])
    world.now += LINE_RULES.silentMs
    const id = world.order({ kind: 'clock' })
    world.speak(3, [SECOND])
    expect(world.get(id)).toMatchObject({ state: 'confirmed', via: { concentrator: String(SECOND) } })
  })

  test('a meter that refuses ends the command, and what no protocol can say is refused before', () => {
    const world = new World()
    world.speak()
    const wrong: LineReach = { ...REACH, authority: { ...authority, password: Uint8Array.of(9, 9, 9, 9) } }
    const id = world.order({ kind: 'close' }, POWER)
    const twin = world.book.find(FIRST)
    if (twin === undefined) throw new Error('no twin')
    const { frames } = dueThrough(world.ledger, world.book, wrong, twin, world.now)
    world.units.get(FIRST)?.obey({ kind: 'pass_on', frames }, world.now)
    world.speak()
    expect(world.get(id)).toMatchObject({ state: 'refused', error: 'refused by the meter' })
    const none = world.order({ kind: 'permit' })
    world.speak()
    expect(world.get(none).state).toBe('refused')
  })

  test('a permit for the button of a gas meter waits for the consent, keeps nobody up, and is told under it; a hand opens', () => {
    const world = new World()
    const brain = world.brains.get(GAS)
    world.speak()
    const close = world.order({ kind: 'close' })
    world.speak(4)
    expect([world.get(close).state, brain?.closed]).toEqual(['confirmed', true])
    const permit = world.order({ kind: 'permit', permit: { window_s: 600 } })
    const clock = world.order({ kind: 'clock' })
    world.speak(3)
    expect([world.get(permit).tries, world.get(clock).state]).toEqual([0, 'confirmed'])
    world.consent = 'c1'
    world.danger = true
    world.speak(2)
    expect(world.get(permit)).toMatchObject({ state: 'queued', tries: 0 })
    brain?.press(world.now)
    world.danger = false
    world.speak()
    expect([brain?.closed, world.get(permit)]).toEqual([
      true,
      expect.objectContaining({ state: 'confirmed', tries: 1, consent: 'c1' }),
    ])
    brain?.press((brain?.buttonUntil ?? 0) + 1)
    expect(brain?.closed).toBe(true)
    brain?.press(world.now)
    expect(brain).toMatchObject({ closed: false, buttonUntil: 0 })
  })

  test('a permit that lay too long with the concentrator is not said any more, and told again it arms the meter once', () => {
    const world = new World()
    const brain = world.brains.get(GAS)
    world.speak()
    world.consent = 'c1'
    const permit = world.order({ kind: 'permit', permit: { window_s: 86_400 } })
    const twin = world.book.find(FIRST)
    if (twin === undefined) throw new Error('no twin')
    const due = () => dueThrough(world.ledger, world.book, REACH, twin, world.now, world.rules).frames
    const stale = due()
    expect(stale[0]?.until).toBe(world.now + LINE_RULES.permitMs)
    world.now += LINE_RULES.permitMs + 1_000
    const unit = world.units.get(FIRST)
    unit?.obey({ kind: 'pass_on', frames: stale }, world.now)
    expect(brain?.buttonUntil).toBe(0)
    // A shut-off began meanwhile: it is not told again either.
    world.danger = true
    expect(due()).toEqual([])
    world.danger = false
    const fresh = due()
    expect(fresh.map(({ attempt }) => attempt)).toEqual(stale.map(({ attempt }) => attempt))
    unit?.obey({ kind: 'pass_on', frames: fresh }, world.now)
    const armed = brain?.buttonUntil
    expect(armed).toBe(world.now + 86_400_000)
    world.now += 60_000
    unit?.obey({ kind: 'pass_on', frames: due() }, world.now)
    world.speak()
    expect([brain?.buttonUntil, world.get(permit)]).toEqual([
      armed,
      expect.objectContaining({ state: 'confirmed', tries: 1 }),
    ])
  })

  test('it expires untold when nobody speaks, and a restart with ledger and book goes on where it was', () => {
    const world = new World()
    world.speak()
    const late = world.order({ kind: 'clock', expiresAt: world.now + 60_000 })
    const id = world.order({ kind: 'close' })
    const twin = world.book.find(FIRST)
    if (twin === undefined) throw new Error('no twin')
    dueThrough(world.ledger, world.book, REACH, twin, world.now)
    world.now += 120_000
    world.ledger.expire(world.now)
    expect(world.get(late)).toMatchObject({ state: 'expired', tries: 0 })
    world.ledger = CommandLedger.load(JSON.parse(JSON.stringify(world.ledger.save())))
    world.speak(4)
    expect(world.get(id)).toMatchObject({ state: 'confirmed', tries: 1 })
    expect(world.brains.get(GAS)?.obeyed).toBe(1)
  })
})
