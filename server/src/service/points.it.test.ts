import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Report } from '@gastwin/twin'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  type DeviceCard,
  type DeviceTwin,
  decodeColumns,
  type GeometryMeta,
  type ImportOutcome,
  type MetersHealth,
  type Page,
  type PointImportView,
  type PointView,
  type QuarantineItem,
  type ZoneSummary,
} from '../contract/index.ts'
import { Accounts } from '../http/auth/accounts.ts'
import { CoapCaller } from '../ingest/testing/coap-caller.ts'
import { FIRST_METER, writeMadeCity } from '../pipeline/testing/made-city.ts'
import { type ServiceProcess, spawnService } from '../pipeline/testing/service-process.ts'
import { COAP_CODE, CONTENT_FORMAT, encodeReport } from '../protocol/index.ts'

const METERS = 6
/** A stranger to the network document. */
const STRANGER = 181_702_999_001
const OTHER = STRANGER + 1
const WAIT_MS = 120_000

let dir = ''
let network = ''
let service: ServiceProcess
let admin = ''
let safety = ''

const start = async (): Promise<void> => {
  const env = { GASTWIN_POINTS_SETTLE_S: '1' }
  service = await spawnService({ network, dataDir: path.join(dir, 'data'), env }).ready
}
beforeAll(async () => {
  dir = await mkdtemp(path.join(os.tmpdir(), 'gastwin-new-points-'))
  network = await writeMadeCity(dir, 2, METERS / 2, 2)
  const accounts = await Accounts.open(path.join(dir, 'data'))
  admin = await accounts.addApiKey('test', 'admin')
  safety = await accounts.addApiKey('shift', 'safety')
  await start()
})
afterAll(async () => {
  await service.kill()
  await rm(dir, { recursive: true, force: true })
})

const ask = (place: string, init: RequestInit = {}, key = admin) =>
  fetch(`${service.url}/api/v1${place}`, { ...init, headers: { ...init.headers, 'x-api-key': key } })
const get = async <T>(place: string): Promise<T> => (await (await ask(place)).json()) as T
const post = (lines: readonly string[], place = '/points/import', key = admin) =>
  ask(place, { method: 'POST', headers: { 'content-type': 'text/csv' }, body: lines.join('\r\n') }, key)
const imported = async (...lines: string[]) => (await (await post(lines)).json()) as ImportOutcome
async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + WAIT_MS; !(await isSo()); await pause(100))
    if (Date.now() > end) throw new Error('it did not come')
}

let second = 0
async function report(device: number, value: number): Promise<void> {
  const from = await CoapCaller.open(service.coapPort)
  const at = Math.floor(Date.now() / 1000) * 1000 - 7_200_000 + 1_000 * ++second
  const said: Report = {
    ...{ device, kind: 'meter', trigger: 'timed', deviceTime: at, sequence: second, events: [] },
    ...{ readings: [{ quantity: 'index_m3', at, value }], status: { valve: 'open', batteryVolt: 3.6 } },
  }
  const bytes = encodeReport(CONTENT_FORMAT.CJT188, said, {
    keyOf: () => undefined,
    statusProfileOf: () => 'standard',
  })
  expect((await from.post('r', CONTENT_FORMAT.CJT188, bytes)).code).toBe(COAP_CODE.CHANGED)
  from.close()
}
const twin = (device: number) => get<DeviceTwin>(`/devices/${device}`)
const strangers = async () => (await get<{ items: QuarantineItem[] }>('/quarantine')).items.map(({ device }) => device)
const meters = async () => (await get<{ items: ZoneSummary[] }>('/zones')).items.map((zone) => zone.meters)
async function drawn(): Promise<{ snapshot: number; numbers: number[] }> {
  const body = await (await ask('/map/geometry')).arrayBuffer()
  const { columns, meta } = decodeColumns(body)
  return { snapshot: (meta as GeometryMeta).snapshot, numbers: [...(columns['meter_number'] ?? [])] }
}
const state = async () => ({
  twin: await twin(STRANGER),
  card: await get<DeviceCard>(`/devices/${STRANGER}/card`),
  points: await get<{ items: PointView[] }>('/points'),
  tables: (await get<{ items: PointImportView[] }>('/points/imports')).items,
  meters: await meters(),
  drawn: await drawn(),
})

const HEAD = 'number,node,pipe,zone,class,size,premises,address,customer,name'

test('a stranger is nobody’s; a table with mistakes is told them line by line and takes nothing', async () => {
  await report(STRANGER, 5)
  expect(await strangers()).toEqual([String(STRANGER)])
  const rows = [
    HEAD,
    `${STRANGER},C9,,,,,,,,`,
    `${FIRST_METER},C1,,,,,,,,`,
    `${OTHER},,P9,,,,,,,`,
    `${OTHER},C1,,Z2,,,,,,`,
  ]
  const refused = await imported(...rows)
  expect(refused.faults.map(({ row, column, code }) => `${row} ${column} ${code}`)).toEqual([
    ...[
      '2 node unknown_node',
      '3 number number_taken',
      '4 pipe unknown_pipe',
      '5 number key_twice',
      '5 zone zone_differs',
    ],
  ])
  expect([refused.applied, refused.faults_in_all]).toEqual([false, 5])
  expect((await ask(`/devices/${STRANGER}`)).status).toBe(404)
  expect((await post([HEAD], '/points/import', safety)).status).toBe(403)
})

test('a point that comes by a table is in twin, zone, map, list and card at once, and its meter counts', async () => {
  const before = await drawn()
  const row = `${STRANGER},,P1-2,,commercial,G4,H-9,Gate 3 Lane 5,K-9,Li Lei`
  expect(await (await post([HEAD, row], '/points/import?dry_run=true')).json()).toMatchObject({
    applied: false,
    added: 1,
  })
  expect(await meters()).toEqual([METERS / 2, METERS / 2])
  expect((await get<{ items: PointImportView[] }>('/points/imports')).items).toEqual([])
  const taken = await post([HEAD, row], '/points/import?file=street%2012.csv')
  expect(await taken.json()).toMatchObject({ applied: true, rows: 1, added: 1, faults: [] })
  expect((await get<{ items: PointImportView[] }>('/points/imports')).items).toMatchObject([
    {
      user: 'key:test',
      file: 'street 12.csv',
      points: 1,
      in_force: 1,
      first: String(STRANGER),
      last: String(STRANGER),
    },
  ])
  expect(await strangers()).toEqual([])
  expect(await twin(STRANGER)).toMatchObject({ kind: 'meter', zone: 'Z1', reports: 0 })
  await report(STRANGER, 10)
  await report(STRANGER, 12)
  expect(await twin(STRANGER)).toMatchObject({ reports: 2, meter: { index_m3: 12 } })
  const { items } = await get<Page<{ number: string; zone: string }>>(`/devices?query=${STRANGER}`)
  expect(items).toMatchObject([{ number: String(STRANGER), zone: 'Z1' }])
  expect(await get(`/devices/${STRANGER}/card`)).toMatchObject({ premises: { point: String(STRANGER) } })
  expect(JSON.stringify(await get(`/devices/${STRANGER}/card`))).not.toContain('Li Lei')
  await until(async () => (await meters())[0] === METERS / 2 + 1)
  await until(async () => (await drawn()).numbers.includes(STRANGER))
  const after = await drawn()
  expect([after.numbers.length, after.snapshot === before.snapshot]).toEqual([METERS + 1, false])
  expect(await imported(HEAD, row)).toMatchObject({ applied: false, faults: [{ code: 'number_taken' }] })
})

test('the ledger’s thread begins anew with it', async () => {
  await until(async () => (await get<MetersHealth>('/health/meters')).meters === METERS + 1)
  const { items } = await get<{ items: PointImportView[] }>('/points/imports')
  expect(items.map(({ state }) => state)).toEqual(['in_force'])
})

test('all of it follows from the log after kill -9, and from a snapshot, and what comes next counts on', async () => {
  const before = await state()
  await service.kill()
  await start()
  expect(await state()).toEqual(before)
  await service.stop()
  await start()
  expect(await state()).toEqual(before)
  await report(STRANGER, 15)
  expect(await twin(STRANGER)).toMatchObject({ reports: 3, meter: { index_m3: 15 } })
  await service.kill()
  await start()
  expect(await twin(STRANGER)).toMatchObject({ reports: 3, meter: { index_m3: 15 } })
}, 180_000)
