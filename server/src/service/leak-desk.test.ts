import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Detection } from '@gastwin/analytics'
import { smallCity } from '@gastwin/datasets'
import { buildNetwork } from '@gastwin/twin'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ClosedLeaks } from '../analysis/closed-leaks.ts'
import { AuditLog } from '../command/audit-log.ts'
import type { Leak } from '../contract/index.ts'
import type { EventLog } from '../log/event-log.ts'
import { readEvent } from '../log/platform-events.ts'
import { openSegmentLog } from '../log/segment-log.ts'
import { numberMapObjects } from '../views/map-numbering.ts'
import { AnalysisDesk } from './analysis-desk.ts'
import { LeakDesk } from './leak-desk.ts'

const HOUR = 3_600_000
const NOW = Date.UTC(2026, 0, 15, 4)
const network = buildNetwork(smallCity(7).network)
const pipeId = (row: number) => network.edges.ids[network.edges.first.pipe + row] ?? ''
const ZONE = network.zones.ids[0] ?? ''

let folder = ''
let log: EventLog
let audit: AuditLog
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gastwin-leaks-'))
  log = await openSegmentLog(join(folder, 'log'))
  audit = await AuditLog.open(join(folder, 'audit.ndjson'))
})
afterEach(async () => {
  await log.close()
  await audit.close()
  await rm(folder, { recursive: true })
})

const leak = (id: string, state: Leak['state'], suspectedAt: number): Leak => ({
  ...{ id, kind: 'leak', state, zone: ZONE, suspected_at: suspectedAt, detected_at: NOW, started_at: suspectedAt },
  candidates: [{ pipe: pipeId(3), probability: 0.7, position: 0.5 }],
  standard_flow_m3_s: { p05: 0.001, p50: 0.002, p95: 0.003 },
  ...{ evidence: [], closed: null },
})

/** The desks of a service that has read its log. */
async function open() {
  const book = new ClosedLeaks()
  for await (const records of log.read(0))
    for (const record of records) {
      const event = readEvent(record)
      if (event?.type === 'leak_closed') book.take(event.leak)
    }
  const detections: Detection[] = []
  const analysis = new AnalysisDesk(
    network,
    numberMapObjects(network).pipes,
    1,
    (found) => detections.push(...found),
    () => new Set(),
    book,
  )
  let told = 0
  const desk = new LeakDesk({ analysis, network, book, log, audit, now: () => NOW, onChanged: () => told++ })
  const found = (...leaks: Leak[]) => analysis.takeLeaks({ type: 'leaks', at: NOW, leaks })
  const shown = () => analysis.leaks.map(({ id, state }) => `${id} ${state}`)
  return { desk, analysis, detections, found, shown, told: () => told }
}

test('a leak that is closed ends its alarm, stays closed whatever the analysis still says of it, and over a restart', async () => {
  const { desk, found, shown, detections, told } = await open()
  found(leak('A', 'located', NOW - 9 * HOUR))
  const closed = await desk.close('A', { found: 'repaired', pipe: pipeId(3), note: ' cracked weld ' }, 'li')
  expect(closed).toMatchObject({ state: 'closed', closed: { user: 'li', pipe: pipeId(3), note: 'cracked weld' } })
  expect([told(), detections.at(-1)?.active]).toEqual([1, false])
  // The thread hears of it from the log, a little later.
  found(leak('A', 'located', NOW - 9 * HOUR))
  expect(shown()).toEqual(['A closed'])

  const again = await open()
  // After a start it may be found anew, and under another name.
  again.found(leak('A2', 'confirmed', NOW - 8 * HOUR), leak('B', 'suspected', NOW + HOUR))
  expect(again.shown()).toEqual(['A closed', 'B suspected'])
  expect(again.detections).toEqual([])
  expect(await readFile(join(folder, 'audit.ndjson'), 'utf8')).toContain('"leak_closed"')
})

test('a rupture beside a leak of its zone stays when that is closed, and the other way round', async () => {
  const { desk, found, shown } = await open()
  const rupture: Leak = { ...leak('R', 'confirmed', NOW - HOUR), kind: 'rupture' }
  found(leak('A', 'confirmed', NOW - 9 * HOUR), rupture)
  await desk.close('A', { found: 'repaired' }, 'li')
  expect(shown()).toEqual(['A closed', 'R confirmed'])
  await desk.close('R', { found: 'repaired' }, 'li')
  expect(shown()).toEqual(['A closed', 'R closed'])
})

test('a closed leak takes nothing from others: those of other zones, and those withdrawn before', async () => {
  const { desk, found, shown } = await open()
  const other = { ...leak('C', 'confirmed', NOW - HOUR), zone: 'elsewhere' }
  const withdrawn = leak('D', 'dismissed', NOW - 30 * HOUR)
  found(leak('A', 'confirmed', NOW - 9 * HOUR), other, withdrawn)
  await desk.close('A', { found: 'nothing' }, 'li')
  expect(shown()).toEqual(['A closed', 'C confirmed', 'D dismissed'])
})

test.each([
  ['no leak is open', 'X', { found: 'nothing' }, 'no leak "X" is open'],
  ['it was withdrawn', 'D', { found: 'nothing' }, 'no leak "D" is open'],
  ['the other cause is not said', 'A', { found: 'other', note: ' ' }, 'say which in the note'],
  ['the pipe is unknown', 'A', { found: 'repaired', pipe: 'nowhere' }, 'no pipe "nowhere"'],
  ['a pipe is named where none leaked', 'A', { found: 'nothing', pipe: pipeId(3) }, 'a pipe belongs to a leak'],
] as const)('nothing is closed when %s', async (_, id, request, why) => {
  const { desk, found, shown } = await open()
  const before = log.end
  found(leak('A', 'confirmed', NOW - HOUR), leak('D', 'dismissed', NOW - 30 * HOUR))
  await expect(desk.close(id, request, 'li')).rejects.toThrow(why)
  expect([shown(), log.end]).toEqual([['A confirmed', 'D dismissed'], before])
})

test('what a first search missed is corrected when it is found after all, over a restart, and hides no newer leak', async () => {
  const { desk, found } = await open()
  found(leak('A', 'confirmed', NOW - 9 * HOUR))
  await desk.close('A', { found: 'nothing' }, 'li')
  const corrected = await desk.close('A', { found: 'repaired', pipe: pipeId(3) }, 'wang')
  const before = [{ at: NOW, user: 'li', found: 'nothing' }]
  expect(corrected.closed).toMatchObject({ found: 'repaired', user: 'wang', pipe: pipeId(3), before })

  const again = await open()
  again.found(leak('A', 'confirmed', NOW - 9 * HOUR), leak('B', 'confirmed', NOW + HOUR))
  expect(again.shown()).toEqual(['A closed', 'B confirmed'])
  expect(again.analysis.leaks[0]?.closed).toMatchObject({ found: 'repaired', before })
  expect(await readFile(join(folder, 'audit.ndjson'), 'utf8')).toContain('"corrects":"nothing"')
})

test('what was repaired is not closed twice', async () => {
  const { desk, found } = await open()
  found(leak('A', 'confirmed', NOW - HOUR))
  await desk.close('A', { found: 'repaired' }, 'li')
  await expect(desk.close('A', { found: 'nothing' }, 'wang')).rejects.toThrow('no leak "A" is open')
})
