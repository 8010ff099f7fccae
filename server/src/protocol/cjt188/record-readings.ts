import type { Reading } from '@gastwin/twin'
import type { FieldValue } from '../record/field.ts'
import { siValue } from '../record/si-value.ts'

/** What a record says to a report. */
export interface RecordContent {
  /** The meter's clock, Unix ms, or NaN. */
  readonly time: number
  readonly readings: readonly Reading[]
  /** −1 when the record has none. */
  readonly statusWord: number
  /** A register was there and could not be read. */
  readonly unreadable: boolean
}

/**
 * Readings of a record at its freeze time, else at its clock, else at the time of the report. Months back (D1xx, D2xx) give none:
 * the frame does not say when they were kept, and their fields carry no quantity.
 * @param reportTime the device's clock as other frames told it, or NaN
 */
export function recordContent(values: readonly FieldValue[], reportTime: number): RecordContent {
  let time = Number.NaN
  let frozenAt = Number.NaN
  let isFrozen = false
  let statusWord = -1
  for (const { spec, raw } of values) {
    if (spec.kind === 'status' && spec.bytes === 2) statusWord = raw
    else if (spec.kind === 'clock' && spec.name === 'freeze time') {
      isFrozen = true
      frozenAt = raw
    } else if (spec.kind === 'clock') time = raw
  }
  const at = isFrozen ? frozenAt : Number.isNaN(time) ? reportTime : time
  const readings: Reading[] = []
  let unreadable = isFrozen && Number.isNaN(frozenAt)
  for (const value of values) {
    if (value.spec.kind !== 'number' || value.spec.quantity === undefined) continue
    const si = siValue(value)
    // A frozen register whose time cannot be read would pass for the register of this moment.
    if (Number.isNaN(si)) unreadable = true
    else if (!isFrozen || !Number.isNaN(frozenAt)) readings.push({ quantity: value.spec.quantity, at, value: si })
  }
  return { time, readings, statusWord, unreadable }
}
