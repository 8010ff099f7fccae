import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { GAP_TARIFF, METER_PRICES } from '@gastwin/analytics'
import { CityCalendar, type Report } from '@gastwin/twin'
import Value from 'typebox/value'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Models } from '../contract/index.ts'
import type { EventLog } from '../log/event-log.ts'
import { recordEvents } from '../log/platform-events.ts'
import { openSegmentLog } from '../log/segment-log.ts'
import { recordStated } from '../service/record-stated.ts'
import { appendAll, heard } from '../store/testing/store-fixture.ts'
import type { SaidLeak } from './known-leaks.ts'
import type { FromLedger, GapStated, ModelsTold } from './ledger-messages.ts'
import { LedgerThread } from './start-ledger.ts'
import { type LivedTown, liveTown } from './testing/lived-town.ts'

const HOUR = 3_600_000

let folder = ''
let town: LivedTown
let log: EventLog
let morning: number
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gastwin-ledger-'))
  town = liveTown({ seed: 5, days: 3, zones: 1, homes: 25 })
  await writeFile(join(folder, 'network.json'), JSON.stringify(town.network.document))
  log = await openSegmentLog(join(folder, 'log'))
  morning = new CityCalendar(town.network.timeZone).dayStart(town.reports.at(-1)?.deviceTime ?? 0) + 7 * HOUR
})
afterAll(async () => {
  await log.close()
  await rm(folder, { recursive: true })
})

let models: ModelsTold['models'] | undefined

/** Lets the thread read the log until it states something. */
async function stateOnce(): Promise<GapStated> {
  let told: (message: FromLedger) => void = () => undefined
  const statement = new Promise<GapStated>((resolve, reject) => {
    told = (message) => {
      if (message.type === 'stated') resolve(message)
      else if (message.type === 'models') models = message.models
      else if (message.type === 'failed') reject(new Error(message.why))
    }
  })
  const thread = new LedgerThread(
    {
      network: join(folder, 'network.json'),
      logDirectory: join(folder, 'log'),
      masterKey: new Uint8Array(0),
      tariff: GAP_TARIFF,
      meterPrices: METER_PRICES,
    },
    (message) => told(message),
  )
  thread.start()
  try {
    return await statement
  } finally {
    await thread.stop()
  }
}

test('the thread reads reports from the log, states the gap, and after a restart re-opens what late data changed', async () => {
  const last = morning - 12 * HOUR
  const homes = town.network.document.meters.filter((meter) => meter.class === 'residential')
  const silent = new Set(homes.slice(0, 3).map(({ id }) => Number(id)))
  const isLate = ({ device, deviceTime }: Report) => silent.has(device) && deviceTime > last - 48 * HOUR
  const entries = (reports: readonly Report[]) => reports.map((report) => heard(report))
  await appendAll(log, entries(town.reports.filter((report) => !isLate(report) && report.deviceTime <= morning)))
  await appendAll(
    log,
    entries(town.reports.slice(-1)).map((entry) => ({ ...entry, receivedAt: morning + HOUR })),
  )
  const first = await stateOnce()
  expect(first.statements.day.length).toBeGreaterThan(1)
  expect(first.revisions).toEqual([])
  expect(models).toMatchObject({ backend: expect.stringMatching(/wasm|tensorflow/), state: 'ready', refused: [] })
  expect(models?.items).toMatchObject([{ use: 'active', source: 'shipped', trained_on: 'injected attacks' }])
  expect([...Value.Errors(Models, models)]).toEqual([])
  await recordStated(log, first)

  const late = entries(town.reports.filter(isLate)).map((entry) => ({ ...entry, receivedAt: morning + 2 * HOUR }))
  await appendAll(log, late)
  const second = await stateOnce()
  expect(second.revisions.length).toBeGreaterThan(0)
  for (const { revision, at } of second.revisions) expect([revision, at]).toEqual([2, morning + 2 * HOUR])
  expect(second.statements.day.length).toBe(first.statements.day.length)
  await recordStated(log, second)

  const [zone = ''] = town.network.zones.ids
  const leak: SaidLeak = {
    ...{ id: 'D1-leak', kind: 'leak', state: 'confirmed', zone, detected_at: last, started_at: last - 24 * HOUR },
    ...{ standard_flow_m3_s: { p05: 1e-5, p50: 2e-5, p95: 3e-5 }, closed: null },
  }
  await recordEvents(log, [{ type: 'leak_finding', at: morning + 3 * HOUR, zone, leak }])
  const third = await stateOnce()
  const touched = third.statements.day.filter(({ known_leaks }) => known_leaks.length > 0)
  expect(touched.length).toBeGreaterThan(0)
  for (const { to, known_leaks } of touched)
    expect([to > leak.started_at, known_leaks.map(({ id }) => id)]).toEqual([true, ['D1-leak']])
  for (const { leak_change_m3 } of third.revisions) expect(Number.isFinite(leak_change_m3)).toBe(true)
  await recordStated(log, third)
  const fourth = await stateOnce()
  expect(fourth.statements.day.map(({ known_leaks, revision }) => ({ known_leaks, revision }))).toEqual(
    third.statements.day.map(({ known_leaks, revision }) => ({ known_leaks, revision })),
  )
}, 60_000)
