import { spawnSync } from 'node:child_process'
import dgram from 'node:dgram'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { CityCalendar, eventTime, type Medium, type NetworkDocument } from '@gastwin/twin'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ConcentratorUnit, type LineMeter } from '../../../datasets/src/fleet/concentrator/concentrator-unit.ts'
import { LineBrain } from '../../../datasets/src/fleet/concentrator/line-brain.ts'
import { standingValue } from '../../../datasets/src/fleet/concentrator/value-frames.ts'
import type {
  CommandRecord,
  Concentrator,
  ConcentratorSummary,
  DeviceTwin,
  HostileTerminal,
  MeterOrdersAnswer,
  QuarantineItem,
  ReadingRates,
  SecurityReport,
} from '../contract/index.ts'
import { Accounts } from '../http/auth/accounts.ts'
import { TestAuthority } from '../identity/testing/demo-authority.ts'
import { CoapCaller } from '../ingest/testing/coap-caller.ts'
import { FIRST_METER, madeCity } from '../pipeline/testing/made-city.ts'
import { type ServiceProcess, spawnService, TEST_MASTER_KEY } from '../pipeline/testing/service-process.ts'
import {
  COAP_CODE,
  CONTENT_FORMAT,
  decodeAnswer,
  encodeReply,
  encodeReport,
  parseMessage,
  sealMessage,
} from '../protocol/index.ts'
import { ConcentratorPost } from './testing/concentrator-post.ts'

const { CBOR, SEALED } = CONTENT_FORMAT
const DAY = 86_400_000
const SEALING = 94_000_000_000_001
const OLD = 94_000_000_000_002
const METERS = 8
const MEDIA = ['gas', 'water', 'heat', 'electricity'] as const satisfies readonly Medium[]
const lookup = { keyOf: () => undefined, statusProfileOf: () => 'standard' as const }
const calendar = new CityCalendar('Asia/Shanghai')
const plan = {
  segments: [{ wall: Date.now(), event: calendar.dayStart(Date.now() - DAY) + 2 * 3_600_000, speed: 600 }],
}
const now = () => Math.round(eventTime(plan, Date.now()))
const today = calendar.dayStart(now())
const mediumOf = (meter: number): Medium => MEDIA[(meter - FIRST_METER) % 4] ?? 'gas'
const shows = (meter: number, at: number): number => {
  const days = 100 + Math.round(((at - today) / DAY + 40) * 100) / 100
  return mediumOf(meter) === 'gas' || mediumOf(meter) === 'water' ? days : Math.round(days * 100) * 3.6e4
}
const brains = new Map<number, LineBrain>()

let dir = ''
let key = ''
let authority: TestAuthority
let service: ServiceProcess
/** At which the sealing one takes orders; 0 while it does not listen. */
let port = 0

let sealing: ConcentratorPost
let old: ConcentratorPost

function cityWithTwo(): NetworkDocument {
  const document = madeCity(1, METERS, 1)
  const meters = document.meters.map((meter) => ({ ...meter, kind: mediumOf(Number(meter.id)) }))
  const behind = (from: number, to: number) =>
    meters.slice(from, to).map(({ id }) => ({ meter: id, interface: 'lora' as const }))
  const common = { zone: 'Z1', uplink: 'cellular' as const }
  return {
    ...document,
    meters,
    concentrators: [
      { ...common, id: 'C1', device_number: String(SEALING), meters: behind(0, 6) },
      { ...common, id: 'C2', device_number: String(OLD), meters: behind(6, METERS) },
    ],
  }
}

function unitOf(number: number, meters: readonly number[]): ConcentratorUnit {
  const lines = meters.map((meter): LineMeter => {
    const medium = mediumOf(meter)
    const protocol = medium === 'electricity' ? 'dlt645' : 'cjt188'
    const register = (at: number) => shows(meter, at)
    const brain = new LineBrain({
      number: meter,
      medium,
      protocol,
      password: Uint8Array.of(2, 0, 0, 0),
      register,
      close: () => {},
    })
    brains.set(meter, brain)
    const isClosed = () => brain.closed
    return {
      number: meter,
      medium,
      ask: (at) => shows(meter, at),
      obey: (frames, when) => brain.obey(frames, when),
      isClosed,
    }
  })
  const known = meters.map((meter) => ({
    ...{ number: meter, protocol: mediumOf(meter) === 'electricity' ? ('dlt645' as const) : ('cjt188' as const) },
    ...{
      interface: 'lora' as const,
      collector: 0,
      quantity: 'index_m3' as const,
      plan: { every: 'day' as const, slots: [0] },
    },
  }))
  return new ConcentratorUnit({
    ...{ number, meters: lines, calendar, known, misses: () => false, since: today - 31 * DAY, wordEveryMs: 600_000 },
    route: () => ({ collector: 0, hops: [], signalDbm: -95 }),
    ...(number === SEALING && { servicePort: () => port }),
  })
}

async function start(): Promise<void> {
  const env = {
    ...authority.environment,
    ...{ GASTWIN_CLOCK: JSON.stringify(plan), GASTWIN_METER_AUTHORITY: '0200000000000000' },
  }
  service = await spawnService({ network: path.join(dir, 'network.json'), dataDir: path.join(dir, 'data'), env }).ready
}
async function killAndRestart(end: 'kill' | 'stop' = 'kill'): Promise<void> {
  await service[end]()
  sealing.caller.close()
  old.caller.close()
  await start()
  sealing.caller = await CoapCaller.open(service.coapPort)
  old.caller = await CoapCaller.open(service.coapPort)
}

beforeAll(async () => {
  dir = await mkdtemp(path.join(os.tmpdir(), 'gastwin-sealed-'))
  await writeFile(path.join(dir, 'network.json'), JSON.stringify(cityWithTwo()))
  authority = new TestAuthority(dir, Buffer.from(TEST_MASTER_KEY, 'hex'))
  key = await (await Accounts.open(path.join(dir, 'data'))).addApiKey('test', 'admin')
  await start()
  const number = (i: number) => FIRST_METER + i
  const [mine, theirs] = [[0, 1, 2, 3, 4, 5].map(number), [6, 7].map(number)]
  sealing = new ConcentratorPost(
    unitOf(SEALING, mine),
    authority.make(SEALING),
    await CoapCaller.open(service.coapPort),
    now,
  )
  old = new ConcentratorPost(unitOf(OLD, theirs), undefined, await CoapCaller.open(service.coapPort), now)
})
afterAll(async () => {
  sealing?.caller.close()
  old?.caller.close()
  await service?.kill()
  await rm(dir, { recursive: true, force: true })
})

async function call<T>(place: string, body?: unknown): Promise<T> {
  const response = await fetch(`${service.url}/api/v1${place}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { 'x-api-key': key, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return (await response.json()) as T
}
const indexOf = async (meter: number) => (await call<DeviceTwin>(`/devices/${meter}`)).meter?.index_m3
const one = () => call<Concentrator>(`/concentrators/${SEALING}`)
const setAside = async () => (await call<{ items: QuarantineItem[] }>('/quarantine')).items
const forgedValue = (meter: number) =>
  standingValue({ number: meter, protocol: 'cjt188' }, mediumOf(meter), { at: now(), value: 99_999 })
const forgedWord = (number: number) =>
  encodeReport(
    CBOR,
    {
      ...{ device: number, kind: 'concentrator', trigger: 'timed', deviceTime: now(), sequence: 9_999, readings: [] },
      ...{ events: [], status: { servicePort: 9 } },
      concentrator: { addresses: { version: 0, rows: 0 }, backlog: 500, routes: [], results: [] },
    },
    lookup,
  )

describe('a concentrator with a certificate', () => {
  test('makes a first contact, and all that it kept arrives under its seal, through kills of the service and restarts of its own', async () => {
    await sealing.speak(10)
    await killAndRestart()
    await sealing.speak(10)
    sealing.restart()
    await sealing.speak(5)
    await killAndRestart()
    await sealing.speak()
    await old.speak()
    expect(sealing.contacts).toBe(2)
    expect(sealing.unit.backlog).toBe(0)
    const rates = await call<ReadingRates>(`/readings/rates?by=day&from=${today - 30 * DAY}&to=${today + DAY}`)
    expect(rates.items.reduce((sum, { read }) => sum + read, 0)).toBe(31 * METERS)
    for (let i = 0; i < METERS; i++) {
      const twin = await call<DeviceTwin>(`/devices/${FIRST_METER + i}`)
      expect(twin.meter?.index_m3 ?? twin.meter?.energy_j).toBeCloseTo(shows(FIRST_METER + i, today), 5)
    }
    const list = (await call<{ items: ConcentratorSummary[] }>('/concentrators')).items
    expect(list.map(({ believed_by, address }) => [believed_by, address])).toEqual([
      ['session', '127.0.0.1'],
      ['address', '127.0.0.1'],
    ])
  }, 300_000)

  test('is believed from another port at once, while the one without has to introduce itself', async () => {
    await killAndRestart()
    sealing.unit.introduce(now())
    const before = sealing.sent
    await sealing.speak(1)
    expect([sealing.sent - before, sealing.contacts]).toEqual([1, 2])
    expect((await setAside()).filter(({ device }) => device === String(SEALING))).toEqual([])
  }, 240_000)
})

describe('whoever has no key', () => {
  const GAS = FIRST_METER + 4

  test('cannot forge a value or a word, not even from the right address and port, and it counts nowhere, also after a kill', async () => {
    const [before, meter] = [await one(), await indexOf(GAS)]
    const { contentFormat, payload } = forgedValue(GAS)
    expect((await sealing.caller.post('r', contentFormat, payload)).code).toBe(COAP_CODE.FORBIDDEN)
    expect((await sealing.caller.post('r', CBOR, forgedWord(SEALING))).code).toBe(COAP_CODE.FORBIDDEN)
    const header = { kind: 'message', device: SEALING, counter: 50_000, contentFormat } as const
    const guessed = sealMessage(new Uint8Array(16).fill(3), header, payload)
    expect((await sealing.caller.post('r', SEALED, guessed)).code).toBe(COAP_CODE.UNAUTHORIZED)
    const bent = sealing.last.payload.slice()
    bent[12] = (bent[12] ?? 0) ^ 1
    expect((await sealing.caller.post('r', SEALED, bent)).code).toBe(COAP_CODE.UNAUTHORIZED)
    const details = (await setAside()).map(({ reason, device, detail }) => [reason, device, detail])
    expect(details).toContainEqual([
      'refused',
      String(GAS),
      `what concentrator ${SEALING} brings must come under its seal`,
    ])
    expect(details).toContainEqual(['refused', String(SEALING), `concentrator ${SEALING} must speak under its seal`])
    expect(details.filter(([reason]) => reason === 'decrypt')).toHaveLength(1)
    for (let kills = 0; kills < 2; kills++) {
      expect(await indexOf(GAS)).toBe(meter)
      expect(await one()).toMatchObject({
        backlog: before.backlog,
        last_heard_at: before.last_heard_at,
        holds_addresses: before.holds_addresses,
      })
      await killAndRestart()
    }
  }, 240_000)

  test('cannot make a concentrator’s own source be shut out by noise from there', async () => {
    sealing.unit.introduce(now())
    await sealing.speak(1)
    const { contentFormat, payload } = forgedValue(GAS)
    for (let i = 0; i < 40; i++) {
      await sealing.caller.post('r', contentFormat, payload)
      await sealing.caller.post('r', CBOR, forgedWord(SEALING))
    }
    await pause(300)
    const terminals = (await call<{ items: HostileTerminal[] }>('/devices/hostile')).items
    const mine = terminals.filter(({ from }) => from === `127.0.0.1:${sealing.caller.port}`)
    expect(mine.map(({ step }) => step)).toEqual(['observe', 'observe'])
    sealing.unit.introduce(now())
    const before = await one()
    await sealing.speak(1)
    expect((await one()).last_heard_at).toBeGreaterThan(before.last_heard_at ?? 0)
  }, 240_000)

  test('cannot play back what was said: not the message, not from elsewhere, not after a kill, not under a former session', async () => {
    sealing.unit.introduce(now())
    await sealing.speak(1)
    const recorded = sealing.last
    const before = await one()
    const thief = await CoapCaller.open(service.coapPort)
    for (const from of [sealing.caller, thief])
      expect((await from.post('r', SEALED, recorded.payload)).code).toBe(COAP_CODE.FORBIDDEN)
    thief.close()
    expect((await setAside()).some(({ detail }) => detail === 'this was said before')).toBe(true)
    expect((await one()).last_heard_at).toBe(before.last_heard_at)
    await killAndRestart()
    expect((await sealing.caller.post('r', SEALED, recorded.payload)).code).toBe(COAP_CODE.FORBIDDEN)
    // From a snapshot too.
    await killAndRestart('stop')
    expect((await sealing.caller.post('r', SEALED, recorded.payload)).code).toBe(COAP_CODE.FORBIDDEN)
    sealing.restart()
    sealing.unit.introduce(now())
    await sealing.speak(1)
    expect((await sealing.caller.post('r', SEALED, recorded.payload)).code).toBe(COAP_CODE.UNAUTHORIZED)
    expect((await one()).last_heard_at).toBeGreaterThan(before.last_heard_at ?? 0)
  }, 240_000)

  test('cannot bring another’s meters as a concentrator that is believed by its address', async () => {
    const { contentFormat, payload } = forgedValue(GAS)
    const meter = await indexOf(GAS)
    expect((await old.caller.post('r', contentFormat, payload)).code).toBe(COAP_CODE.FORBIDDEN)
    expect(await indexOf(GAS)).toBe(meter)
  })
})

describe('orders at its port', () => {
  test('come sealed, are carried out once, and its reply proves it; what anybody else says there is refused', async () => {
    const socket = dgram.createSocket('udp4')
    await new Promise<void>((done) => socket.bind(0, '127.0.0.1', () => done()))
    port = socket.address().port
    const heard: { readonly contentFormat: number; readonly payload: Uint8Array }[] = []
    const take = (order: (typeof heard)[number]) => sealing.uplink?.order(order, now(), 3_600_000)
    socket.on('message', (bytes, from) => {
      const message = parseMessage(bytes)
      if (message.kind === 'malformed' || message.path !== 'o') return
      heard.push(message)
      const taken = take(message)
      const read = taken && decodeAnswer(CBOR, taken.order.payload, lookup)
      if (read !== undefined && 'now' in read) for (const order of read.orders ?? []) sealing.unit.obey(order, now())
      const code = taken === undefined ? COAP_CODE.FORBIDDEN : COAP_CODE.CHANGED
      socket.send(
        encodeReply(message, code, { ...taken?.reply({ contentFormat: -1, payload: new Uint8Array(0) }) }, 1),
        from.port,
        from.address,
      )
    })
    sealing.unit.introduce(now())
    await sealing.speak()
    const gas = FIRST_METER + 4
    const body = { order: { kind: 'close' }, meters: [String(gas)], reason: 'a test of sealed orders' }
    const { commands } = await call<MeterOrdersAnswer>(`/concentrators/${SEALING}/orders`, body)
    for (let i = 0; i < 600 && heard.length === 0; i++) await pause(50)
    expect(heard.map(({ contentFormat }) => contentFormat)).toEqual([SEALED])
    expect([brains.get(gas)?.closed, brains.get(gas)?.obeyed]).toEqual([true, 1])
    const told = async () => (await fetch(`${service.url}/metrics`)).text()
    for (let i = 0; i < 600 && !(await told()).includes('gastwin_orders_at_ports{what="taken"} 1'); i++) await pause(50)
    expect(await told()).toContain('gastwin_orders_at_ports{what="taken"} 1')
    const [order] = heard
    if (order === undefined) throw new Error('no order')
    expect(take(order)).toBeUndefined()
    expect(take({ contentFormat: CBOR, payload: order.payload })).toBeUndefined()
    expect(take({ contentFormat: SEALED, payload: sealing.last.payload })).toBeUndefined()
    const stateOf = async () =>
      (await call<{ items: CommandRecord[] }>('/commands?limit=1000')).items.find(({ id }) => id === commands[0]?.id)
        ?.state
    for (let round = 0; round < 40 && (await stateOf()) !== 'confirmed'; round++) {
      await sealing.speak()
      await pause(100)
    }
    expect([await stateOf(), brains.get(gas)?.obeyed]).toEqual(['confirmed', 1])
    socket.close()
    port = 0
  }, 240_000)
})

describe('who looks at it', () => {
  test('is told that a concentrator is believed by its address only', async () => {
    const report = await call<SecurityReport>('/security/report')
    expect(report.concentrators).toEqual({ session: 1, transport: 0, address: 1, nothing: 0 })
    expect(report.findings.find(({ code }) => code === 'concentrators_by_address')).toMatchObject({ value: 1 })
  })
  test('exports from the log what was believed and nothing that was not', async () => {
    const bin = fileURLToPath(new URL('../../bin/gastwin.mjs', import.meta.url))
    const env = { ...process.env, GASTWIN_MASTER_KEY: TEST_MASTER_KEY }
    const { stdout } = spawnSync(process.execPath, [bin, 'export', '--data', path.join(dir, 'data')], {
      env,
      encoding: 'utf8',
      maxBuffer: 1 << 26,
    })
    const rows = stdout.split('\n').filter((line) => line.includes(',index_m3,'))
    expect(rows.filter((line) => line.includes(`,${FIRST_METER},`)).length).toBeGreaterThanOrEqual(31)
    expect(rows.some((line) => line.includes('99999'))).toBe(false)
  })
})
