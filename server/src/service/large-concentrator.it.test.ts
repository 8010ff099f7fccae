import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { CityCalendar, eventTime, type Medium } from '@gastwin/twin'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ConcentratorUnit, type LineMeter } from '../../../datasets/src/fleet/concentrator/concentrator-unit.ts'
import { LineBrain } from '../../../datasets/src/fleet/concentrator/line-brain.ts'
import type { Concentrator, MeterOrdersAnswer, ReadingRates } from '../contract/index.ts'
import { Accounts } from '../http/auth/accounts.ts'
import { TestAuthority } from '../identity/testing/demo-authority.ts'
import { CoapCaller } from '../ingest/testing/coap-caller.ts'
import { madeCity } from '../pipeline/testing/made-city.ts'
import { type ServiceProcess, spawnService, TEST_MASTER_KEY } from '../pipeline/testing/service-process.ts'
import { ConcentratorPost } from './testing/concentrator-post.ts'

const DAY = 86_400_000
const NUMBER = 94_000_000_000_001
/** A compound as the founding scheme has it (S1-08). */
const METERS = 2_000
const MEDIA = ['gas', 'water', 'heat', 'electricity'] as const satisfies readonly Medium[]
/** What one datagram carries without being taken apart on the way. */
const ONE_DATAGRAM = 1_200
const calendar = new CityCalendar('Asia/Shanghai')
const plan = { segments: [{ wall: Date.now(), event: calendar.dayStart(Date.now()) + 3_600_000, speed: 60 }] }
const now = () => Math.round(eventTime(plan, Date.now()))
const today = calendar.dayStart(now())

let dir = ''
let key = ''
let service: ServiceProcess
let post: ConcentratorPost
const brains: LineBrain[] = []

beforeAll(async () => {
  dir = await mkdtemp(path.join(os.tmpdir(), 'gastwin-large-'))
  const document = madeCity(1, METERS, 1)
  const meters = document.meters.map((meter, i) => ({ ...meter, kind: MEDIA[i % 4] ?? 'gas' }))
  const behind = meters.map(({ id }) => ({ meter: id, interface: 'lora' as const }))
  const since = new Date(today - DAY).toISOString()
  const concentrators = [{ id: 'C1', device_number: String(NUMBER), since, meters: behind }]
  await writeFile(path.join(dir, 'network.json'), JSON.stringify({ ...document, meters, concentrators }))
  const authority = new TestAuthority(dir, Buffer.from(TEST_MASTER_KEY, 'hex'))
  key = await (await Accounts.open(path.join(dir, 'data'))).addApiKey('test', 'safety')
  const env = {
    ...authority.environment,
    GASTWIN_CLOCK: JSON.stringify(plan),
    GASTWIN_METER_AUTHORITY: '0200000000000000',
  }
  const places = { network: path.join(dir, 'network.json'), dataDir: path.join(dir, 'data') }
  service = await spawnService({ ...places, env }).ready
  const lines = meters.map(({ id, kind: medium }): LineMeter => {
    const number = Number(id)
    const protocol = medium === 'electricity' ? 'dlt645' : 'cjt188'
    const password = Uint8Array.of(2, 0, 0, 0)
    const shows = medium === 'gas' || medium === 'water' ? 100 : 3.6e6
    const brain = new LineBrain({ number, medium, protocol, password, register: () => shows, close: () => {} })
    brains.push(brain)
    return { number, medium, ask: () => shows, obey: (frames, at) => brain.obey(frames, at) }
  })
  const unit = new ConcentratorUnit({
    ...{ number: NUMBER, meters: lines, calendar, misses: () => false, since: today - DAY, wordEveryMs: 600_000 },
    route: () => ({ collector: 0, hops: [], signalDbm: -95 }),
  })
  post = new ConcentratorPost(unit, authority.make(NUMBER), await CoapCaller.open(service.coapPort), now)
}, 60_000)
afterAll(async () => {
  post?.caller.close()
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
const seconds = (ms: number) => Math.round(ms / 100) / 10
const one = () => call<Concentrator>(`/concentrators/${NUMBER}`)

test('two thousand meters behind one concentrator: the list goes over in pages, and every path and value comes back under its seal', async () => {
  const begun = performance.now()
  for (let round = 0; round < 400 && !(await one()).holds_addresses; round++) await post.speak(1)
  const pages = post.sent
  expect(await one()).toMatchObject({ holds_addresses: true, meters: METERS })
  expect(post.unit.meters).toBe(METERS)
  const listed = performance.now()
  const read = async () => {
    const { items } = await call<ReadingRates>(`/readings/rates?by=day&from=${today}&to=${today + DAY}`)
    return items.map((day) => day.read)
  }
  // Values are due at their time: a fast machine waits for it.
  while (performance.now() - begun < 500_000) {
    await post.speak()
    const { missing, backlog, without_route: without } = await one()
    if (missing + backlog + without === 0 && (await read())[0] === METERS) break
    await pause(200)
  }
  expect(await read()).toEqual([METERS])
  expect(await one()).toMatchObject({ missing: 0, without_route: 0 })
  expect(post.longest.request).toBeLessThanOrEqual(ONE_DATAGRAM)
  expect(post.longest.answer).toBeLessThanOrEqual(ONE_DATAGRAM)
  console.log(
    `list: ${pages} messages, ${seconds(listed - begun)} s; all: ${post.sent} messages, ${seconds(performance.now() - begun)} s; longest ${post.longest.request} and ${post.longest.answer} bytes`,
  )
}, 600_000)

test('an order reaches all of them, each once', async () => {
  const orders = { order: { kind: 'clock' }, meters: null, reason: 'the clocks of a compound' }
  const { commands } = await call<MeterOrdersAnswer>(`/concentrators/${NUMBER}/orders`, orders)
  expect(commands).toHaveLength(METERS)
  const before = post.sent
  const begun = performance.now()
  post.unit.introduce(now())
  while (performance.now() - begun < 500_000 && brains.some(({ obeyed }) => obeyed === 0)) {
    await post.speak()
    await pause(20)
  }
  console.log(
    `clocks: ${post.sent - before} messages, ${seconds(performance.now() - begun)} s; longest ${post.longest.answer} bytes`,
  )
  // An electricity meter takes day and time in a frame each.
  const frames = (i: number) => (MEDIA[i % 4] === 'electricity' ? 2 : 1)
  expect(brains.filter(({ obeyed }, i) => obeyed !== frames(i))).toHaveLength(0)
  expect(post.longest.answer).toBeLessThanOrEqual(ONE_DATAGRAM)
}, 600_000)
