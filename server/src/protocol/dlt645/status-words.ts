import type { FieldValue } from '../record/field.ts'

/** Bits of the status words. @source DL/T 645-2007 annex C as publicly described */
const WORD1_CLOCK_BATTERY_LOW = 1 << 2
const WORD1_READING_BATTERY_LOW = 1 << 3
const WORD3_RELAY_OFF = 1 << 4

export interface MeterState {
  readonly relay: 'on' | 'off' | undefined
  readonly batteryLow: boolean
}

/** What the status words of a 2007 meter say of relay and batteries; a word that was not read says nothing. */
export function readStatusWords(values: readonly FieldValue[]): MeterState {
  const word = (name: string): number | undefined => values.find(({ spec }) => spec.name === name)?.raw
  const third = word('status word 3')
  return {
    relay: third === undefined ? undefined : (third & WORD3_RELAY_OFF) === 0 ? 'on' : 'off',
    batteryLow: ((word('status word 1') ?? 0) & (WORD1_CLOCK_BATTERY_LOW | WORD1_READING_BATTERY_LOW)) !== 0,
  }
}

export const statusWord1 = (batteryLow: boolean): number => (batteryLow ? WORD1_READING_BATTERY_LOW : 0)
export const statusWord3 = (relay: 'on' | 'off'): number => (relay === 'off' ? WORD3_RELAY_OFF : 0)
