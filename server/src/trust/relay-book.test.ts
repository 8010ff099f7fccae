import { describe, expect, test } from 'vitest'
import { packNumbers } from '../log/packed-numbers.ts'
import { RelayBook } from './relay-book.ts'

const [A, B] = [94_000_000_000_001, 94_000_000_000_002]
const [GAS, WATER] = [181_702_000_027, 181_702_000_028]
const HERE = '10.0.0.1:5683'
const THERE = '10.0.0.2:5683'

const relay = (device: number, meters: readonly number[], others: readonly number[] = []) =>
  ({ type: 'trust_relay', at: 0, device, meters: packNumbers(Float64Array.from(meters).sort()), others }) as const
const source = (device: number, from: string) => ({ type: 'trust_source', at: 0, device, from }) as const

/** A has both meters from record 10 on, and speaks from HERE from record 20 on. */
function book(): RelayBook {
  const relays = new RelayBook()
  relays.hold(relay(A, [GAS, WATER]), 10)
  relays.hold(source(A, HERE), 20)
  return relays
}

describe('values of meters behind concentrators', () => {
  test('come from where their concentrator speaks, and before the log says so from anywhere', () => {
    const relays = book()
    expect(relays.stray(GAS, 'meter', THERE, 5)).toBeUndefined()
    expect(relays.stray(GAS, 'meter', HERE, 15)).toContain(String(A))
    expect(relays.stray(GAS, 'meter', HERE, 30)).toBeUndefined()
    expect(relays.stray(GAS, 'meter', THERE, 30)).toContain(`concentrator ${A}`)
    expect(relays.stray(5, 'meter', THERE, 30)).toBeUndefined()
  })

  test('come from a new source behind the record of it, and what came before is judged as it was', () => {
    const relays = book()
    relays.hold(source(A, THERE), 40)
    expect([30, 50].map((at) => relays.stray(GAS, 'meter', HERE, at) === undefined)).toEqual([true, false])
    expect([30, 50].map((at) => relays.stray(GAS, 'meter', THERE, at) === undefined)).toEqual([false, true])
    expect(relays.stray(A, 'concentrator', HERE, 50)).toContain(THERE)
    expect(relays.stray(B, 'concentrator', HERE, 50)).toBeUndefined()
  })

  test('may come from a neighbour that the archive names', () => {
    const relays = book()
    relays.hold(source(B, THERE), 25)
    relays.hold(relay(A, [GAS, WATER], [B]), 40)
    expect([30, 50].map((at) => relays.stray(GAS, 'meter', THERE, at) === undefined)).toEqual([false, true])
  })

  test('follow the archive: a meter goes over to another concentrator, or speaks for itself', () => {
    const relays = book()
    relays.hold(source(B, THERE), 25)
    relays.hold(relay(B, [WATER]), 40)
    relays.hold(relay(A, []), 41)
    expect(relays.stray(WATER, 'meter', HERE, 30)).toBeUndefined()
    expect(relays.stray(WATER, 'meter', HERE, 50)).toContain(String(B))
    expect(relays.stray(WATER, 'meter', THERE, 50)).toBeUndefined()
    expect(relays.stray(GAS, 'meter', '1.2.3.4:5', 50)).toBeUndefined()
  })

  test('hold for the meter that came to the point', () => {
    const relays = book()
    relays.fitted(GAS, 77, 50)
    expect(relays.stray(77, 'meter', THERE, 45)).toBeUndefined()
    expect(relays.stray(77, 'meter', THERE, 60)).toBeDefined()
    expect(relays.stray(77, 'meter', HERE, 60)).toBeUndefined()
  })

  test('are judged the same by another thread, and after a snapshot', () => {
    const relays = book()
    for (let i = 0; i < 200; i++) relays.hold(source(A, `10.0.0.1:${6_000 + i}`), 100 + i)
    expect(relays.facts.sources).toHaveLength(64)
    const thread = new RelayBook(structuredClone(relays.facts))
    const saved = new RelayBook(JSON.parse(JSON.stringify(relays.save())))
    for (const other of [relays, thread, saved]) {
      expect(other.stray(GAS, 'meter', '10.0.0.1:6199', 500)).toBeUndefined()
      expect(other.stray(GAS, 'meter', HERE, 500)).toBeDefined()
      expect(other.says(relay(A, [GAS, WATER]))).toBe(true)
      expect(other.says(relay(A, [GAS]))).toBe(false)
    }
  })
})
