import { spawnSync } from 'node:child_process'
import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Report } from '@gastwin/twin'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Alarm, DeviceTwin, HostileTerminal, QuarantineItem } from '../contract/index.ts'
import { nextMessage, openNodeDtls } from '../dtls/testing/node-dtls.ts'
import { reportRequest, SecureCaller } from '../dtls/testing/secure-caller.ts'
import { Accounts } from '../http/auth/accounts.ts'
import { CoapCaller } from '../ingest/testing/coap-caller.ts'
import { FIRST_METER, writeMadeCity } from '../pipeline/testing/made-city.ts'
import {
  readMetrics,
  type ServiceProcess,
  type ServiceProcessOptions,
  spawnService,
  TEST_MASTER_KEY,
} from '../pipeline/testing/service-process.ts'
import { COAP_CODE, CONTENT_FORMAT, encodeReport, parseMessage } from '../protocol/index.ts'

const { CJT188 } = CONTENT_FORMAT
const { CHANGED, FORBIDDEN } = COAP_CODE
const [STRICT, FREE, THIRD] = [FIRST_METER, FIRST_METER + 1, FIRST_METER + 2]
const KEY = 'a key of 16 byte'
const HEX = Buffer.from(KEY).toString('hex')
const key = Buffer.from(KEY)

let dir = ''
let network = ''
let api = ''
let service: ServiceProcess
const data = () => path.join(dir, 'data')
const keyFile = () => path.join(dir, 'dtls-keys')
const KEYS = [`${STRICT},${HEX},,only`, `node,${HEX},${FREE},legacy`, `gateway,${HEX},${FREE} ${THIRD}`]

/** Event time that passes in a wall second: alarms end some minutes after their reason. */
const SPEED = 100
/** The service ends its own thread of DTLS when it is told to: nobody else can reach a thread. */
const KILLER = `import { syncBuiltinESMExports } from 'node:module'
import threads from 'node:worker_threads'
let dtls
threads.Worker = class extends threads.Worker {
  constructor(file, options) {
    super(file, options)
    if (String(file).includes('dtls-main')) dtls = this
  }
}
syncBuiltinESMExports()
process.on('message', (message) => message === 'kill dtls' && dtls.terminate())
process.channel.unref()`

async function start(options: Pick<ServiceProcessOptions, 'env' | 'nodeArgs'> = {}): Promise<void> {
  const env = { GASTWIN_DTLS_PORT: '0', GASTWIN_DTLS_KEYS: keyFile(), ...options.env }
  service = await spawnService({ network, dataDir: data(), ...options, env }).ready
}
beforeAll(async () => {
  dir = await mkdtemp(path.join(os.tmpdir(), 'gastwin-secure-'))
  network = await writeMadeCity(dir, 1, 4)
  await writeFile(keyFile(), KEYS.join('\n'), { mode: 0o600 })
  api = await (await Accounts.open(data())).addApiKey('test', 'admin')
  await start()
})
afterAll(async () => {
  await service.kill()
  await rm(dir, { recursive: true, force: true })
})

const get = async <T>(place: string): Promise<T> =>
  (await (await fetch(`${service.url}/api/v1${place}`, { headers: { 'x-api-key': api } })).json()) as T
const indexOf = async (device: number) => (await get<DeviceTwin>(`/devices/${device}`)).meter?.index_m3
const alarms = async () => (await get<{ items: Alarm[] }>('/alarms')).items
const refused = async () =>
  (await get<{ items: QuarantineItem[] }>('/quarantine')).items.filter(({ reason }) => reason === 'refused')
const suspects = async () =>
  (await get<{ items: HostileTerminal[] }>('/devices/hostile')).items
    .map(({ device, reasons }) => ({ device: Number(device), codes: reasons.map(({ code }) => code) }))
    .sort((a, b) => a.device - b.device)

let second = 0
const frame = (device: number, value: number, part: Partial<Report> = {}): Uint8Array => {
  const at = Math.floor(Date.now() / 1000) * 1000 - 7_200_000 + 1_000 * ++second
  const report: Report = {
    ...{ device, kind: 'meter', trigger: 'timed', deviceTime: at, sequence: second, events: [] },
    ...{ readings: [{ quantity: 'index_m3', at, value }], status: { valve: 'open' }, ...part },
  }
  return encodeReport(CJT188, report, { keyOf: () => undefined, statusProfileOf: () => 'standard' })
}
async function caller(identity: string): Promise<SecureCaller> {
  const made = await SecureCaller.open(service.dtlsPort ?? 0, { identity, key, cid: Buffer.alloc(0) })
  if (made === undefined) throw new Error(`no association of ${identity}`)
  return made
}
async function say(identity: string, ...frames: readonly Uint8Array[]): Promise<number[]> {
  const from = await caller(identity)
  const codes: number[] = []
  for (const one of frames) codes.push((await from.report(CJT188, one)).code)
  from.close()
  return codes
}
async function sayClear(bytes: Uint8Array): Promise<number> {
  const from = await CoapCaller.open(service.coapPort)
  const { code } = await from.post('r', CJT188, bytes)
  from.close()
  return code
}

describe('a meter that speaks DTLS', () => {
  test('is heard, also from another port in mid-conversation', async () => {
    const meter = await caller(String(STRICT))
    expect((await meter.report(CJT188, frame(STRICT, 1))).code).toBe(CHANGED)
    await meter.roam()
    expect((await meter.report(CJT188, frame(STRICT, 2))).code).toBe(CHANGED)
    expect(await indexOf(STRICT)).toBe(2)
    meter.close()
  })

  test('is heard through the client that others wrote (node-dtls-client)', async () => {
    const socket = await openNodeDtls(service.dtlsPort ?? 0, 'node', KEY)
    socket.send(Buffer.from(reportRequest(1, CJT188, frame(FREE, 11))))
    expect(parseMessage(await nextMessage(socket))).toMatchObject({ code: CHANGED })
    expect(await indexOf(FREE)).toBe(11)
    socket.close()
  })

  test('speaks for its own numbers alone: for another it is refused, set aside, and both are watched', async () => {
    expect(await say('gateway', frame(THIRD, 21), frame(FREE, 12), frame(STRICT, 99))).toEqual([
      ...[CHANGED, CHANGED, FORBIDDEN],
    ])
    expect([await indexOf(THIRD), await indexOf(FREE), await indexOf(STRICT)]).toEqual([21, 12, 2])
    expect(await refused()).toMatchObject([
      { device: String(STRICT), detail: 'identity gateway may not speak for it', count: 1 },
    ])
    expect(await suspects()).toEqual([
      { device: STRICT, codes: ['foreign_identity'] },
      { device: FREE, codes: ['foreign_identity'] },
    ])
  })

  test('listed as such is not believed in the clear; its cry of gas reaches the dispatcher all the same', async () => {
    expect(await sayClear(frame(STRICT, 98))).toBe(FORBIDDEN)
    expect(await sayClear(frame(FREE, 13))).toBe(CHANGED)
    expect(await sayClear(frame(STRICT, 97, { trigger: 'alarm', events: ['gas_leak'] }))).toBe(FORBIDDEN)
    expect([await indexOf(STRICT), await indexOf(FREE)]).toEqual([2, 13])
    expect((await alarms()).filter(({ rule }) => rule === 'unverified_alarm').map(({ asset }) => asset.id)).toEqual([
      String(STRICT),
    ])
  })
})

describe('what the service knows by DTLS', () => {
  const state = async () => ({
    registers: await Promise.all([STRICT, FREE, THIRD].map(indexOf)),
    suspects: await suspects(),
    unverified: (await alarms()).filter(({ rule }) => rule === 'unverified_alarm').length,
  })

  test('follows from the log: it is the same after kill -9, and for who reads the log by himself', async () => {
    const before = await state()
    await service.kill()
    await start()
    expect(await state()).toEqual(before)
    const bin = fileURLToPath(new URL('../../bin/gastwin.mjs', import.meta.url))
    const env = { ...process.env, GASTWIN_MASTER_KEY: TEST_MASTER_KEY }
    const { stdout } = spawnSync(process.execPath, [bin, 'export', '--data', data()], { env, encoding: 'utf8' })
    const read = (device: number) =>
      stdout.split('\n').flatMap((line) => (line.includes(`,${device},index_m3,`) ? [Number(line.split(',')[3])] : []))
    expect([STRICT, FREE, THIRD].map(read)).toEqual([[1, 2], [11, 12, 13], [21]])
  })

  test('follows from a snapshot as well', async () => {
    const before = await state()
    await service.stop()
    await start()
    expect(await state()).toEqual(before)
    expect(await sayClear(frame(STRICT, 96))).toBe(FORBIDDEN)
    expect(await say(String(STRICT), frame(STRICT, 3))).toEqual([CHANGED])
  })

  test('follows the file of keys: who need not speak DTLS any more is heard in the clear, on record', async () => {
    await writeFile(keyFile(), [`${STRICT},${HEX}`, ...KEYS.slice(1)].join('\n'))
    await utimes(keyFile(), new Date(), new Date(Date.now() + 2_000))
    let code = 0
    for (let tries = 0; tries < 100 && code !== CHANGED; tries++) {
      code = await sayClear(frame(STRICT, 4))
      await pause(50)
    }
    expect(code).toBe(CHANGED)
    await service.kill()
    await start()
    expect([await indexOf(STRICT), await sayClear(frame(STRICT, 5))]).toEqual([4, CHANGED])
  })
})

describe('a thread of DTLS that dies', () => {
  const down = async () => (await alarms()).find(({ rule }) => rule === 'dtls_down')
  const figure = async (what: string) => (await readMetrics(service)).get(`gastwin_dtls{what="${what}"}`)
  async function until(isSo: () => Promise<boolean>): Promise<void> {
    for (const end = Date.now() + 60_000; !(await isSo()); await pause(50))
      if (Date.now() > end) throw new Error('it did not come')
  }
  async function writeKeys(text: string): Promise<void> {
    await writeFile(keyFile(), text)
    await utimes(keyFile(), new Date(), new Date(Date.now() + 1_000 * ++second))
  }

  async function killForLong(): Promise<void> {
    // With a file that does not say what it should the thread cannot start, however often it tries.
    await writeKeys('no keys')
    await until(async () => (await alarms()).some(({ rule, state }) => rule === 'dtls_keys_refused' && isActive(state)))
    service.child.send('kill dtls')
    await until(async () => isActive((await down())?.state))
  }
  const isActive = (state: string | undefined) => state?.startsWith('active') ?? false
  const clock = () => ({ GASTWIN_CLOCK: JSON.stringify({ segments: [{ wall, event: wall, speed: SPEED }] }) })
  let wall = 0

  test('is an alarm while it does not come up, and clears some minutes after it runs again', async () => {
    await service.stop()
    wall = Date.now()
    const nodeArgs = ['--import', `data:text/javascript,${encodeURIComponent(KILLER)}`]
    await start({ nodeArgs, env: clock() })
    expect([await down(), await figure('running')]).toEqual([undefined, 1])
    await killForLong()
    expect(await down()).toMatchObject({ priority: 3, action: 'read_log_of_service' })
    expect(await figure('running')).toBe(0)
    expect(await figure('deaths')).toBeGreaterThanOrEqual(1)
    await writeKeys(KEYS.join('\n'))
    await until(async () => (await figure('running')) === 1)
    await until(async () => (await down())?.state === 'cleared_unacked')
    expect(await say(String(STRICT), frame(STRICT, 6))).toEqual([CHANGED])
  }, 180_000)

  test('ends with the next start, when it runs then', async () => {
    await killForLong()
    await service.stop()
    await writeKeys(KEYS.join('\n'))
    await start({ env: clock() })
    await until(async () => (await down())?.state === 'cleared_unacked')
    await until(async () =>
      (await alarms()).every(({ rule, state }) => rule !== 'dtls_keys_refused' || !isActive(state)),
    )
  }, 180_000)
})
