import dgram from 'node:dgram'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { CampaignView, CommandRecord, DeviceOrder, KeysHealth } from '@gastwin/server/contract'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Accounts } from '../../../server/src/http/auth/accounts.ts'
import { TestAuthority } from '../../../server/src/identity/testing/demo-authority.ts'
import {
  type ServiceProcess,
  spawnService,
  TEST_MASTER_KEY,
} from '../../../server/src/pipeline/testing/service-process.ts'
import { buildCity } from '../city/write-city.ts'
import { Fleet } from './fleet.ts'

const BEGIN = Date.parse('2026-03-10T20:00:00+08:00')
const SPEED = 3_600
const { network: document, truth } = buildCity({ meters: 120, seed: 11 })
// Those whose language carries our orders: a maker of their own is none of them.
const homes = document.meters.filter(
  (m) => m.class === 'residential' && m.read_schedule === 'daily' && (m.profile === undefined || m.profile === null),
)
const KNOWN = homes.slice(0, 6).map(({ id }) => String(Number(id)))

let dir = ''
let key = ''
let service: ServiceProcess
let fleet: Fleet
let relay: Relay
let plan: { segments: { wall: number; event: number; speed: number }[] }
let authority: TestAuthority
const spawn = (coapPort = 0) =>
  spawnService({
    ...{ network: path.join(dir, 'network.json'), dataDir: path.join(dir, 'data'), coapPort },
    env: { ...authority.environment, GASTWIN_CLOCK: JSON.stringify(plan), GASTWIN_CAMPAIGN_SECOND_PERSON: '1000' },
  }).ready

/** Another address of the same platform: what comes there is passed on, and answers come back. */
class Relay {
  readonly #front = dgram.createSocket('udp4')
  readonly #behind = new Map<string, dgram.Socket>()
  passed = 0

  async open(coapPort: number): Promise<string> {
    this.#front.on('message', (bytes, { address, port }) => {
      const from = `${address}:${port}`
      const known = this.#behind.get(from)
      const back = known ?? dgram.createSocket('udp4')
      if (known === undefined) {
        this.#behind.set(from, back)
        back.on('message', (answer) => this.#front.send(answer, port, address))
      }
      this.passed += 1
      back.send(bytes, coapPort, '127.0.0.1')
    })
    await new Promise<void>((resolve) => this.#front.bind(0, '127.0.0.1', resolve))
    return `127.0.0.1:${this.#front.address().port}`
  }

  close(): void {
    this.#front.close()
    for (const socket of this.#behind.values()) socket.close()
  }
}

beforeAll(async () => {
  dir = await mkdtemp(path.join(os.tmpdir(), 'gastwin-fleet-orders-'))
  await writeFile(path.join(dir, 'network.json'), JSON.stringify(document))
  const masterKey = Buffer.from(TEST_MASTER_KEY, 'hex')
  authority = new TestAuthority(dir, masterKey)
  key = await (await Accounts.open(path.join(dir, 'data'))).addApiKey('test', 'admin')
  const made = authority.makeAll(KNOWN.slice(0, 2).map(Number))
  const devices = new Map(made.map((making) => [Number(making.certificate.subject), making]))
  // The night must not pass while a busy machine starts the service.
  plan = { segments: [{ wall: Date.now() + 15_000, event: BEGIN, speed: SPEED }] }
  service = await spawn()
  relay = new Relay()
  const options = { document, truth, host: '127.0.0.1', port: service.coapPort, plan, seed: 28, masterKey }
  const authorityKey = authority.folder.certificate.publicKey
  fleet = await Fleet.open({
    ...{ ...options, scenario: 'calm', sockets: 64, loss: 0.01 },
    identities: { authorityKey, devices },
  })
  fleet.run()
}, 60_000)
afterAll(async () => {
  await fleet.close()
  relay.close()
  await service.kill()
  await rm(dir, { recursive: true, force: true })
})

async function call<T>(method: string, place: string, body?: unknown) {
  const response = await fetch(`${service.url}/api/v1${place}`, {
    method,
    headers: { 'x-api-key': key, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return { status: response.status, body: (await response.json()) as T & { detail?: string } }
}
const order = async (device: string, what: DeviceOrder): Promise<number> => {
  const { status, body } = await call<CommandRecord>('POST', '/commands/orders', {
    ...{ device, order: what, priority: 'urgent', reason: 'test', expires_in_s: 20 * 86_400 },
  })
  if (status !== 201) throw new Error(body.detail)
  return body.id
}
const commandOf = async (id: number): Promise<CommandRecord> => {
  const { items } = (await call<{ items: CommandRecord[] }>('GET', '/commands?limit=1000')).body
  return items.find((one) => one.id === id) as CommandRecord
}
const LIVE = ['queued', 'sent', 'accepted']
const ended = async (id: number, seconds = 120): Promise<CommandRecord> => {
  for (const end = Date.now() + seconds * 1000; Date.now() < end; await pause(200)) {
    const found = await commandOf(id)
    if (!LIVE.includes(found.state)) return found
  }
  throw new Error(`it did not end: ${JSON.stringify([await commandOf(id), fleet.stats()])}`)
}
/** Waits until so many devices have a session key. */
const sessionsOf = async (count: number, seconds = 120): Promise<void> => {
  const sessions = async () => (await call<KeysHealth>('GET', '/keys/health')).body.sessions
  for (const end = Date.now() + seconds * 1000; (await sessions()) < count; await pause(200))
    if (Date.now() > end) throw new Error(`no ${count} first contacts: ${JSON.stringify(fleet.stats())}`)
}
const consumerOf = (device: string) => {
  const found = fleet.book.consumers.find((one) => String(one.device) === device)
  if (found === undefined) throw new Error(`no consumer ${device}`)
  return found
}

describe('a fleet of meters carries out, over real sockets,', () => {
  test('readings of a month, its own log, prices from a day on, a restart and another session key, over a kill', async () => {
    const [sealed = '', , asked = '', logged = '', priced = ''] = KNOWN
    const tiers = [1, 2, 3, 4].map((n) => ({ yuan_per_m3: n, to_m3: n < 4 ? n * 100 : null }))
    const month = await order(asked, { kind: 'read', month: '2026-02' })
    const short = await order(asked, { kind: 'read', month: '2026-03' })
    const log = await order(logged, { kind: 'log', days: 30 })
    const price = await order(priced, { kind: 'price', prices: { tiers, from_day: 14 } })
    const restart = await order(priced, { kind: 'restart' })
    expect(await ended(month)).toMatchObject({ state: 'confirmed', read: { month: '2026-02', days: 28 } })
    const { coapPort } = service
    await service.kill()
    service = await spawn(coapPort)
    expect(await ended(short)).toMatchObject({ state: 'confirmed', read: { month: '2026-03' } })
    expect((await commandOf(month)).read?.days).toBe(28)
    const told = await ended(log)
    expect(told).toMatchObject({ state: 'confirmed', log: { days: 30 } })
    expect([told.log?.got.length, (told.log?.lines ?? 0) > 0]).toEqual([told.log?.pieces, true])
    expect((await ended(price)).state).toBe('confirmed')
    expect((await ended(restart)).state).toBe('confirmed')
    // A session key is renewed where there is one, however many nights the first contact takes on a lossy radio.
    await sessionsOf(2)
    const before = fleet.stats()['contacts'] ?? 0
    const renewal = await order(sealed, { kind: 'renew_key' })
    expect((await ended(renewal)).state).toBe('confirmed')
    // The service counts a contact when it answers, the device when it has the answer.
    for (const end = Date.now() + 60_000; (fleet.stats()['contacts'] ?? 0) <= before; await pause(100))
      if (Date.now() > end) throw new Error('the device made no second contact')
    // The fourteenth comes, and the fourth step with it.
    const { index } = consumerOf(priced)
    for (const end = Date.now() + 120_000; fleet.households.pricesOf(index) === undefined; await pause(200))
      if (Date.now() > end) throw new Error(`no prices by ${new Date(fleet.now).toISOString()}`)
    expect(fleet.now).toBeGreaterThanOrEqual(Date.parse('2026-03-14T00:00:00+08:00'))
    expect(fleet.households.pricesOf(index)?.tiers.length).toBe(4)
  }, 600_000)

  test('another address of the platform, and comes back from one where nobody answers; neither stands readable on the disk', async () => {
    const [, , moving = '', lost = '', , roaming = ''] = KNOWN
    const address = await relay.open(service.coapPort)
    const dead = dgram.createSocket('udp4')
    await new Promise<void>((resolve) => dead.bind(0, '127.0.0.1', resolve))
    const silent = `127.0.0.1:${dead.address().port}`
    const connect = (device: string, setting: 'apn' | 'server_address', value: string) =>
      order(device, { kind: 'connection', setting, value })
    const [there, nowhere, apn] = [
      await connect(moving, 'server_address', address),
      await connect(lost, 'server_address', silent),
      await connect(roaming, 'apn', 'no.such.network'),
    ]
    expect(await ended(there)).toMatchObject({
      state: 'confirmed',
      connection: { setting: 'server_address', value: '1**' },
    })
    expect(relay.passed).toBeGreaterThan(0)
    expect(await ended(nowhere)).toMatchObject({ state: 'failed', error: 'returned' })
    expect(await ended(apn)).toMatchObject({ state: 'failed', error: 'returned' })
    dead.close()
    // It stays where it was sent, and hears what it is told there; the others go on where they were.
    const [read, again] = [await order(moving, { kind: 'read' }), await order(lost, { kind: 'read' })]
    expect([(await ended(read)).state, (await ended(again)).state]).toEqual(['confirmed', 'confirmed'])
    const files = await readdir(path.join(dir, 'data'), { recursive: true, withFileTypes: true })
    for (const file of files) {
      if (!file.isFile()) continue
      const bytes = await readFile(path.join(file.parentPath, file.name))
      expect([file.name, bytes.includes(address), bytes.includes(silent), bytes.includes('no.such.network')]).toEqual([
        ...[file.name, false, false, false],
      ])
    }
  }, 600_000)

  test('a meter of a business starts again and reports when asked, and says no to what it has no way to do', async () => {
    const device = String(Number(document.meters.find((m) => m.read_schedule === '5min')?.id))
    const restart = await order(device, { kind: 'restart' })
    expect((await ended(restart)).state).toBe('confirmed')
    const read = await order(device, { kind: 'read' })
    expect((await ended(read)).state).toBe('confirmed')
    const log = await order(device, { kind: 'log', days: 3 })
    expect((await ended(log)).state).toBe('refused')
  }, 600_000)

  test('an order for many, wave by wave', async () => {
    const filter = { devices: KNOWN }
    const { body } = await call<CampaignView>('POST', '/campaigns', {
      ...{ name: 'logs of a week', order: { kind: 'log', days: 7 }, canary: 2, wave: 4, stop_rate: 0, reason: 'test' },
      ...{ filter, expected_devices: KNOWN.length, expires_in_s: 2_592_000, priority: 'urgent' },
    })
    expect(body).toMatchObject({ order: { kind: 'log', log: { days: 7 } }, setting: null })
    const state = async () => {
      const { items } = (await call<{ items: CampaignView[] }>('GET', '/campaigns')).body
      return items.find(({ id }) => id === body.id)
    }
    for (const end = Date.now() + 240_000; (await state())?.state !== 'done'; await pause(200))
      if (Date.now() > end) throw new Error(JSON.stringify(await state()))
    expect((await state())?.past).toEqual({ confirmed: KNOWN.length, failed: 0, cancelled: 0 })
  }, 300_000)
})

test('what cannot be is refused before a meter is asked', async () => {
  const [, , plain = ''] = KNOWN
  const refused = async (what: DeviceOrder) => {
    const { status, body } = await call('POST', '/commands/orders', { device: plain, order: what, reason: 'test' })
    return [status >= 400, body.detail]
  }
  expect(await refused({ kind: 'read', month: '2020-01' })).toEqual([true, expect.stringMatching(/a meter keeps 12/)])
  expect(await refused({ kind: 'read', month: '2031-01' })).toEqual([true, expect.stringMatching(/has not begun/)])
  expect(await refused({ kind: 'renew_key' })).toEqual([true, expect.stringMatching(/no session key/)])
  const server = { kind: 'connection', setting: 'server_address', value: 'nowhere' } as const
  expect(await refused(server)).toEqual([true, expect.stringMatching(/host:port/)])
  const tiers = [
    { yuan_per_m3: 1, to_m3: 300 },
    { yuan_per_m3: 2, to_m3: 200 },
  ]
  expect(await refused({ kind: 'price', prices: { tiers, from_day: null } })).toEqual([
    ...[true, expect.stringMatching(/rising volumes/)],
  ])
})
