import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
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
import { shout } from '../ingest/testing/shout.ts'
import { ApiCaller } from '../pipeline/testing/api-caller.ts'
import { type ServiceProcess, spawnService } from '../pipeline/testing/service-process.ts'
import { until } from '../pipeline/testing/until.ts'
import { COAP_CODE, CONTENT_FORMAT, encodeAnswer, encodeLineOrder } from '../protocol/index.ts'

const masterKey = Buffer.from('00112233445566778899aabbccddeeff', 'hex')
const begin = Date.parse('2026-03-10T23:30:00+08:00')
/** A busy service turns its concentrators away for a minute or two. */
const LONG_S = 800

let dir = ''
let api: ApiCaller
let service: ServiceProcess
let fleet: Fleet
let start: () => Promise<void>

beforeAll(async () => {
  const { network: invented, truth } = buildCity({ meters: 400, seed: 11, concentrators: 3 })
  const since = new Date(begin).toISOString()
  const document = { ...invented, concentrators: invented.concentrators?.map((one) => ({ ...one, since })) ?? [] }
  dir = await mkdtemp(path.join(os.tmpdir(), 'gastwin-fleet-orders-'))
  await writeFile(path.join(dir, 'network.json'), JSON.stringify(document))
  const key = await (await Accounts.open(path.join(dir, 'data'))).addApiKey('test', 'safety')
  api = new ApiCaller(() => service.url, key)
  const authority = new TestAuthority(dir, masterKey)
  // The last one is an older one, without a certificate.
  const numbers = document.concentrators.slice(0, -1).map((one) => Number(one.device_number))
  const made = authority.makeAll(numbers)
  const devices = new Map(made.map(({ certificate, keys }) => [Number(certificate.subject), { certificate, keys }]))
  const identities = { authorityKey: authority.folder.certificate.publicKey, devices }
  // A fleet that begins late says everything at once.
  const plan = { segments: [{ wall: Date.now() + 10_000, event: begin, speed: 120 }] }
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
  const options = {
    plan,
    scenario: 'calm',
    seed: 5,
    masterKey,
    identities,
    sockets: 64,
    loss: 0,
    steadyConcentrators: true,
  }
  fleet = await Fleet.open({ document, truth, ...at, ...options })
  fleet.run()
}, 120_000)
afterAll(async () => {
  await fleet?.close()
  await service?.kill()
  await rm(dir, { recursive: true, force: true })
})

const concentrators = () => api.items<ConcentratorSummary>('/concentrators')
const metersOf = async (number: string) =>
  (await api.call<Page<ConcentratorMeter>>(`/concentrators/${number}/meters?limit=500`)).items
const isClosed = (meter: string) =>
  fleet.book.consumers.some(({ device, closedFrom }) => device === Number(meter) && Number.isFinite(closedFrom))

/** Orders valves and relays closed through their concentrators. @param skip meters of each kind that are passed over */
async function close(skip: number, through: readonly ConcentratorSummary[]) {
  const ordered: number[] = []
  for (const { number } of through) {
    const chosen = await until(
      async () => {
        const meters = (await metersOf(number)).filter(({ route }) => route !== null)
        return (['gas', 'electricity'] as const).flatMap((kind) => {
          const found = meters.filter(({ medium }) => medium === kind)[skip]
          return found === undefined ? [] : [found.number]
        })
      },
      ({ length }) => length === 2,
      LONG_S,
    )
    const body = { order: { kind: 'close' }, meters: chosen, reason: 'a test of the fleet' }
    const { commands } = await api.call<MeterOrdersAnswer>(`/concentrators/${number}/orders`, body)
    ordered.push(...commands.map(({ id }) => id))
  }
  expect(ordered.length).toBe(2 * through.length)
  const ended = await until(
    async () => (await api.items<CommandRecord>('/commands?limit=1000')).filter(({ id }) => ordered.includes(id)),
    (all) => all.length === ordered.length && all.every(({ state }) => state === 'confirmed'),
    LONG_S,
  )
  expect(ended.map(({ state, tries, error }) => [state, tries, error])).toEqual(
    ordered.map(() => ['confirmed', 1, null]),
  )
  return ended
}

/** Says to the port of a concentrator what anybody can say who knows its form. @returns the code of its reply */
async function forgeClose(concentrator: string, meter: string): Promise<number> {
  const latest = Math.floor(Date.now() / 1000) * 1000 + 10 * 365 * 86_400_000
  const line = { number: Number(meter), medium: 'gas', protocol: 'cjt188', profile: undefined } as const
  const frames = encodeLineOrder({ kind: 'close' }, line, {
    command: 7,
    now: begin,
    until: latest,
    authority: undefined,
  })
  if ('why' in frames) throw new Error(frames.why)
  const orders = [
    { kind: 'pass_on' as const, frames: [{ command: 7, attempt: 1, meter: Number(meter), until: latest, frames }] },
  ]
  const lookup = { keyOf: () => undefined, statusProfileOf: () => 'unknown' as const }
  return shout(
    fleet.concentrators.listensAt(Number(concentrator)),
    'o',
    CONTENT_FORMAT.CBOR,
    encodeAnswer(CONTENT_FORMAT.CBOR, { device: -1, now: begin, orders }, lookup),
  )
}

test('concentrators of a fleet prove who they are, the older one speaks from where it is known, and close what they are told', async () => {
  const all = await until(
    concentrators,
    // Whoever comes late to the first midnight is asked for its values.
    (list) =>
      list.every(
        ({ holds_addresses, arrivals: { in_time, own, meter } }) => holds_addresses && in_time + own + meter > 20,
      ),
    LONG_S,
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
  const strays = (await api.items<HostileTerminal>('/devices/hostile')).filter(({ reasons }) =>
    reasons.some(({ code }) => code === 'stray_route'),
  )
  expect(strays).toEqual([])
}, 1_800_000)

test('sessions outlive a kill of the service: nobody makes a first contact again', async () => {
  await service.kill()
  await start()
  await close(1, (await concentrators()).slice(0, 2))
  expect(fleet.stats()['contacts']).toBe(2)
  expect((await concentrators()).map((one) => one.believed_by)).toEqual(['session', 'session', 'address'])
}, 1_800_000)

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

test('the button of a gas meter opens its valve only after company and customer agreed, through its concentrator', async () => {
  const [sealed] = await concentrators()
  const meters = await metersOf(sealed?.number ?? '')
  const device = meters.find(({ medium, number }) => medium === 'gas' && isClosed(number))?.number ?? ''
  const power = meters.find(({ medium }) => medium === 'electricity')?.number ?? ''
  const permit = { window_s: 3_600, reason: 'the customer is back' }
  const refusal = await api.answer('/commands/permits', { ...permit, device: power })
  expect(refusal.body.detail).toMatch(/only gas meters have a button/)
  const { id } = await api.call<CommandRecord>('/commands/permits', { ...permit, device })
  const record = async () => (await api.items<CommandRecord>('/commands?limit=1000')).find((one) => one.id === id)
  expect(await record()).toMatchObject({ state: 'queued', tries: 0, waiting_for: 'consent' })
  const { id: consent } = await api.call<{ id: string }>('/consents', {
    ...{ device, given_by: 'Li Ming', how: 'telephone', evidence: 'call 4711' },
    until: (await api.call<{ now: number }>('/city')).now + 30 * 86_400_000,
  })
  const told = await until(record, (found) => found?.state === 'confirmed', LONG_S)
  expect(told).toMatchObject({ consent, via: { concentrator: sealed?.number } })
  await until(
    () => isClosed(device),
    (closed) => !closed,
    LONG_S,
  )
}, 1_800_000)

test('a concentrator itself starts again and makes another session when it is told to', async () => {
  const [sealed, , old] = await concentrators()
  const contacts = fleet.stats()['contacts'] ?? 0
  const give = (device = '', kind: 'restart' | 'renew_key' | 'read') =>
    api.answer<CommandRecord>('/commands/orders', { device, order: { kind }, reason: 'a test' })
  // Both have a port and are told at once.
  const given = [
    await give(sealed?.number, 'restart'),
    await give(sealed?.number, 'renew_key'),
    await give(old?.number, 'restart'),
  ].map(({ body }) => body.id)
  const ended = await until(
    async () => (await api.items<CommandRecord>('/commands?limit=1000')).filter(({ id }) => given.includes(id)),
    (all) => all.length === given.length && all.every(({ state }) => state === 'confirmed'),
    LONG_S,
  )
  expect(ended.map(({ state, tries }) => [state, tries > 0])).toEqual(given.map(() => ['confirmed', true]))
  // A restart forgets the session as well.
  await until(
    () => fleet.stats()['contacts'] ?? 0,
    (made) => made >= contacts + 2,
  )
  expect((await give(sealed?.number, 'read')).body.detail).toMatch(/a concentrator takes no order of this kind/)
  expect((await give(old?.number, 'renew_key')).body.detail).toMatch(/no session key/)
  await until(
    async () => (await concentrators()).map((one) => one.believed_by).join(),
    (all) => all === 'session,session,address',
  )
}, 1_800_000)
