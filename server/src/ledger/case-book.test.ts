import { describe, expect, test } from 'vitest'
import type { SuspectFinding } from '../contract/index.ts'
import { suspicion } from '../store/testing/store-fixture.ts'
import { type CaseAct, CaseBook, caseAct } from './case-book.ts'

const CLOSED_AT = 5_000_000
const finding = (more: Partial<SuspectFinding> = {}): SuspectFinding => ({
  ...suspicion(0.5).recorded.suspect,
  ...{ meter: '7', since: 1_000_000, ...more },
})
const act = (state: CaseAct['state'], more: Partial<CaseAct> = {}): CaseAct => ({
  ...{ meter: '7', at: CLOSED_AT, user: 'li', state, note: null, finding: finding() },
  ...{ found: state === 'closed' ? 'nothing' : null, ...more },
})
const bookOf = (...acts: readonly CaseAct[]) => {
  const book = new CaseBook()
  for (const one of acts) book.take(one)
  return book
}
const reason = (kind: SuspectFinding['kind'], probability: number) => ({
  ...{ kind, probability, since: null, m3_per_day: null, facts: [] },
})

describe('what people do about a suspect', () => {
  test('is nothing at first, then the last act, whatever came before', () => {
    expect(new CaseBook().caseOf(finding())).toMatchObject({ state: 'new', at: null, user: null })
    const book = bookOf(act('field_work', { at: 1 }), act('closed', { found: 'theft', note: 'hose' }))
    expect(book.caseOf(finding())).toEqual({
      ...{ state: 'closed', at: CLOSED_AT, user: 'li', found: 'theft', note: 'hose', again: false },
    })
    expect(book.history('7').map(({ state }) => state)).toEqual(['field_work', 'closed'])
    expect(book.closed.map(({ meter }) => meter)).toEqual(['7'])
    book.take(act('new', { at: CLOSED_AT + 1 }))
    expect(book.closed).toEqual([])
  })

  test('is the same after the acts were read again', () => {
    const book = bookOf(act('field_work', { at: 1 }), act('closed'), act('field_work', { meter: '8' }))
    const again = bookOf(...(JSON.parse(JSON.stringify(book.acts)) as CaseAct[]))
    expect(again.acts).toEqual(book.acts)
    expect(again.caseOf(finding())).toEqual(book.caseOf(finding()))
  })

  test('stays closed while old readings go on to say the same', () => {
    const book = bookOf(act('closed'))
    for (const same of [
      finding(),
      finding({ probability: 0.65 }),
      finding({ since: null }),
      finding({ probability: 0.05 }),
    ])
      expect(book.caseOf(same).state).toBe('closed')
    expect(book.caseOf(finding({ also: [reason('stopped', 0.05)] })).state).toBe('closed')
  })

  test('comes back when evidence has come since, with what was found then', () => {
    const book = bookOf(act('closed', { found: 'meter_fault' }))
    const magnet = { code: 'magnet', value: 1, unit: '1', at: CLOSED_AT + 1 }
    for (const more of [
      finding({ since: CLOSED_AT + 1 }),
      finding({ probability: 0.71 }),
      finding({ also: [reason('stopped', 0.2)] }),
      finding({ facts: [magnet] }),
    ])
      expect(book.caseOf(more)).toMatchObject({ state: 'new', again: true, found: 'meter_fault' })
    expect(book.caseOf(finding({ facts: [{ ...magnet, at: CLOSED_AT }] })).state).toBe('closed')
  })
})

test('a case is closed with what was found, and only then; something else needs words', () => {
  const more = { meter: '7', at: 1, user: 'li', finding: null }
  expect(caseAct({ state: 'closed' }, more)).toMatch(/closed with what was found/)
  expect(caseAct({ state: 'field_work', found: 'theft' }, more)).toMatch(/belongs to a closed case/)
  expect(caseAct({ state: 'closed', found: 'other', note: ' ' }, more)).toMatch(/say what/)
  expect(caseAct({ state: 'closed', found: 'other', note: ' dog ' }, more)).toMatchObject({
    found: 'other',
    note: 'dog',
  })
  expect(caseAct({ state: 'field_work' }, more)).toMatchObject({ state: 'field_work', found: null, note: null })
})
