import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Report } from '@gastwin/twin'
import Value from 'typebox/value'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Alarm, type DeviceTwin, HostileTerminal, KeysHealth } from '../contract/index.ts'
import { Accounts } from '../http/auth/accounts.ts'
import { makeContact } from '../identity/testing/contacting-device.ts'
import { TestAuthority } from '../identity/testing/demo-authority.ts'
import { CoapCaller } from '../ingest/testing/coap-caller.ts'
import { UdpPeer } from '../ingest/testing/udp-peer.ts'
import { FIRST_METER, writeMadeCity } from '../pipeline/testing/made-city.ts'
import { readMetrics, type ServiceProcess, spawnService, TEST_MASTER_KEY } from '../pipeline/testing/service-process.ts'
import {
  COAP_CODE,
  COAP_OPTION,
  COAP_TYPE,
  CONTENT_FORMAT,
  encodeReport,
  pathOptions,
  uintOption,
} from '../protocol/index.ts'

const { CJT188, CJT188_SM4 } = CONTENT_FORMAT
const { CHANGED, FORBIDDEN } = COAP_CODE
const HONEST = 40
const [CLONED, REPLAYED, FLOODED] = [FIRST_METER + HONEST, FIRST_METER + HONEST + 1, FIRST_METER + HONEST + 2]

let dir = ''
let network = ''
let keys: { admin: string; viewer: string }
let authority: TestAuthority
let service: ServiceProcess
const open: CoapCaller[] = []
const data = () => path.join(dir, 'data')

async function start(): Promise<void> {
  service = await spawnService({ network, dataDir: data(), env: authority.environment }).ready
}
async function caller(): Promise<CoapCaller> {
  const made = await CoapCaller.open(service.coapPort)
  open.push(made)
  return made
}
beforeAll(async () => {
  dir = await mkdtemp(path.join(os.tmpdir(), 'gastwin-hostile-'))
  network = await writeMadeCity(dir, 1, HONEST + 3)
  authority = new TestAuthority(dir, Buffer.from(TEST_MASTER_KEY, 'hex'))
  const accounts = await Accounts.open(data())
  keys = { admin: await accounts.addApiKey('a', 'admin'), viewer: await accounts.addApiKey('v', 'viewer') }
  await start()
})
afterAll(async () => {
  for (const one of open) one.close()
  await service.kill()
  await rm(dir, { recursive: true, force: true })
})

async function call<T>(method: string, place: string, body?: unknown, key = keys.admin) {
  const response = await fetch(`${service.url}/api/v1${place}`, {
    method,
    headers: { 'x-api-key': key, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return { status: response.status, body: (await response.json()) as T }
}
const indexOf = async (device: number) => (await call<DeviceTwin>('GET', `/devices/${device}`)).body.meter?.index_m3
const terminals = async () => (await call<{ items: HostileTerminal[] }>('GET', '/devices/hostile')).body.items
const stepOf = async (device: number) =>
  (await terminals()).find((t) => t.device === String(device) && t.step !== 'none')?.step

let second = 0
const reportOf = (device: number, value: number, part: Partial<Report> = {}): Report => {
  const at = Math.floor(Date.now() / 1000) * 1000 - 7_200_000 + 1_000 * ++second
  return {
    ...{ device, kind: 'meter', trigger: 'timed', deviceTime: at, sequence: second, events: [] },
    ...{ readings: [{ quantity: 'index_m3', at, value }], status: { valve: 'open' }, ...part },
  }
}
const plain = (report: Report) =>
  encodeReport(CJT188, report, { keyOf: () => undefined, statusProfileOf: () => 'standard' })
const say = async (from: CoapCaller, report: Report) => (await from.post('r', CJT188, plain(report))).code

async function until(done: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 400; tries++) {
    if (await done()) return
    await pause(50)
  }
  throw new Error('it did not come')
}

describe('a clone of a plain meter', () => {
  let own: CoapCaller
  let clone: CoapCaller

  test('is isolated with reasons and an alarm; its victim, at the same address, loses nothing', async () => {
    own = await caller()
    clone = await caller()
    for (let i = 0; i < 8; i++) {
      expect(await say(own, reportOf(CLONED, 100 + i))).toBe(CHANGED)
      await say(clone, reportOf(CLONED, 7, { sequence: 30_000 + i }))
    }
    await until(async () => (await stepOf(CLONED)) === 'isolate')
    expect(await say(clone, reportOf(CLONED, 1))).toBe(FORBIDDEN)
    expect(await say(own, reportOf(CLONED, 120))).toBe(CHANGED)
    expect(await indexOf(CLONED)).toBe(120)
    const [terminal, ...others] = (await terminals()).filter(({ step }) => step !== 'none')
    expect(others).toEqual([])
    expect(terminal).toMatchObject({ device: String(CLONED), by: 'rules', except: null })
    expect(terminal?.reasons.map(({ code }) => code)).toContain('contradiction')
    const { items } = (await call<{ items: Alarm[] }>('GET', '/alarms')).body
    expect(items.some(({ rule, asset }) => rule === 'hostile_terminal' && asset.id === String(CLONED))).toBe(true)
  })

  test('is heard when it cries gas: the dispatcher is told, and that nobody vouches for it', async () => {
    expect(await say(clone, reportOf(CLONED, 1, { trigger: 'alarm', events: ['gas_leak'] }))).toBe(FORBIDDEN)
    const told = async () =>
      (await call<{ items: Alarm[] }>('GET', '/alarms')).body.items.find(
        ({ rule, asset }) => rule === 'unverified_alarm' && asset.id === String(CLONED),
      )
    await until(async () => (await told()) !== undefined)
    expect((await told())?.priority).toBe(2)
    expect(await indexOf(CLONED)).toBe(120)
  })

  test('stays isolated over kill -9, and comes back by the act of an operator who may', async () => {
    const before = (await terminals()).find(({ step }) => step === 'isolate')
    await service.kill()
    await start()
    const after = (await terminals()).find(({ step }) => step === 'isolate')
    expect(after).toMatchObject({ device: before?.device, from: before?.from, by: 'rules' })
    const from = before?.from
    const act = { step: 'none', from, reason: 'the fitter tested a meter' }
    expect((await call('POST', `/devices/${CLONED}/hostile`, act, keys.viewer)).status).toBe(403)
    expect((await call('POST', `/devices/${CLONED}/hostile`, { ...act, from: 'nowhere' })).status).toBe(400)
    expect((await call('POST', `/devices/${CLONED}/hostile`, act)).status).toBe(200)
    expect(await stepOf(CLONED)).toBeUndefined()
    const { items } = (await call<{ items: Alarm[] }>('GET', '/alarms')).body
    expect(items.filter(({ rule, state }) => rule === 'hostile_terminal' && state.startsWith('active'))).toEqual([])
  })
})

describe('who sends again what he heard of a meter with a session', () => {
  test('is isolated; the meter goes on, also from another address', async () => {
    const meter = await caller()
    const key = await makeContact(authority.make(REPLAYED), (format, payload) => meter.post('reg', format, payload))
    if (typeof key === 'number') throw new Error(`refused ${key}`)
    const sealed = (value: number) =>
      encodeReport(CJT188_SM4, reportOf(REPLAYED, value), { keyOf: () => key, statusProfileOf: () => 'standard' })
    const heard = Array.from({ length: 10 }, (_, i) => sealed(50 + i))
    for (const payload of heard) expect((await meter.post('r', CJT188_SM4, payload)).code).toBe(CHANGED)
    const thief = await caller()
    for (const payload of heard) await thief.post('r', CJT188_SM4, payload)
    await until(async () => (await stepOf(REPLAYED)) === 'isolate')
    expect((await thief.post('r', CJT188_SM4, heard[0] ?? new Uint8Array(0))).code).toBe(FORBIDDEN)
    expect(await indexOf(REPLAYED)).toBe(59)
    const moved = await caller()
    expect((await moved.post('r', CJT188_SM4, sealed(60))).code).toBe(CHANGED)
    expect(await indexOf(REPLAYED)).toBe(60)
  })
})

describe('a meter behind a gateway', () => {
  test('is isolated by its number: the others behind the same address and port keep their pace', async () => {
    const gateway = await caller()
    const behind = Array.from({ length: 20 }, (_, i) => FIRST_METER + i)
    for (const device of behind) expect(await say(gateway, reportOf(device, 200))).toBe(CHANGED)
    const { body } = await call<{ items: HostileTerminal[] }>('POST', `/devices/${FIRST_METER}/hostile`, {
      ...{ step: 'isolate', from: `127.0.0.1:${gateway.port}`, reason: 'a test of the gateway' },
    })
    expect(body.items).toMatchObject([{ step: 'isolate' }])
    expect(await say(gateway, reportOf(FIRST_METER, 201))).toBe(FORBIDDEN)
    for (let round = 0; round < 3; round++)
      for (const device of behind.slice(1)) expect(await say(gateway, reportOf(device, 202 + round))).toBe(CHANGED)
    const back = { step: 'none', reason: 'the test is over' }
    expect((await call('POST', `/devices/${FIRST_METER}/hostile`, back)).status).toBe(200)
    expect(await say(gateway, reportOf(FIRST_METER, 206))).toBe(CHANGED)
  })
})

describe('a flood', () => {
  test('is forced offline and then dropped unread, while forty meters beside it at the same address lose nothing', async () => {
    const flood = await UdpPeer.open(service.coapPort)
    let messageId = 0
    const datagram = (payload: Uint8Array) =>
      flood.sendMessage({
        ...{ type: COAP_TYPE.NON, code: COAP_CODE.POST, messageId: ++messageId & 0xffff },
        options: [...pathOptions('r'), uintOption(COAP_OPTION.CONTENT_FORMAT, CJT188)],
        payload,
      })
    let flooding = true
    const flooder = (async () => {
      for (let i = 0; flooding; i++) {
        datagram(plain(reportOf(FLOODED, 10, { sequence: i & 0xffff })))
        if (i % 20 === 0) await pause(2)
      }
    })()
    await until(async () => (await stepOf(FLOODED)) === 'offline')
    const sound = await Promise.all(Array.from({ length: HONEST }, () => caller()))
    const dropped = async () => (await readMetrics(service)).get('gastwin_ingest{what="overBudget"}') ?? 0
    const before = await dropped()
    const codes = await Promise.all(
      sound.map(async (meter, i) => {
        const first = await say(meter, reportOf(FIRST_METER + i, 300 + i))
        return [first, await say(meter, reportOf(FIRST_METER + i, 301 + i))]
      }),
    )
    expect(codes).toEqual(Array.from({ length: HONEST }, () => [CHANGED, CHANGED]))
    await until(async () => (await dropped()) > before + 200)
    flooding = false
    await flooder
    flood.close()
    for (let i = 0; i < HONEST; i++) expect(await indexOf(FIRST_METER + i)).toBe(301 + i)
    const kept = (await terminals()).filter(({ step }) => step !== 'none').map(({ device }) => device)
    expect(new Set(kept)).toEqual(new Set([String(REPLAYED), String(FLOODED)]))
  })
})

describe('a policy', () => {
  test('is an operator’s word about one device, and is taken back', async () => {
    const meter = await caller()
    const device = FIRST_METER + 30
    const only = { report: 'cipher', alarm: 'both', command: 'cipher' }
    const put = async (policy: unknown) =>
      (await call<{ policy: unknown }>('PUT', `/devices/${device}/cipher-policy`, { policy })).body.policy
    expect(await put(only)).toEqual(only)
    expect(await say(meter, reportOf(device, 500))).toBe(FORBIDDEN)
    expect(await put(null)).toEqual({ report: 'both', alarm: 'both', command: 'both' })
    expect(await say(meter, reportOf(device, 501))).toBe(CHANGED)
    expect(await indexOf(device)).toBe(501)
  })
})

describe('keys', () => {
  test('have a health that an administrator may read, without any key in it', async () => {
    expect((await call('GET', '/keys/health', undefined, keys.viewer)).status).toBe(403)
    const noise = await caller()
    const broken = plain(reportOf(FIRST_METER, 1))
    await noise.post('r', CJT188_SM4, broken)
    const { body } = await call<KeysHealth>('GET', '/keys/health')
    expect([...Value.Errors(KeysHealth, body)]).toEqual([])
    expect(Value.Clean(KeysHealth, structuredClone(body))).toEqual(body)
    for (const terminal of await terminals())
      expect([Value.Check(HostileTerminal, terminal), Value.Clean(HostileTerminal, { ...terminal })]).toEqual([
        true,
        terminal,
      ])
    expect(body).toMatchObject({ master_key: 'setting', keyring: { rotations: 0 }, sessions: 1 })
    expect(body.authority?.platform).toBe('north')
    expect(body.uses.find(({ index }) => index === 'session')?.uses).toBeGreaterThan(0)
    expect(body.failed.worst).toMatchObject([{ device: String(FIRST_METER), count: 1 }])
    expect(JSON.stringify(body)).not.toMatch(/[0-9a-f]{24}/i)
  })
})
