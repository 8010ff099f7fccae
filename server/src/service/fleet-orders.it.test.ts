import dgram from 'node:dgram'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildCity } from '../../../datasets/src/city/write-city.ts'
import { Fleet } from '../../../datasets/src/fleet/fleet.ts'
import type {
  CommandRecord,
  ConcentratorMeter,
  ConcentratorSummary,
  HostileTerminal,
  MeterOrdersAnswer,
  Page,
} from '../contract/index.ts'
import { Accounts } from '../http/auth/accounts.ts'
import { TestAuthority } from '../identity/testing/demo-authority.ts'
import { type ServiceProcess, spawnService } from '../pipeline/testing/service-process.ts'
import {
  COAP_CODE,
  COAP_TYPE,
  CONTENT_FORMAT,
  encodeAnswer,
  encodeLineOrder,
  encodeMessage,
  parseMessage,
  pathOptions,
  uintOption,
} from '../protocol/index.ts'

const masterKey = Buffer.from('00112233445566778899aabbccddeeff', 'hex')
const begin = Date.parse('2026-03-10T23:30:00+08:00')
let dir = ''
let key = ''
let service: ServiceProcess
let fleet: Fleet
let start: () => Promise<void>

beforeAll(async () => {
  const { network: invented, truth } = buildCity({ meters: 400, seed: 11, concentrators: 3 })
  const since = new Date(begin).toISOString()
  const document = { ...invented, concentrators: invented.concentrators?.map((one) => ({ ...one, since })) ?? [] }
  dir = await mkdtemp(path.join(os.tmpdir(), 'gastwin-fleet-orders-'))
  await writeFile(path.join(dir, 'network.json'), JSON.stringify(document))
  key = await (await Accounts.open(path.join(dir, 'data'))).addApiKey('test', 'safety')
  const authority = new TestAuthority(dir, masterKey)
  // The last one is an older one, without a certificate.
  const numbers = document.concentrators.slice(0, -1).map((one) => Number(one.device_number))
  const made = authority.makeAll(numbers)
  const devices = new Map(made.map(({ certificate, keys }) => [Number(certificate.subject), { certificate, keys }]))
  const identities = { authorityKey: authority.folder.certificate.publicKey, devices }
  // A fleet that begins late says everything at once.
  const plan = { segments: [{ wall: Date.now() + 10_000, event: begin, speed: 300 }] }
  const env = {
    ...authority.environment,
    GASTWIN_CLOCK: JSON.stringify(plan),
    GASTWIN_METER_AUTHORITY: '0200000000000000',
    GASTWIN_MASTER_KEY: masterKey.toString('hex'),
  }
  const places = { network: path.join(dir, 'network.json'), dataDir: path.join(dir, 'data') }
  start = async () => {
    service = await spawnService({ ...places, env, coapPort: service?.coapPort ?? 0 }).ready
  }
  await start()
  const at = { host: '127.0.0.1', port: service.coapPort }
  const options = { plan, scenario: 'calm', seed: 5, masterKey, identities, sockets: 8, loss: 0 }
  fleet = await Fleet.open({ document, truth, ...at, ...options })
  fleet.run()
}, 120_000)
afterAll(async () => {
  await fleet?.close()
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
const items = async <T>(place: string): Promise<readonly T[]> => (await call<{ items: T[] }>(place)).items
/** Asks until it is so, or three minutes are over: whom a busy service turned away comes back after one or two. */
async function until<T>(ask: () => Promise<T>, isSo: (value: T) => boolean): Promise<T> {
  const latest = Date.now() + 180_000
  for (;;) {
    const value = await ask()
    if (isSo(value) || Date.now() > latest) return value
    await pause(250)
  }
}

const concentrators = () => items<ConcentratorSummary>('/concentrators')
const metersOf = async (number: string) =>
  (await call<Page<ConcentratorMeter>>(`/concentrators/${number}/meters?limit=500`)).items
const isClosed = (meter: string) =>
  fleet.book.consumers.some(({ device, closedFrom }) => device === Number(meter) && Number.isFinite(closedFrom))

/** Orders valves and relays closed through their concentrators. @param skip meters of each kind that are passed over */
async function close(skip: number, through: readonly ConcentratorSummary[]) {
  const ordered: number[] = []
  for (const { number } of through) {
    const meters = (await metersOf(number)).filter(({ route }) => route !== null)
    const gas = meters.filter(({ medium }) => medium === 'gas')[skip]
    const power = meters.filter(({ medium }) => medium === 'electricity')[skip]
    const chosen = [gas, power].flatMap((one) => (one === undefined ? [] : [one.number]))
    const body = { order: { kind: 'close' }, meters: chosen, reason: 'a test of the fleet' }
    const { commands } = await call<MeterOrdersAnswer>(`/concentrators/${number}/orders`, body)
    ordered.push(...commands.map(({ id }) => id))
  }
  expect(ordered.length).toBeGreaterThanOrEqual(2 * through.length)
  const ended = await until(
    async () => (await items<CommandRecord>('/commands?limit=1000')).filter(({ id }) => ordered.includes(id)),
    (all) => all.every(({ state }) => state === 'confirmed'),
  )
  expect(ended.map(({ state, tries, error }) => [state, tries, error])).toEqual(
    ordered.map(() => ['confirmed', 1, null]),
  )
  return ended
}

/** Says to the port of a concentrator what anybody can say who knows its form. @returns the code of its reply */
async function forgeClose(concentrator: string, meter: string): Promise<number> {
  const until = Math.floor(Date.now() / 1000) * 1000 + 10 * 365 * 86_400_000
  const line = { number: Number(meter), medium: 'gas', protocol: 'cjt188', profile: undefined } as const
  const frames = encodeLineOrder({ kind: 'close' }, line, { command: 7, now: begin, until, authority: undefined })
  if ('why' in frames) throw new Error(frames.why)
  const orders = [
    { kind: 'pass_on' as const, frames: [{ command: 7, attempt: 1, meter: Number(meter), until, frames }] },
  ]
  const lookup = { keyOf: () => undefined, statusProfileOf: () => 'unknown' as const }
  const bytes = encodeMessage({
    ...{ type: COAP_TYPE.CON, code: COAP_CODE.POST, messageId: 99, token: Uint8Array.of(9) },
    options: [...pathOptions('o'), uintOption(12, CONTENT_FORMAT.CBOR)],
    payload: encodeAnswer(CONTENT_FORMAT.CBOR, { device: -1, now: begin, orders }, lookup),
  })
  const socket = dgram.createSocket('udp4')
  socket.send(bytes, fleet.concentrators.listensAt(Number(concentrator)), '127.0.0.1')
  const [reply] = (await once(socket, 'message')) as [Buffer]
  socket.close()
  const message = parseMessage(reply)
  return message.kind === 'malformed' ? -1 : message.code
}

test('concentrators of a fleet prove who they are, the older one speaks from where it is known, and close what they are told', async () => {
  const all = await until(concentrators, (list) =>
    // Whoever comes late to the first midnight is asked for its values.
    list.every(
      ({ holds_addresses, arrivals: { in_time, own, meter } }) => holds_addresses && in_time + own + meter > 20,
    ),
  )
  expect(all.map((one) => [one.holds_addresses, one.believed_by])).toEqual([
    [true, 'session'],
    [true, 'session'],
    [true, 'address'],
  ])
  const ended = await close(0, all)
  const gas = ended.filter(({ device }) => fleet.book.consumers.some((one) => String(one.device) === device))
  expect(gas.length).toBeGreaterThan(0)
  expect(gas.every(({ device }) => isClosed(device))).toBe(true)
  const strays = (await items<HostileTerminal>('/devices/hostile')).filter(({ reasons }) =>
    reasons.some(({ code }) => code === 'stray_route'),
  )
  expect(strays).toEqual([])
}, 400_000)

test('sessions outlive a kill of the service: nobody makes a first contact again', async () => {
  await service.kill()
  await start()
  await close(1, (await concentrators()).slice(0, 2))
  expect(fleet.stats()['contacts']).toBe(2)
  expect((await concentrators()).map((one) => one.believed_by)).toEqual(['session', 'session', 'address'])
}, 400_000)

test('an order that anybody says to its port closes nothing where there is a session, and does where there is none', async () => {
  const [sealed, , old] = await concentrators()
  const openGas = async (number = '') =>
    (await metersOf(number)).find(({ medium, number: meter }) => medium === 'gas' && !isClosed(meter))?.number ?? ''
  const [safe, bare] = [await openGas(sealed?.number), await openGas(old?.number)]
  const before = fleet.concentrators.refusedOrders
  expect(await forgeClose(sealed?.number ?? '', safe)).toBe(COAP_CODE.FORBIDDEN)
  expect([isClosed(safe), fleet.concentrators.refusedOrders]).toEqual([false, before + 1])
  expect(await forgeClose(old?.number ?? '', bare)).toBe(COAP_CODE.CHANGED)
  expect(isClosed(bare)).toBe(true)
}, 60_000)
