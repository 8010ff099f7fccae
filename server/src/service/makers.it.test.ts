import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Report } from '@gastwin/twin'
import Value from 'typebox/value'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Alarm, type CommandRecord, type DeviceTwin, PressTask } from '../contract/index.ts'
import { Accounts } from '../http/auth/accounts.ts'
import { FIRST_METER, madeCity } from '../pipeline/testing/made-city.ts'
import { type ServiceProcess, spawnService, TEST_MASTER_KEY } from '../pipeline/testing/service-process.ts'
import { loadProfile } from '../profiles/load-profile.ts'
import { CONTENT_FORMAT, type DeviceLookup, deviceKey } from '../protocol/index.ts'
import { ReportingMeters } from './testing/reporting-meters.ts'

const { CJT188, CJT188_SM4, DLT645, CAT1 } = CONTENT_FORMAT
const PROFILES = [undefined, 'emulated-turned-units', 'cat1-c22c', 'dlt645-2007', 'own-meter'] as const
const [SEALED, TURNED, PUSH, ELECTRIC, OWN] = PROFILES.map((_, i) => FIRST_METER + i) as [
  number,
  number,
  number,
  number,
  number,
]
/** `open` and `closed` change places: what a mended profile may do. */
const own = (open: string, closed: string): string =>
  JSON.stringify({
    ...{ schema: 'gastwin-vendor-profile/1', name: 'own-meter', protocol: 'cjt188', maker: 'm', source: 's' },
    status: { valveMask: '03', open, closed },
  })

let dir = ''
let key = ''
let service: ServiceProcess
let meters: ReportingMeters
const profiles = new Map<number, NonNullable<ReturnType<NonNullable<DeviceLookup['profileOf']>>>>()
const lookup: DeviceLookup = {
  keyOf: (device) => deviceKey(Buffer.from(TEST_MASTER_KEY, 'hex'), device),
  statusProfileOf: () => 'standard',
  profileOf: (device) => profiles.get(device),
}
const ownFile = () => path.join(dir, 'profiles', 'own.json')
const spawn = () =>
  spawnService({
    network: path.join(dir, 'network.json'),
    dataDir: path.join(dir, 'data'),
    env: { GASTWIN_PROFILES_DIR: path.join(dir, 'profiles') },
  })

async function start(): Promise<void> {
  service = await spawn().ready
  meters = await ReportingMeters.open(service.coapPort, lookup)
}
async function again(): Promise<void> {
  await service.kill()
  meters.close()
  await start()
}

beforeAll(async () => {
  dir = await mkdtemp(path.join(os.tmpdir(), 'gastwin-makers-'))
  await mkdir(path.join(dir, 'profiles'))
  await writeFile(ownFile(), own('00', '01'))
  const document = madeCity(1, PROFILES.length, 1)
  const rows = document.meters.map((meter, i) => ({
    ...meter,
    profile: PROFILES[i] ?? null,
    kind: PROFILES[i] === 'dlt645-2007' ? 'electricity' : 'gas',
  }))
  await writeFile(path.join(dir, 'network.json'), JSON.stringify({ ...document, meters: rows }))
  PROFILES.forEach((name, i) => {
    if (name !== undefined) profiles.set(FIRST_METER + i, loadProfile(name === 'own-meter' ? ownFile() : name))
  })
  key = await (await Accounts.open(path.join(dir, 'data'))).addApiKey('test', 'safety')
  await start()
})
afterAll(async () => {
  meters.close()
  await service.kill()
  await rm(dir, { recursive: true, force: true })
})

async function call<T>(method: string, place: string, body?: unknown): Promise<{ status: number; body: T }> {
  const response = await fetch(`${service.url}/api/v1${place}`, {
    method,
    headers: { 'x-api-key': key, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return { status: response.status, body: (await response.json()) as T }
}
const twinOf = async (device: number) => (await call<DeviceTwin>('GET', `/devices/${device}`)).body
const commandOf = async (id: number) =>
  (await call<{ items: CommandRecord[] }>('GET', '/commands')).body.items.find((command) => command.id === id)

let minute = 0
function reportOf(device: number, status: Report['status'] = { valve: 'open' }): Report {
  const at = Math.floor(Date.now() / 1000) * 1000 - 3_600_000 + 60_000 * ++minute
  const electric = device === ELECTRIC
  return {
    device,
    kind: 'meter',
    trigger: status.command ? 'answer' : 'timed',
    deviceTime: at,
    sequence: minute,
    readings: [{ quantity: electric ? 'active_energy_j' : 'index_m3', at, value: electric ? 3.6e6 : 100 + minute }],
    events: [],
    status: electric ? {} : status,
  }
}

const report = (format: number, said: Report) => meters.report(said, format)

describe('meters of five makers at one service', () => {
  test('are each read in their own way, over 65001 to 65004', async () => {
    for (const [format, device] of [
      [CJT188_SM4, SEALED],
      [CJT188, TURNED],
      [CAT1, PUSH],
      [CJT188, OWN],
    ] as const) {
      const said = reportOf(device, { valve: 'closed' })
      await report(format, said)
      const twin = await twinOf(device)
      expect([twin.meter?.profile, twin.reports, twin.valve, twin.meter?.index_m3]).toEqual([
        PROFILES[device - FIRST_METER] ?? null,
        1,
        'closed',
        said.readings[0]?.value,
      ])
    }
    await report(DLT645, reportOf(ELECTRIC))
    expect((await twinOf(ELECTRIC)).reports).toBe(1)
  })

  test('are told at once when somebody presses the button: who is to press stands on a work list, over a kill', async () => {
    type Tasks = { items: PressTask[] }
    const wanted = { parameter: 'report_spread_s', value: 300, reason: 'a new slot today', press: 'customer' }
    const { status, body: setting } = await call<CommandRecord>('POST', '/commands/settings', {
      ...{ device: String(SEALED), ...wanted },
    })
    expect([status, setting.waiting_for, setting.press]).toEqual([201, 'press', { by: 'customer', pressed_at: null }])
    await again()
    const { items } = (await call<Tasks>('GET', `/commands/presses?device=${SEALED}`)).body
    expect(items).toMatchObject([{ command: setting.id, device: String(SEALED), by: 'customer', kind: 'parameter' }])
    expect([...Value.Errors(PressTask, items[0])]).toEqual([])
    expect((await call<Tasks>('GET', '/commands/presses')).body.items).toEqual(items)
    expect((await call<Tasks>('GET', `/commands/presses?device=${OWN}`)).body.items).toEqual([])
    const pressed = await report(CJT188_SM4, { ...reportOf(SEALED), trigger: 'button' })
    expect(pressed.command).toMatchObject({ id: setting.id, value: 300 })
    expect((await call<Tasks>('GET', '/commands/presses')).body.items).toEqual([])
    const told = await commandOf(setting.id)
    expect([told?.state, told?.press?.by, typeof told?.press?.pressed_at]).toEqual(['sent', 'customer', 'number'])
    await report(CJT188_SM4, reportOf(SEALED, { valve: 'open', command: { id: setting.id, accepted: true } }))
    expect((await commandOf(setting.id))?.state).toBe('confirmed')
  })

  test('are told a command once: on record before it is on the wire, kept over kill and restart, not sent again when answered', async () => {
    const closing = { device: String(PUSH), reason: 'gas smelled', idempotency_key: 'k1' }
    const { body: close } = await call<CommandRecord>('POST', '/commands', closing)
    expect(close).toMatchObject({ state: 'queued', waiting_for: 'uplink', cause: 'key k1' })
    expect((await call<CommandRecord>('POST', '/commands', closing)).body.id).toBe(close.id)
    const wanted = { parameter: 'report_base_s', value: 3600, reason: 'spread the load' }
    const { body: deaf } = await call<CommandRecord>('POST', '/commands/settings', { device: String(PUSH), ...wanted })
    const { body: setting } = await call<CommandRecord>('POST', '/commands/settings', {
      device: String(SEALED),
      ...wanted,
    })
    await again()

    expect((await report(CAT1, reportOf(PUSH))).command).toEqual({ kind: 'close', id: close.id })
    expect((await report(CJT188_SM4, reportOf(SEALED))).command).toMatchObject({ id: setting.id, value: 3600 })
    await again()
    expect(await commandOf(close.id)).toMatchObject({ state: 'sent', tries: 1, waiting_for: 'answer' })
    expect(await commandOf(setting.id)).toMatchObject({ state: 'sent', tries: 1 })
    expect(await commandOf(deaf.id)).toMatchObject({ state: 'queued', tries: 0 })

    expect((await call('POST', `/commands/${setting.id}/cancel`)).status).toBe(409)
    const done = { valve: 'open', command: { id: setting.id, accepted: true } } as const
    expect((await report(CJT188_SM4, reportOf(SEALED, done))).command).toBeUndefined()
    expect((await report(CAT1, reportOf(PUSH, { command: { id: close.id, accepted: true } }))).command).toBeUndefined()
    expect((await report(CAT1, reportOf(PUSH, { valve: 'closed' }))).command).toBeUndefined()
    expect((await call<CommandRecord>('POST', `/commands/${deaf.id}/cancel`)).body.state).toBe('cancelled')
    await again()
    const states = await Promise.all([close, setting, deaf].map(async ({ id }) => await commandOf(id)))
    expect(states.map((command) => [command?.state, command?.tries, command?.waiting_for])).toEqual([
      ['confirmed', 1, null],
      ['confirmed', 1, null],
      ['cancelled', 0, null],
    ])
    expect((await report(CJT188_SM4, reportOf(SEALED))).command).toBeUndefined()
  })

  test('are ordered only what a meter may have, and only of meters', async () => {
    const order = { device: String(SEALED), parameter: 'report_spread_s', value: 601, reason: 'test' }
    expect((await call('POST', '/commands/settings', order)).status).toBe(409)
    expect((await call('POST', '/commands/settings', { ...order, parameter: 'open' })).status).toBe(400)
    expect((await call('POST', '/commands/settings', { ...order, device: '900000000', value: 1 })).status).toBe(409)
    expect((await call('POST', '/commands/x/cancel')).status).toBe(404)
  })

  test('keep what they said when a profile is mended, and are read anew from then on', async () => {
    const said = () => report(CJT188, reportOf(OWN, { valve: 'open' }))
    await said()
    expect((await twinOf(OWN)).valve).toBe('open')
    await writeFile(ownFile(), '{ "schema": "gastwin-vendor-profile/1" }')
    const refused = async () =>
      (await call<{ items: Alarm[] }>('GET', '/alarms')).body.items.some(
        ({ rule, state }) => rule === 'profile_refused' && state.startsWith('active'),
      )
    await until(refused)
    await said()
    expect((await twinOf(OWN)).valve).toBe('open')
    // The same bytes, another meaning.
    await writeFile(ownFile(), own('01', '00'))
    await until(async () => !(await refused()))
    await said()
    const after = await twinOf(OWN)
    expect(after.valve).toBe('closed')
    await again()
    expect(await twinOf(OWN)).toEqual(after)

    await service.kill()
    await writeFile(ownFile(), own('04', 'shut'))
    await expect(spawn().ready).rejects.toThrow(
      /own\.json: status\.closed must be .*\n.*own\.json: status\.open has bits outside[^\n]*\n$/,
    )
    await writeFile(ownFile(), own('01', '00'))
    await start()
    expect((await twinOf(OWN)).valve).toBe('closed')
  })
})

async function until(done: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    if (await done()) return
    await pause(50)
  }
  throw new Error('it did not come')
}
