import { spawnSync } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Report } from '@gastwin/twin'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { CommandRecord, DeviceTwin, QuarantineItem } from '../contract/index.ts'
import { Accounts } from '../http/auth/accounts.ts'
import { encodeContact } from '../identity/contact-message.ts'
import { answerChallenge, type DeviceMaking, makeContact } from '../identity/testing/contacting-device.ts'
import { TestAuthority } from '../identity/testing/demo-authority.ts'
import { CoapCaller } from '../ingest/testing/coap-caller.ts'
import { FIRST_METER, writeMadeCity } from '../pipeline/testing/made-city.ts'
import { type ServiceProcess, spawnService, TEST_MASTER_KEY } from '../pipeline/testing/service-process.ts'
import { until } from '../pipeline/testing/until.ts'
import { COAP_CODE, CONTENT_FORMAT, decodeContact, deviceKey, encodeReport } from '../protocol/index.ts'

const { CJT188, CJT188_SM4, CONTACT } = CONTENT_FORMAT
const ROOT = Buffer.from(TEST_MASTER_KEY, 'hex')
const [METER, OTHER, TAKEN_BACK, IMPATIENT] = [0, 1, 2, 3].map((k) => FIRST_METER + k) as [
  number,
  number,
  number,
  number,
]

let dir = ''
let network = ''
let key = ''
let authority: TestAuthority
let making: DeviceMaking
let service: ServiceProcess
let device: CoapCaller
const data = () => path.join(dir, 'data')

async function start(): Promise<void> {
  service = await spawnService({ network, dataDir: data(), env: authority.environment }).ready
  device = await CoapCaller.open(service.coapPort)
}
async function again(): Promise<void> {
  await service.kill()
  device.close()
  await start()
}
beforeAll(async () => {
  dir = await mkdtemp(path.join(os.tmpdir(), 'gastwin-contact-'))
  network = await writeMadeCity(dir, 1, 4)
  authority = new TestAuthority(dir, ROOT)
  making = authority.make(METER)
  key = await (await Accounts.open(data())).addApiKey('test', 'admin')
  await start()
})
afterAll(async () => {
  device.close()
  await service.kill()
  await rm(dir, { recursive: true, force: true })
})

const get = async <T>(place: string): Promise<T> =>
  (await (await fetch(`${service.url}/api/v1${place}`, { headers: { 'x-api-key': key } })).json()) as T
const indexOf = async (number: number) => (await get<DeviceTwin>(`/devices/${number}`)).meter?.index_m3
const contact = (of: DeviceMaking, from = device) =>
  makeContact(of, (format, payload) => from.post('reg', format, payload))

let minute = 0
const reportOf = (number: number, value: number, trigger: Report['trigger'] = 'timed'): Report => {
  const at = Math.floor(Date.now() / 1000) * 1000 - 3_600_000 + 60_000 * ++minute
  return {
    ...{ device: number, kind: 'meter', trigger, deviceTime: at, sequence: minute, events: [] },
    ...{ readings: [{ quantity: 'index_m3', at, value }], status: { valve: 'open' } },
  }
}
const sealed = (own: Uint8Array, report: Report) =>
  encodeReport(CJT188_SM4, report, { keyOf: () => own, statusProfileOf: () => 'standard' })
const plain = (report: Report) =>
  encodeReport(CJT188, report, { keyOf: () => undefined, statusProfileOf: () => 'standard' })
const codeOf = async (format: number, payload: Uint8Array) => (await device.post('r', format, payload)).code

describe('a first contact over the socket', () => {
  let session: Uint8Array

  test('gives a session key that never travels and is the only key from then on', async () => {
    expect(await codeOf(CJT188_SM4, sealed(deviceKey(ROOT, METER), reportOf(METER, 1)))).toBe(COAP_CODE.CHANGED)
    const made = await contact(making)
    if (typeof made === 'number') throw new Error(`refused ${made}`)
    session = made
    expect(await codeOf(CJT188_SM4, sealed(session, reportOf(METER, 2)))).toBe(COAP_CODE.CHANGED)
    expect(await indexOf(METER)).toBe(2)
    expect(await codeOf(CJT188_SM4, sealed(deviceKey(ROOT, METER), reportOf(METER, 3)))).toBeGreaterThanOrEqual(0x80)
    expect(await indexOf(METER)).toBe(2)
  })

  test('from then on plain reports are refused and kept with the reason, and an urgent one is heard', async () => {
    expect(await codeOf(CJT188, plain(reportOf(METER, 9)))).toBe(COAP_CODE.FORBIDDEN)
    expect(await indexOf(METER)).toBe(2)
    const { items } = await get<{ items: QuarantineItem[] }>('/quarantine')
    expect(items.find(({ reason }) => reason === 'refused')).toMatchObject({
      ...{ device: String(METER), detail: 'a report must come as cipher text', count: 1 },
    })
    const order = { device: String(METER), parameter: 'report_base_s', value: 60, reason: 'test' }
    const ordered = await fetch(`${service.url}/api/v1/commands/settings`, {
      method: 'POST',
      headers: { 'x-api-key': key, 'content-type': 'application/json' },
      body: JSON.stringify(order),
    })
    expect(ordered.status).toBe(201)
    expect(await codeOf(CJT188, plain(reportOf(METER, 3, 'alarm')))).toBe(COAP_CODE.CHANGED)
    // An order that must travel as cipher text does not ride on a plain answer.
    const waiting = async () => (await get<{ items: CommandRecord[] }>('/commands')).items[0]?.state
    expect(await waiting()).toBe('queued')
    expect(await codeOf(CJT188_SM4, sealed(session, reportOf(METER, 3)))).toBe(COAP_CODE.CHANGED)
    expect(await waiting()).toBe('sent')
    expect(await codeOf(CJT188, plain(reportOf(OTHER, 5)))).toBe(COAP_CODE.CHANGED)
  })

  test('outlives kill -9: log and twin are read with the keys of their time', async () => {
    await again()
    expect(await indexOf(METER)).toBe(3)
    expect(await codeOf(CJT188_SM4, sealed(session, reportOf(METER, 4)))).toBe(COAP_CODE.CHANGED)
    expect(await indexOf(METER)).toBe(4)
    const bin = fileURLToPath(new URL('../../bin/gastwin.mjs', import.meta.url))
    const env = { ...process.env, GASTWIN_MASTER_KEY: TEST_MASTER_KEY }
    const { stdout } = spawnSync(process.execPath, [bin, 'export', '--data', data()], { env, encoding: 'utf8' })
    const read = stdout
      .split('\n')
      .flatMap((line) => (line.includes(`,${METER},index_m3,`) ? [line.split(',')[3]] : []))
    expect(read).toEqual(['1', '2', '3', '3', '4'])
  })

  test('made again gives another key and ends the former one; an older contact cannot come back', async () => {
    const nonce = new Uint8Array(16).fill(4)
    const hello = encodeContact({ kind: 'hello', nonce, certificate: making.certificate })
    const challenge = decodeContact((await device.post('reg', CONTACT, hello)).payload)
    if (challenge?.kind !== 'challenge') throw new Error('no challenge')
    const older = answerChallenge(making, nonce, challenge)
    await pause(5)
    const second = await contact(making)
    if (typeof second === 'number') throw new Error(`refused ${second}`)
    expect((await device.post('reg', CONTACT, older.message)).code).toBe(COAP_CODE.UNAUTHORIZED)
    expect(await codeOf(CJT188_SM4, sealed(session, reportOf(METER, 5)))).not.toBe(COAP_CODE.CHANGED)
    expect(await codeOf(CJT188_SM4, sealed(second, reportOf(METER, 5)))).toBe(COAP_CODE.CHANGED)
    expect(await indexOf(METER)).toBe(5)
    session = second
  })

  test('is refused from another source, with another’s proof, and with a strange certificate', async () => {
    const nonce = new Uint8Array(16).fill(6)
    const { certificate } = making
    const hello = encodeContact({ kind: 'hello', nonce, certificate })
    const challenge = decodeContact((await device.post('reg', CONTACT, hello)).payload)
    if (challenge?.kind !== 'challenge') throw new Error('no challenge')
    const { message } = answerChallenge(making, nonce, challenge)
    const thief = await CoapCaller.open(service.coapPort)
    expect((await thief.post('reg', CONTACT, message)).code).toBe(COAP_CODE.UNAUTHORIZED)
    const proof = new Uint8Array(64).fill(1)
    const forged = encodeContact({
      kind: 'proof',
      deviceNonce: nonce,
      platformNonce: challenge.nonce,
      proof,
      certificate,
    })
    expect((await device.post('reg', CONTACT, forged)).code).toBe(COAP_CODE.FORBIDDEN)
    const stranger = { ...certificate, issuer: new Uint8Array(8) }
    expect(
      (await thief.post('reg', CONTACT, encodeContact({ kind: 'hello', nonce, certificate: stranger }))).code,
    ).toBe(COAP_CODE.FORBIDDEN)
    expect((await thief.post('reg', CONTACT, Uint8Array.of(1, 2, 3))).code).toBe(COAP_CODE.BAD_REQUEST)
    expect((await thief.post('reg', CONTACT, message.subarray(0, 40))).code).toBe(COAP_CODE.BAD_REQUEST)
    thief.close()
    expect(await codeOf(CJT188_SM4, sealed(session, reportOf(METER, 6)))).toBe(COAP_CODE.CHANGED)
  })

  test('a device that began anew until it was sent away is heard out as soon as one begin of it is taken', async () => {
    const impatient = await CoapCaller.open(service.coapPort)
    const own = authority.make(IMPATIENT)
    const nonce = new Uint8Array(16).fill(9)
    const hello = encodeContact({ kind: 'hello', nonce, certificate: own.certificate })
    const begin = async () => (await impatient.postOnce('reg', CONTACT, hello)).code
    await until(begin, (code) => code === COAP_CODE.SERVICE_UNAVAILABLE)
    // What it earns from now on it spends on another begin at once.
    const made = await until(
      () => makeContact(own, (format, payload) => impatient.postOnce('reg', format, payload)),
      (answer) => answer !== COAP_CODE.SERVICE_UNAVAILABLE,
    )
    impatient.close()
    expect(made).toBeInstanceOf(Uint8Array)
  }, 240_000)

  test('is refused to a revoked certificate, whose session ends too, over a restart', async () => {
    const other = authority.make(TAKEN_BACK)
    const own = await contact(other)
    if (typeof own === 'number') throw new Error(`refused ${own}`)
    expect(await codeOf(CJT188_SM4, sealed(own, reportOf(TAKEN_BACK, 1)))).toBe(COAP_CODE.CHANGED)
    authority.revoke(other.certificate.serial)
    let code: number = COAP_CODE.CHANGED
    for (let tries = 0; tries < 100 && code === COAP_CODE.CHANGED; tries++) {
      await pause(100)
      code = await codeOf(CJT188_SM4, sealed(own, reportOf(TAKEN_BACK, 1)))
    }
    expect(code).toBe(COAP_CODE.UNAUTHORIZED)
    const from = await CoapCaller.open(service.coapPort)
    expect(await contact(other, from)).toBe(COAP_CODE.FORBIDDEN)
    from.close()
    await again()
    expect(await codeOf(CJT188_SM4, sealed(own, reportOf(TAKEN_BACK, 2)))).toBe(COAP_CODE.UNAUTHORIZED)
    expect(await indexOf(TAKEN_BACK)).toBe(1)
  })

  test('goes on from a snapshot, and leaves no plain key on the disk', async () => {
    await service.stop()
    device.close()
    await start()
    expect(await codeOf(CJT188_SM4, sealed(session, reportOf(METER, 7)))).toBe(COAP_CODE.CHANGED)
    expect(await indexOf(METER)).toBe(7)
    const snapshots = await readdir(path.join(data(), 'snapshots'))
    expect(snapshots.length).toBeGreaterThan(0)
    const folders = ['', 'log', ...snapshots.map((name) => path.join('snapshots', name))]
    for (const folder of folders) {
      for (const name of await readdir(path.join(data(), folder), { withFileTypes: true })) {
        if (!name.isFile()) continue
        const bytes = await readFile(path.join(data(), folder, name.name))
        for (const secret of [Buffer.from(session), ROOT]) {
          expect(bytes.includes(secret), name.name).toBe(false)
          expect(bytes.toString('latin1').toLowerCase().includes(secret.toString('hex')), name.name).toBe(false)
          expect(bytes.includes(secret.toString('base64').slice(0, 20)), name.name).toBe(false)
        }
      }
    }
  })
})

describe('the master key', () => {
  test('is changed by the command line: the service starts with the new one only, and reads what was before', async () => {
    await service.stop()
    device.close()
    const next = path.join(dir, 'next.key')
    const bin = fileURLToPath(new URL('../../bin/gastwin.mjs', import.meta.url))
    const keys = (...args: readonly string[]) =>
      spawnSync(process.execPath, [bin, 'keys', ...args, '--data', data()], {
        env: { ...process.env, GASTWIN_MASTER_KEY: TEST_MASTER_KEY },
        encoding: 'utf8',
      })
    expect(keys('rotate').status).toBe(2)
    expect(keys('rotate', '--new-key-file', next).stdout).toMatch(/rotation 1/)
    expect(JSON.parse(keys('show').stdout)).toMatchObject({ rotations: 1 })
    expect(keys('rotate', '--new-key-file', next).stderr).toMatch(/does not open/)
    await expect(spawnService({ network, dataDir: data(), env: authority.environment }).ready).rejects.toThrow(
      /does not open/,
    )
    const env = { ...authority.environment, GASTWIN_MASTER_KEY: '', GASTWIN_MASTER_KEY_FILE: next }
    service = await spawnService({ network, dataDir: data(), env }).ready
    device = await CoapCaller.open(service.coapPort)
    expect(await indexOf(METER)).toBe(7)
    const again = await contact(making)
    if (typeof again === 'number') throw new Error(`refused ${again}`)
    expect(await codeOf(CJT188_SM4, sealed(again, reportOf(METER, 8)))).toBe(COAP_CODE.CHANGED)
  })
})
