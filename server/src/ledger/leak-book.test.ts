import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { SaidLeak } from './known-leaks.ts'
import { LeakBook } from './leak-book.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const MARCH = Date.UTC(2026, 2, 1)

const leak = (more: Partial<SaidLeak> = {}): SaidLeak => ({
  ...{ id: 'Z1-0301-0300', kind: 'leak', state: 'confirmed', zone: 'Z1', detected_at: MARCH + HOUR, started_at: MARCH },
  ...{ standard_flow_m3_s: { p05: 0.001, p50: 0.002, p95: 0.003 }, closed: null },
  ...more,
})
const closed = (found: 'repaired' | 'nothing' | 'other', at: number) => leak({ state: 'closed', closed: { at, found } })
const bookOf = (...words: (readonly [SaidLeak, number])[]) => {
  const book = new LeakBook()
  for (const [said, at] of words) book.take(said, at)
  return book
}

describe('the leaks that the log tells of', () => {
  test('are what was said last of each', () => {
    const larger = leak({ standard_flow_m3_s: { p05: 0.002, p50: 0.004, p95: 0.006 } })
    expect(bookOf([leak(), MARCH], [larger, MARCH + DAY]).known(MARCH + DAY)).toMatchObject([
      { id: 'Z1-0301-0300', standing: 'found', from: MARCH, until: null, flow: { p50: 0.004 } },
    ])
  })

  test('flow until they were mended, and go on where people found none', () => {
    const at = MARCH + 3 * DAY
    expect(bookOf([leak(), MARCH], [closed('repaired', at), at]).known(at)).toMatchObject([
      { standing: 'repaired', until: at },
    ])
    expect(bookOf([leak(), MARCH], [closed('nothing', at), at]).known(at)).toMatchObject([
      { standing: 'not_found', until: null },
    ])
    expect(bookOf([leak(), MARCH], [closed('other', at), at]).known(at)).toMatchObject([{ standing: 'other_cause' }])
  })

  test('end when they are cut off, at the first word of that, also when they are closed days later', () => {
    const cut = leak({ state: 'isolated' })
    const book = bookOf([leak(), MARCH], [cut, MARCH + 2 * HOUR], [cut, MARCH + 26 * HOUR])
    expect(book.known(MARCH + 2 * DAY)).toMatchObject([{ standing: 'found', until: MARCH + 2 * HOUR }])
    book.take(closed('repaired', MARCH + 4 * DAY), MARCH + 4 * DAY)
    expect(book.known(MARCH + 4 * DAY)).toMatchObject([{ standing: 'repaired', until: MARCH + 2 * HOUR }])
  })

  test('flow again when they are told open after they were cut off', () => {
    const cut = leak({ state: 'isolated' })
    const book = bookOf([cut, MARCH + 2 * HOUR], [leak(), MARCH + 5 * HOUR])
    expect(book.known(MARCH + DAY)).toMatchObject([{ standing: 'found', until: null }])
    book.take(cut, MARCH + 9 * HOUR)
    expect(book.known(MARCH + DAY)).toMatchObject([{ standing: 'found', until: MARCH + 9 * HOUR }])
    const later = leak({ id: 'Z1-0304-0300', started_at: MARCH + 3 * DAY })
    expect(bookOf([cut, MARCH], [leak(), MARCH + HOUR], [later, MARCH + 4 * DAY]).known(MARCH + 4 * DAY)).toHaveLength(
      1,
    )
  })

  test('are gone when they are withdrawn, or when nobody spoke of them for as long as readings are kept', () => {
    expect(bookOf([leak(), MARCH], [leak({ state: 'dismissed' }), MARCH + DAY]).known(MARCH + DAY)).toEqual([])
    const book = bookOf([leak(), MARCH])
    expect(book.known(MARCH + 62 * DAY)).toHaveLength(1)
    expect(book.known(MARCH + 63 * DAY)).toEqual([])
  })

  test('are one when the analysis names them anew after a start, and two when the first was closed', () => {
    const renamed = leak({ id: 'Z1-0301-0500', started_at: MARCH + HOUR })
    expect(
      bookOf([leak(), MARCH], [renamed, MARCH + DAY])
        .known(MARCH + DAY)
        .map(({ id }) => id),
    ).toEqual([renamed.id])
    const at = MARCH + DAY
    const again = leak({ id: 'Z1-0305-0500', started_at: MARCH + 4 * DAY })
    expect(
      bookOf([leak(), MARCH], [closed('repaired', at), at], [again, MARCH + 5 * DAY]).known(MARCH + 5 * DAY),
    ).toHaveLength(2)
  })

  test('stay closed when the analysis still names them', () => {
    const at = MARCH + DAY
    const book = bookOf([leak(), MARCH], [closed('repaired', at), at], [leak(), at + HOUR])
    expect(book.known(at + HOUR)).toMatchObject([{ standing: 'repaired', until: at }])
  })

  test('stand in the list beside a rupture of the same zone', () => {
    const rupture = leak({ id: 'Z1-0301-0300R', kind: 'rupture' })
    expect(bookOf([leak(), MARCH], [rupture, MARCH]).known(MARCH)).toHaveLength(2)
  })

  test('ask for the ledger again when something changed, and not when the same is said again', () => {
    const book = new LeakBook()
    expect(book.take(leak(), MARCH)).toBe(true)
    expect(book.take(leak(), MARCH + DAY)).toBe(false)
    expect(book.take(leak({ state: 'suspected', id: 'Z2-1', zone: 'Z2' }), MARCH + DAY)).toBe(false)
    expect(book.take(closed('repaired', MARCH + 2 * DAY), MARCH + 2 * DAY)).toBe(true)
  })
})

test('whoever reads the log again holds the same leaks, also when every record comes twice', () => {
  const word = fc.record({
    zone: fc.constantFrom('Z1', 'Z2'),
    kind: fc.constantFrom('leak' as const, 'rupture' as const),
    state: fc.constantFrom('confirmed' as const, 'located' as const, 'isolated' as const, 'dismissed' as const),
    closes: fc.option(fc.constantFrom('repaired' as const, 'nothing' as const), { nil: null }),
    name: fc.integer({ min: 0, max: 3 }),
    began: fc.integer({ min: 0, max: 20 }),
  })
  fc.assert(
    fc.property(fc.array(word, { maxLength: 20 }), (words) => {
      const said = words.map(({ zone, kind, state, closes, name, began }, i): readonly [SaidLeak, number] => {
        const at = MARCH + i * 8 * HOUR
        const started_at = MARCH + began * 6 * HOUR
        const base = leak({ id: `${zone}-${kind}-${name}`, zone, kind, started_at })
        return [closes === null ? { ...base, state } : { ...base, state: 'closed', closed: { at, found: closes } }, at]
      })
      const end = MARCH + 30 * DAY
      const once = bookOf(...said).known(end)
      expect(bookOf(...said.flatMap((one) => [one, one])).known(end)).toEqual(once)
      for (const { zone, kind } of once)
        expect(
          once.filter((one) => one.zone === zone && one.kind === kind && one.standing === 'found' && one.until === null)
            .length,
        ).toBeLessThanOrEqual(1)
    }),
  )
})
