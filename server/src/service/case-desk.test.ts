import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Value from 'typebox/value'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { AuditLog } from '../command/audit-log.ts'
import { Suspect, Suspects } from '../contract/index.ts'
import { CaseBook } from '../ledger/case-book.ts'
import type { GapStated } from '../ledger/ledger-messages.ts'
import type { EventLog } from '../log/event-log.ts'
import { readEvent } from '../log/platform-events.ts'
import { openSegmentLog } from '../log/segment-log.ts'
import { DAY, MARCH, suspicion } from '../store/testing/store-fixture.ts'
import { CaseDesk } from './case-desk.ts'
import { LedgerDesk } from './ledger-desk.ts'

const finding = (meter: string, probability: number) => ({ ...suspicion(probability).recorded.suspect, meter })
const stated = (...meters: readonly (readonly [string, number])[]): GapStated => ({
  ...{
    type: 'stated',
    at: MARCH + DAY,
    why: null,
    reason: null,
    dataFrom: MARCH,
    dataTo: MARCH + DAY,
    readings: 1,
    tookMs: 1,
  },
  ...{ statements: { day: [], week: [], month: [] }, revisions: [], replacements: [], evidence: new Map() },
  ...{ suspects: meters.map(([meter, probability]) => finding(meter, probability)), suspectsInAll: meters.length },
  ...{ found: new Map(), statementsToRecord: [], suspectsToRecord: [] },
})

let folder = ''
let log: EventLog
let audit: AuditLog
let now = MARCH + DAY
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gastwin-cases-'))
  log = await openSegmentLog(join(folder, 'log'))
  audit = await AuditLog.open(join(folder, 'audit.ndjson'))
})
afterEach(async () => {
  await log.close()
  await audit.close()
  await rm(folder, { recursive: true })
})

/** The desks of a service that has read its log. */
async function open(message: GapStated) {
  const book = new CaseBook()
  for await (const records of log.read(0))
    for (const record of records) {
      const event = readEvent(record)
      if (event?.type === 'suspect_case') book.take(event.act)
    }
  const ledger = new LedgerDesk(async () => [], null, book)
  ledger.take(message)
  const changes: number[] = []
  const desk = new CaseDesk({ book, ledger, log, audit, now: () => now, onChanged: (at) => changes.push(at) })
  const listed = (state?: 'closed' | 'all' | 'field_work') => {
    const answer = ledger.suspects({ state, limit: 10 })
    expect([...Value.Errors(Suspects, answer)]).toEqual([])
    return answer.items.map((one) => `${one.meter} ${one.case.state}`)
  }
  return { desk, ledger, listed, changes }
}

test('a suspect goes through field work to its close, leaves the list, and stays so over a restart', async () => {
  const first = await open(stated(['7', 0.9], ['8', 0.5]))
  expect(first.listed()).toEqual(['7 new', '8 new'])
  const working = await first.desk.act('7', { state: 'field_work' }, 'li')
  expect([...Value.Errors(Suspect, working)]).toEqual([])
  expect(working.case).toMatchObject({ state: 'field_work', user: 'li', at: now })
  expect(first.listed('field_work')).toEqual(['7 field_work'])
  now += 1000
  await first.desk.act('7', { state: 'closed', found: 'theft', note: 'a hose before the meter' }, 'wang')
  expect(first.listed()).toEqual(['8 new'])
  expect(first.ledger.suspects({ limit: 10 }).total).toBe(1)
  expect(first.listed('closed')).toEqual(['7 closed'])
  expect(first.ledger.evidence('7').acts.map(({ user, found }) => [user, found])).toEqual([
    ['li', null],
    ['wang', 'theft'],
  ])
  expect(first.changes).toEqual([now - 1000, now])

  const again = await open(stated(['7', 0.9], ['8', 0.5]))
  expect(again.listed('all')).toEqual(['7 closed', '8 new'])
  expect(again.ledger.suspects({ state: 'closed', limit: 10 })).toEqual(
    first.ledger.suspects({ state: 'closed', limit: 10 }),
  )
  const audited = await readFile(join(folder, 'audit.ndjson'), 'utf8')
  expect(audited.match(/"suspect_case"/g)).toHaveLength(2)
  expect(audited).toContain('"by":"wang"')
})

test('a closed case is kept when its suspicion falls away, and comes back when it grows', async () => {
  const { desk } = await open(stated(['7', 0.5]))
  await desk.act('7', { state: 'closed', found: 'nothing' }, 'li')
  const gone = await open(stated())
  expect(gone.listed()).toEqual([])
  expect(gone.listed('closed')).toEqual(['7 closed'])
  const grown = await open(stated(['7', 0.9]))
  expect(grown.listed()).toEqual(['7 new'])
  expect(grown.ledger.suspects({ limit: 1 }).items[0]?.case).toMatchObject({ again: true, found: 'nothing' })
})

test('what is wrong leaves no trace: a meter nobody suspects, a close without a finding', async () => {
  const { desk, listed } = await open(stated(['7', 0.5]))
  await expect(desk.act('9', { state: 'field_work' }, 'li')).rejects.toMatchObject({ code: 'API_NOT_FOUND' })
  await expect(desk.act('7', { state: 'closed' }, 'li')).rejects.toMatchObject({ code: 'API_INPUT' })
  expect(listed()).toEqual(['7 new'])
  expect(log.end).toBe(0)
})
