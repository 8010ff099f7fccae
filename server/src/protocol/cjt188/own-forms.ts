import { type Reading, type TerminalLogPiece, UsageError } from '@gastwin/twin'
import { CONNECTION_SETTINGS, type ConnectionSetting } from '../report/answer.ts'
import type { PriceTable } from '../report/line-order.ts'
import { priceForm, pricesOfForm } from '../report/price-form.ts'
import { packLog, unpackLog } from '../report/terminal-log.ts'

/** Registers at the same time of successive days. */
export interface DayRegisters {
  /** Unix ms of the first, whole seconds. */
  readonly first: number
  /** m³; NaN where none was kept. */
  readonly registersM3: readonly number[]
}

const DAY_MS = 86_400_000
const STEPS_M3 = 100
const NOT_KEPT = 0xffff_ffff
const MOST_DAYS = 31
const LOG_HEAD = 10
const LONGEST_TEXT = 64
const VISIBLE = /^[\x21-\x7e]*$/

/** Time of the first in s, then each register in 0.01 m³; four bytes each, low byte first (docs/CJT188-PROFILE.md §4). */
export function writeDays({ first, registersM3 }: DayRegisters): Uint8Array {
  return u32s([Math.floor(first / 1000), ...registersM3.map((m3) => (Number.isNaN(m3) ? NOT_KEPT : hundredths(m3)))])
}

function hundredths(m3: number): number {
  const steps = Math.round(m3 * STEPS_M3)
  if (steps >= 0 && steps < NOT_KEPT) return steps
  throw new UsageError('PRT_ENCODE', `a register of ${m3} m³ has no place in 32 bits`)
}

/** Mirror of `writeDays`. */
export function readDays(payload: Uint8Array): DayRegisters | undefined {
  const numbers = payload.length % 4 === 0 ? readU32s(payload) : []
  const [first, ...steps] = numbers
  if (first === undefined || steps.length < 1 || steps.length > MOST_DAYS) return undefined
  return { first: first * 1000, registersM3: steps.map((n) => (n === NOT_KEPT ? Number.NaN : n / STEPS_M3)) }
}

/** The days as readings; those that were not kept are left out. */
export const readingsOfDays = ({ first, registersM3 }: DayRegisters): Reading[] =>
  registersM3.flatMap((value, i) =>
    Number.isNaN(value) ? [] : [{ quantity: 'index_m3' as const, at: first + i * DAY_MS, value }],
  )

/** Registers of some days, as this form holds them; undefined when they are not whole days apart, or too many. */
export function daysOfReadings(readings: readonly Reading[]): DayRegisters | undefined {
  const first = readings[0]?.at ?? 0
  const registersM3: number[] = []
  for (const { at, value } of readings) {
    const day = (at - first) / DAY_MS
    if (!Number.isInteger(day) || day < registersM3.length || day >= MOST_DAYS) return undefined
    while (registersM3.length < day) registersM3.push(Number.NaN)
    registersM3.push(value)
  }
  return registersM3.length === 0 ? undefined : { first, registersM3 }
}

/** Number of the order 4, piece 1, pieces 1, time of the first line in s 4, lines. */
export function writeLogPiece({ command, piece, pieces, entries }: TerminalLogPiece): Uint8Array {
  const { first, bytes } = packLog(entries)
  const payload = new Uint8Array(LOG_HEAD + bytes.length)
  payload.set(u32s([command]))
  payload[4] = piece
  payload[5] = pieces
  payload.set(u32s([first]), 6)
  payload.set(bytes, LOG_HEAD)
  return payload
}

/** Mirror of `writeLogPiece`. */
export function readLogPiece(payload: Uint8Array): TerminalLogPiece | undefined {
  if (payload.length < LOG_HEAD) return undefined
  const [piece = 0, pieces = 0] = [payload[4], payload[5]]
  const [command = 0] = readU32s(payload.subarray(0, 4))
  const [first = 0] = readU32s(payload.subarray(6, LOG_HEAD))
  const entries = unpackLog(first, payload.subarray(LOG_HEAD))
  return entries === undefined || piece < 1 || piece > pieces ? undefined : { command, piece, pieces, entries }
}

/** Number of the setting 1, then visible ASCII. @throws UsageError PRT_ENCODE for other text */
export function writeConnection(setting: ConnectionSetting, text: string): Uint8Array {
  if (text.length > LONGEST_TEXT || !VISIBLE.test(text))
    throw new UsageError('PRT_ENCODE', `a ${setting} has at most ${LONGEST_TEXT} visible ASCII characters`)
  return Uint8Array.of(CONNECTION_SETTINGS.indexOf(setting), ...Buffer.from(text, 'latin1'))
}

/** Mirror of `writeConnection`. */
export function readConnection(payload: Uint8Array): { setting: ConnectionSetting; text: string } | undefined {
  const setting = CONNECTION_SETTINGS[payload[0] ?? -1]
  const text = Buffer.from(payload.subarray(1)).toString('latin1')
  return setting === undefined || text.length > LONGEST_TEXT || !VISIBLE.test(text) ? undefined : { setting, text }
}

/** From when, then prices and ends of the steps; four bytes each, low byte first. */
export const writePrices = (prices: PriceTable): Uint8Array => u32s(priceForm(prices))

/** Mirror of `writePrices`. */
export const readPrices = (payload: Uint8Array): PriceTable | undefined =>
  payload.length % 4 === 0 ? pricesOfForm(readU32s(payload)) : undefined

function u32s(numbers: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(4 * numbers.length)
  const view = new DataView(bytes.buffer)
  numbers.forEach((number, i) => {
    view.setUint32(4 * i, number, true)
  })
  return bytes
}

function readU32s(bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  return Array.from({ length: bytes.length / 4 }, (_, i) => view.getUint32(4 * i, true))
}
