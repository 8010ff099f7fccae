import { createHash } from 'node:crypto'
import { StoreError } from '@gastwin/twin'
import Value from 'typebox/value'
import { beforeEach, describe, expect, test } from 'vitest'
import {
  GapLedger,
  type GapStatement,
  type Leak,
  Replacement,
  SuspectEvidence,
  type SuspectFinding,
  type SuspectReason,
  Suspects,
} from '../contract/index.ts'
import type { GapStated } from '../ledger/ledger-messages.ts'
import { DAY, gapStatement, MARCH, suspicion } from '../store/testing/store-fixture.ts'
import { LedgerDesk } from './ledger-desk.ts'
import { truthFindings } from './truth-findings.ts'

const suspect = (meter: string, zone: string, kind: SuspectFinding['kind'], probability: number): SuspectFinding => ({
  ...suspicion(probability).recorded.suspect,
  ...{ meter, device: meter, zone, kind },
})

const STATED: GapStated = {
  type: 'stated',
  at: MARCH + 3 * DAY,
  why: null,
  reason: null,
  dataFrom: MARCH,
  dataTo: MARCH + 2 * DAY,
  readings: 100,
  tookMs: 12.5,
  statements: {
    day: [0, 1].flatMap((day) => ['Z1', 'Z2'].map((zone) => gapStatement(zone, MARCH + day * DAY, 1))),
    week: [],
    month: [],
  },
  revisions: [3, 2, 1].map((revision) => ({
    ...{ zone: 'Z1', from: MARCH, to: MARCH + DAY, at: MARCH + revision * DAY, revision },
    ...{ supply_change_m3: 0, sales_change_m3: 1, gap_change_m3: -1, leak_change_m3: 0 },
  })),
  suspects: [suspect('7', 'Z1', 'theft', 0.9), suspect('8', 'Z2', 'stopped', 0.5), suspect('9', 'Z1', 'stopped', 0.05)],
  suspectsInAll: 5,
  evidence: new Map([
    ['7', { days: [{ from: MARCH, use_m3: 1, expected_m3: null }], events: [{ code: 'magnet', at: MARCH }] }],
  ]),
  replacements: [],
  found: new Map([['7/theft', MARCH + DAY]]),
  statementsToRecord: [],
  suspectsToRecord: [],
}

let asked: unknown[]
let history: () => Promise<readonly GapStatement[]>
let desk: LedgerDesk
beforeEach(() => {
  asked = []
  history = async () => [gapStatement('Z1', MARCH - 70 * DAY, 4)]
  desk = new LedgerDesk((...query) => {
    asked.push(query)
    return history()
  })
})

describe('the desk of the gap ledger', () => {
  test('waits with the reason of the thread, and fits its schema while it does', async () => {
    for (const why of ['the readings of the last days are read from the log', 'no day is whole']) {
      const ledger = await desk.ledger({ every: 'day' })
      expect(ledger).toMatchObject({ state: 'waiting', why, items: [], stated_at: null })
      expect(Value.Check(GapLedger, ledger)).toBe(true)
      desk.take({ type: 'waiting', why: 'no day is whole', reason: { code: 'first_nights', share: 0.98 } })
    }
    expect(desk.suspects({ limit: 10 })).toEqual({ items: [], total: 0, stated_at: null })
    expect(() => desk.evidence('7')).toThrow(expect.objectContaining({ code: 'API_NOT_FOUND' }))
  })

  test('answers from what is held without asking the database', async () => {
    desk.take(STATED)
    const all = await desk.ledger({ every: 'day' })
    expect(all).toMatchObject({ state: 'stated', why: null, stated_at: STATED.at, readings: 100 })
    expect(all.items).toEqual(STATED.statements.day)
    const one = await desk.ledger({ every: 'day', zone: 'Z2', from: MARCH + DAY, to: MARCH + 2 * DAY })
    expect(one.items.map(({ zone, from }) => [zone, from])).toEqual([['Z2', MARCH + DAY]])
    expect(asked).toEqual([])
    await expect(desk.ledger({ every: 'day', from: 2, to: 1 })).rejects.toMatchObject({ code: 'API_INPUT' })
  })

  test('reads periods older than what is held from the database, and says so when it is away', async () => {
    desk.take(STATED)
    const ledger = await desk.ledger({ every: 'day', zone: 'Z1', from: 0 })
    expect(asked).toEqual([['day', 'Z1', 0, MARCH]])
    expect(ledger.items.map(({ from }) => from)).toEqual([MARCH - 70 * DAY, MARCH, MARCH + DAY])
    history = async () => {
      throw new StoreError('STO_ENGINE', 'away')
    }
    const without = await desk.ledger({ every: 'day', from: 0 })
    expect(without.items).toEqual(STATED.statements.day)
    expect(without).toMatchObject({ state: 'stated', why: expect.stringMatching(/older periods.*away/) })
  })

  test('names at most twenty meters to replace, by m³ or by yuan for each yuan', () => {
    const row = (i: number): Replacement => ({
      ...{ meter: `m${i}`, device: `${i}`, zone: 'Z1', reason: 'worn', age_years: 9, yuan: 100, yuan_assumed: true },
      ...{ won_m3_per_year: i, won_m3_p05: 0, won_m3_p95: 2 * i, won_yuan_per_year: 99 - i },
      ...{ m3_per_yuan: i / 100, yuan_per_yuan: (99 - i) / 100 },
    })
    expect(desk.replacements('m3')).toEqual([])
    desk.take({ ...STATED, replacements: Array.from({ length: 40 }, (_, i) => row(i)) })
    expect(desk.replacements('m3').map(({ won_m3_per_year: m3 }) => m3)).toEqual(
      Array.from({ length: 20 }, (_, i) => 39 - i),
    )
    expect(desk.replacements('yuan').map(({ won_m3_per_year: m3 }) => m3)).toEqual(
      Array.from({ length: 20 }, (_, i) => i),
    )
    expect(Value.Check(Replacement, row(1))).toBe(true)
  })

  test('keeps what was stated when the thread fails, and says why', async () => {
    desk.take(STATED)
    desk.take({ type: 'failed', why: 'out of memory' })
    const ledger = await desk.ledger({ every: 'day' })
    expect(ledger).toMatchObject({ state: 'failed', why: 'out of memory', items: STATED.statements.day })
    desk.take(STATED)
    expect((await desk.ledger({ every: 'day' })).state).toBe('stated')
  })

  test('lists revisions and suspects by what is asked for', () => {
    desk.take(STATED)
    expect(desk.revisions(2).map(({ revision }) => revision)).toEqual([3, 2])
    expect(desk.suspects({ limit: 2 })).toMatchObject({ items: [{ meter: '7' }, { meter: '8' }], total: 5 })
    expect(desk.suspects({ zone: 'Z1', kind: 'stopped', limit: 10 })).toMatchObject({
      items: [{ meter: '9' }],
      total: 1,
    })
    expect(Value.Check(Suspects, desk.suspects({ limit: 10 }))).toBe(true)
  })

  test('signs evidence by the SM3 digest of all that stands before it', () => {
    desk.take(STATED)
    const evidence = desk.evidence('7')
    expect(Value.Check(SuspectEvidence, evidence)).toBe(true)
    const { digest_sm3: digest, ...body } = JSON.parse(JSON.stringify(evidence))
    expect(createHash('sm3').update(JSON.stringify(body)).digest('hex')).toBe(digest)
    body.suspect.probability = 0.1
    expect(createHash('sm3').update(JSON.stringify(body)).digest('hex')).not.toBe(digest)
    expect(desk.evidence('8')).toMatchObject({ days: [], events: [] })
  })
})

describe('truth against finding', () => {
  const leak: Leak = {
    id: 'L1',
    kind: 'leak',
    state: 'located',
    zone: 'Z1',
    suspected_at: 0,
    detected_at: 20,
    started_at: 0,
    candidates: [{ pipe: 'P1', probability: 0.7, position: 0.5 }],
    standard_flow_m3_s: { p05: 0, p50: 0, p95: 0 },
    evidence: [],
    closed: null,
  }

  test('a meter suspected of several things is found as what is truly wrong with it', () => {
    const other: SuspectReason = { kind: 'small_flow', probability: 0.4, since: null, m3_per_day: null, facts: [] }
    const both = { ...suspect('7', 'Z1', 'theft', 0.9), also: [other] }
    const stated = { suspects: [both], found: new Map([['7/small_flow', MARCH]]) }
    const found = truthFindings([{ event: 'small_flow', asset: '7', at: 1 }], { stated, leaks: [], alarms: [] })
    expect(found).toMatchObject([{ found_as: 'small_flow', found_at: MARCH, probability: 0.4, right: true }])
    const weak = { suspects: [{ ...both, also: [{ ...other, probability: 0.01 }] }], found: new Map() }
    const wrong = truthFindings([{ event: 'small_flow', asset: '7', at: 1 }], { stated: weak, leaks: [], alarms: [] })
    expect(wrong).toMatchObject([{ found_as: 'theft', probability: 0.9, right: false }])
    const before = truthFindings([{ event: 'small_flow', asset: '7', at: MARCH + 1 }], {
      stated,
      leaks: [],
      alarms: [],
    })
    expect(before).toMatchObject([{ found_as: 'small_flow', right: false }])
  })

  test('a thing is found as a suspect, a leak or an alarm of the same asset, or not at all', () => {
    const found = truthFindings(
      [
        { event: 'theft', form: 'bypass', asset: '7', at: MARCH },
        { event: 'stopped_meter', asset: '9', at: MARCH },
        { event: 'leak_begin', asset: 'P1', at: 10 },
        { event: 'leak_mended', asset: 'P1', at: 30 },
        { event: 'cell_offline', pci: 7, at: 30 },
      ],
      { stated: STATED, leaks: [leak], alarms: [] },
    )
    expect(found).toEqual([
      {
        ...{ kind: 'theft/bypass', asset: '7', begun_at: MARCH },
        ...{ found_as: 'theft', found_at: MARCH + DAY, probability: 0.9, right: true },
      },
      {
        ...{ kind: 'stopped_meter', asset: '9', begun_at: MARCH },
        ...{ found_as: null, found_at: null, probability: null, right: false },
      },
      {
        ...{ kind: 'leak_begin', asset: 'P1', begun_at: 10 },
        ...{ found_as: 'leak', found_at: 20, probability: 0.7, right: true },
      },
    ])
  })
})
