import type { Fault } from './fault.ts'
import { type FaultList, shown } from './fault.ts'

/** Ids that a reference may name. */
export interface KnownIds {
  readonly nodes: ReadonlyMap<string, number>
  readonly edges: ReadonlyMap<string, number>
  readonly zones: ReadonlyMap<string, number>
}

/** What one field must be. Optional fields may be missing or null. */
export interface FieldRule {
  readonly key: string
  readonly required: boolean
  readonly expected: Fault['expected']
  readonly holds: (value: unknown, known: KnownIds) => boolean
}

type Holds = FieldRule['holds']
export type Row = Readonly<Record<string, unknown>>

export const isRow = (value: unknown): value is Row =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isNumber = (v: unknown): v is number => typeof v === 'number' && Number.isFinite(v)
const isText: Holds = (v) => typeof v === 'string' && v.length > 0

export const must = (key: string, [holds, expected]: Expectation): FieldRule => ({
  key,
  holds,
  expected,
  required: true,
})
export const may = (key: string, [holds, expected]: Expectation): FieldRule => ({
  key,
  holds,
  expected,
  required: false,
})

type Expectation = readonly [holds: Holds, expected: string]
export const text: Expectation = [isText, 'a non-empty string']
export const truth: Expectation = [(v) => typeof v === 'boolean', 'true or false']
export const finite: Expectation = [isNumber, 'a finite number']
export const positive: Expectation = [(v) => isNumber(v) && v > 0, 'a number above 0']
export const notNegative: Expectation = [(v) => isNumber(v) && v >= 0, 'a number of 0 or more']
export const longitude: Expectation = [(v) => isNumber(v) && Math.abs(v) <= 180, 'degrees, −180 to 180']
export const latitude: Expectation = [(v) => isNumber(v) && Math.abs(v) <= 90, 'degrees, −90 to 90']
export const year: Expectation = [
  (v) => Number.isInteger(v) && Number(v) >= 1800 && Number(v) <= 2200,
  'a year, 1800 to 2200',
]
export const nodeRef: Expectation = [(v, known) => typeof v === 'string' && known.nodes.has(v), 'the id of a node']
export const edgeRef: Expectation = [(v, known) => typeof v === 'string' && known.edges.has(v), 'the id of an edge']
export const zoneRef: Expectation = [(v, known) => typeof v === 'string' && known.zones.has(v), 'the id of a zone']
export const list: Expectation = [(v) => Array.isArray(v), 'a list']
export const line: Expectation = [
  (v) => Array.isArray(v) && v.every((p) => Array.isArray(p) && isNumber(p[0]) && isNumber(p[1])),
  'a list of [lon, lat]',
]
export const deviceNumber: Expectation = [
  (v) => typeof v === 'string' && /^\d{1,14}$/.test(v) && Number(v) > 0,
  'up to 14 decimal digits, not 0',
]
export const oneOf = (...words: readonly unknown[]): Expectation => [
  (v) => words.includes(v),
  words.map((w) => (typeof w === 'string' ? w : String(w))).join(', '),
]
export const listOf = (...words: readonly string[]): Expectation => [
  (v) => Array.isArray(v) && v.length > 0 && v.every((w) => words.includes(w as string)),
  `a non-empty list of ${words.join(', ')}`,
]

/** Checks one object against its rules; `where` is only asked for when a rule is broken. */
export function checkFields(
  row: Row,
  rules: readonly FieldRule[],
  known: KnownIds,
  faults: FaultList,
  where: () => string,
): void {
  for (const rule of rules) {
    const value = row[rule.key]
    if (value === undefined || value === null) {
      if (rule.required) faults.add(`${where()}.${rule.key}`, shown(value), rule.expected)
    } else if (!rule.holds(value, known)) faults.add(`${where()}.${rule.key}`, shown(value), rule.expected)
  }
}
