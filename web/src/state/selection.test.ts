import { describe, expect, test } from 'vitest'
import { createSelectionStore, parseSelection, printSelection } from './selection.ts'

describe('one selection for the whole console', () => {
  test('choosing the same thing again does not wake the listeners', () => {
    const selection = createSelectionStore()
    let woken = 0
    selection.subscribe(() => woken++)
    selection.select({ kind: 'pipe', id: 'P-1' })
    selection.select({ kind: 'pipe', id: 'P-1' })
    expect(woken).toBe(1)
    expect(selection.get()).toEqual({ kind: 'pipe', id: 'P-1' })
  })

  test('the same asset through another alarm is another selection', () => {
    const selection = createSelectionStore({ kind: 'rtu', id: 'RTU-1', alarm: 'a' })
    selection.select({ kind: 'rtu', id: 'RTU-1', alarm: 'b' })
    expect(selection.get()?.alarm).toBe('b')
  })

  test('the map flies only when asked to', () => {
    const selection = createSelectionStore()
    selection.select({ kind: 'zone', id: 'Z-1' })
    expect(selection.flights.get()).toBe(0)
    selection.select({ kind: 'zone', id: 'Z-1' }, { fly: true })
    expect(selection.flights.get()).toBe(1)
    selection.select(null, { fly: true })
    expect(selection.flights.get()).toBe(1)
    expect(selection.get()).toBeNull()
  })

  test('the address bar gives back what it was given, ids with colons included', () => {
    for (const selection of [
      { kind: 'meter', id: '00000012345678' },
      { kind: 'pipe', id: 'edge:10' },
    ] as const)
      expect(parseSelection(printSelection(selection))).toEqual(selection)
    for (const wrong of [null, '', 'pipe', 'pipe:', ':P-1', 'person:1']) expect(parseSelection(wrong)).toBeNull()
  })
})
