import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Report } from '@gastwin/twin'
import Value from 'typebox/value'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Alarm, type DeviceTwin, HostileModel, type HostileTerminal } from '../contract/index.ts'
import { Accounts } from '../http/auth/accounts.ts'
import { CoapCaller } from '../ingest/testing/coap-caller.ts'
import { FIRST_METER, writeMadeCity } from '../pipeline/testing/made-city.ts'
import { type ServiceProcess, spawnService } from '../pipeline/testing/service-process.ts'
import { COAP_CODE, CONTENT_FORMAT, encodeReport } from '../protocol/index.ts'

const BEGIN = Date.parse('2026-03-10T06:00:00+08:00')
/** Twenty minutes of the city's time pass in a second. */
const SPEED = 1_200
const BLOW_MS = 1_000
const [VICTIM, SOUND] = [FIRST_METER, FIRST_METER + 1]

let dir = ''
let network = ''
let key = ''
let wall = 0
let service: ServiceProcess
const open: CoapCaller[] = []

const data = () => path.join(dir, 'data')
const models = () => path.join(dir, 'models')
async function start(): Promise<void> {
  const plan = { segments: [{ wall, event: BEGIN, speed: SPEED }] }
  const env = { GASTWIN_CLOCK: JSON.stringify(plan), GASTWIN_MODELS_DIR: models() }
  service = await spawnService({ network, dataDir: data(), env }).ready
}
const caller = async (): Promise<CoapCaller> => {
  const made = await CoapCaller.open(service.coapPort)
  open.push(made)
  return made
}
beforeAll(async () => {
  dir = await mkdtemp(path.join(os.tmpdir(), 'gastwin-learned-'))
  await mkdir(models())
  network = await writeMadeCity(dir, 1, 10)
  key = await (await Accounts.open(data())).addApiKey('a', 'admin')
  wall = Date.now()
  await start()
})
afterAll(async () => {
  for (const one of open) one.close()
  await service.kill()
  await rm(dir, { recursive: true, force: true })
})

const get = async <T>(place: string): Promise<T> =>
  (await (await fetch(`${service.url}/api/v1${place}`, { headers: { 'x-api-key': key } })).json()) as T
const terminals = async () => (await get<{ items: HostileTerminal[] }>('/devices/hostile')).items
const eventNow = () => Math.floor((BEGIN + (Date.now() - wall) * SPEED) / 1000) * 1000
const say = async (from: CoapCaller, device: number, value: number, sequence: number) => {
  const at = eventNow()
  const report: Report = {
    ...{ device, kind: 'meter', trigger: 'timed', deviceTime: at, sequence, events: [] },
    ...{ readings: [{ quantity: 'index_m3', at, value }], status: { valve: 'open' } },
  }
  const bytes = encodeReport(CONTENT_FORMAT.CJT188, report, {
    keyOf: () => undefined,
    statusProfileOf: () => 'standard',
  })
  // A busy machine sheds homes; they come again.
  for (let tries = 1; ; tries++) {
    const { code } = await from.post('r', CONTENT_FORMAT.CJT188, bytes)
    if (code !== COAP_CODE.SERVICE_UNAVAILABLE || tries === 20) return code
    await pause(200)
  }
}

test('a clone that follows its victim is told by the learned model before the rules say anything, and is never kept away by it', async () => {
  const shipped = await get<HostileModel>('/models/hostile')
  expect([...Value.Errors(HostileModel, shipped)]).toEqual([])
  expect(shipped.model?.source).toBe('shipped')
  const [own, sound, clone] = [await caller(), await caller(), await caller()]
  expect(await say(sound, SOUND, 5, 1)).toBe(COAP_CODE.CHANGED)
  for (let i = 0; i < 3; i++) {
    expect(await say(own, VICTIM, 100 + i, i)).toBe(COAP_CODE.CHANGED)
    await pause(BLOW_MS)
  }
  const atStep = async () => (await terminals()).filter(({ step }) => step !== 'none')
  let told = await atStep()
  for (let i = 0; i < 16 && told.length === 0; i++) {
    expect(await say(clone, VICTIM, 102, 3 + i)).toBe(COAP_CODE.CHANGED)
    await pause(BLOW_MS)
    told = await atStep()
  }
  expect(told).toMatchObject([{ device: String(VICTIM), from: `127.0.0.1:${clone.port}`, by: 'model' }])
  expect(['warn', 'observe']).toContain(told[0]?.step)
  expect(told[0]?.learned?.because.length).toBeGreaterThan(0)
  expect(told[0]?.learned?.probability).toBeGreaterThanOrEqual(shipped.model?.warn ?? 1)
  const { items } = await get<{ items: Alarm[] }>('/alarms')
  const alarm = items.find(({ rule, asset }) => rule === 'hostile_terminal' && asset.id === String(VICTIM))
  expect(alarm?.evidence.map(({ code }) => code)).toContain('learned')
  // What it says is still counted: the model alone takes nobody's voice.
  expect((await get<DeviceTwin>(`/devices/${VICTIM}`)).meter?.index_m3).toBe(102)
}, 120_000)

test('what it said is on record: kill -9 changes nothing', async () => {
  const before = (await terminals()).filter(({ step }) => step !== 'none')
  await service.kill()
  await start()
  const after = (await terminals()).filter(({ step }) => step !== 'none')
  expect(after.map(({ device, from, step, by }) => [device, from, step, by])).toEqual(
    before.map(({ device, from, step, by }) => [device, from, step, by]),
  )
  expect(after[0]?.learned?.because.length).toBeGreaterThan(0)
}, 120_000)

test('an operator’s own model takes its place; a damaged one is refused in words and the rules go on', async () => {
  const own = path.join(models(), 'hostile.model')
  await copyFile(new URL('../../models/hostile-default.model', import.meta.url), own)
  await service.kill()
  await start()
  expect((await get<HostileModel>('/models/hostile')).model).toMatchObject({ source: 'folder', file: 'hostile.model' })
  await writeFile(own, 'gastwin-model/1 sha256 00\nnothing')
  await service.kill()
  await start()
  const refused = await get<HostileModel>('/models/hostile')
  expect([refused.model, refused.refused]).toEqual([null, expect.stringContaining('checksum is wrong')])
  const [one, other] = [await caller(), await caller()]
  for (let i = 0; i < 4; i++) {
    await say(one, VICTIM, 200 + i, 50 + i)
    await say(other, VICTIM, 20, 9)
  }
  const signs = (await terminals()).flatMap(({ reasons }) => reasons.map(({ code }) => code))
  expect(signs).toContain('contradiction')
}, 120_000)
