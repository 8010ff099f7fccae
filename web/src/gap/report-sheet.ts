import type { GapStatement } from '@gastwin/server/contract'
import { NONE, printNumber, printPercent, printSigned } from '../format/numbers.ts'
import type { MapGeometry } from '../map/geometry.ts'
import type { Dictionary } from '../text/en/index.ts'
import { wordFor } from '../text/language.ts'
import { placeOfSuspect } from './place-of-suspect.ts'
import { printDate, printSpan } from './print-span.ts'
import { isStated, type StatedGap } from './statement-figures.ts'
import type { RankedSuspect } from './suspect-figures.ts'
import { waterfallOf } from './waterfall-shape.ts'
import { type SketchGeometry, zoneSketch } from './zone-sketch.ts'

/** px of the sheet; twice as many in the picture. */
export const SHEET = { width: 880, scale: 2 }
/** A page has room for so many. */
const MOST_SUSPECTS = 20
const MARGIN = 32
const ROW = 26
const NAMES = 190
const VALUES = 200
const COLUMNS = [0, 40, 230, 400, 520, 640] as const
const INK = '#16181a'
const SECOND = '#565e66'
const FONT = 'system-ui, "Noto Sans CJK SC", "Microsoft YaHei", sans-serif'

/** What a month's report shows of a zone. */
export interface ReportSheet {
  readonly statement: GapStatement
  /** Name of the zone. */
  readonly zone: string
  /** Most probable first. */
  readonly suspects: readonly RankedSuspect[]
  readonly timeZone: string
  /** What the map knows; without it the sheet has none. */
  readonly geometry?: SketchGeometry & Pick<MapGeometry, 'meta' | 'meters'>
}

/**
 * The gap of a zone, its shares with their intervals, a map of it and its first suspects on one sheet of paper: dark on white, to be printed or put into a
 * report.
 * @returns SVG as text, and its height, px
 */
export function reportSheet(
  { statement, zone, suspects, timeZone, geometry }: ReportSheet,
  t: Dictionary,
): { readonly svg: string; readonly height: number } {
  const parts: string[] = []
  const span = printSpan(statement.from, statement.to, timeZone)
  parts.push(text(MARGIN, 48, `${zone} · ${span}`, 'font-size="20" font-weight="600"'))
  const rate = statement.gap_rate === null ? NONE : printSigned(statement.gap_rate * 100)
  const gap = isStated(statement)
    ? t.gap.gapOf(rate, `${printSigned(statement.gap_m3, 0)} m³`)
    : `${t.gap.noSupply.title}: ${t.gap.noSupply.heard(printPercent(statement.inlet_coverage, 0))}`
  parts.push(text(MARGIN, 74, gap, 'font-size="15"'))
  const stated = `${t.gap.whisker} · ${t.gap.how.revision} ${statement.revision} · ${printDate(statement.stated_at, timeZone)}`
  parts.push(text(MARGIN, 94, stated, `font-size="12" fill="${SECOND}"`))
  let y = 116
  if (isStated(statement)) y = waterfall(parts, statement, t, y) + 34
  const shown = suspects.slice(0, MOST_SUSPECTS)
  if (geometry !== undefined) y = map(parts, geometry, statement.zone, shown, y)
  parts.push(
    text(MARGIN, y, `${t.gap.tabs.suspects} ${shown.length}/${suspects.length}`, 'font-size="15" font-weight="600"'),
  )
  y += 24
  const { kind, meter, volume, probability, since, kinds, untold, none } = t.gap.suspects
  if (shown.length === 0) parts.push(text(MARGIN, y, none, `font-size="12" fill="${SECOND}"`))
  else parts.push(...line(y, ['#', meter, kind, volume, probability, since], `font-size="12" fill="${SECOND}"`))
  for (const one of shown) {
    y += 20
    const day = one.since === null ? untold : printDate(one.since, timeZone)
    const size = one.m3_per_day === null ? NONE : printNumber(one.m3_per_day.p50, 1)
    const chance = `${printNumber(one.probability * 100)} %`
    parts.push(...line(y, [String(one.rank), one.meter, wordFor(kinds, one.kind), size, chance, day], 'font-size="13"'))
  }
  const height = y + MARGIN
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${SHEET.width}" height="${height}" viewBox="0 0 ${SHEET.width} ${height}" font-family='${FONT}' fill="${INK}"><rect width="100%" height="100%" fill="#fff"/>${parts.join('')}</svg>`
  return { svg, height }
}

/** @returns px below it */
function map(
  parts: string[],
  geometry: NonNullable<ReportSheet['geometry']>,
  zone: string,
  shown: readonly RankedSuspect[],
  top: number,
): number {
  const marks = shown.flatMap((one) => {
    const place = placeOfSuspect(one, geometry)
    return place === undefined ? [] : [{ rank: one.rank, ...place }]
  })
  const sketch = zoneSketch(geometry, zone, marks, SHEET.width - 2 * MARGIN)
  if (sketch === undefined) return top
  parts.push(`<g transform="translate(${MARGIN} ${px(top - 16)})">${sketch.svg}</g>`)
  return top + sketch.height + 16
}

/** @returns px below it */
function waterfall(parts: string[], { shares_m3 }: StatedGap, t: Dictionary, top: number): number {
  const left = MARGIN + NAMES
  const { bars, total, ticks, zero, sum } = waterfallOf(shares_m3, SHEET.width - 2 * MARGIN - NAMES - VALUES)
  const bottom = top + (bars.length + 1) * ROW
  const right = SHEET.width - MARGIN
  for (const { value, x } of ticks) {
    parts.push(rule(left + x, top, left + x, bottom, value === 0 ? SECOND : '#d7dce0'))
    parts.push(text(left + x, bottom + 16, printNumber(value), `font-size="11" text-anchor="middle" fill="${SECOND}"`))
  }
  parts.push(rule(left + zero, top, left + zero, bottom, SECOND))
  bars.forEach(({ name, value, p05, p95, left: from, right: to, low, high }, i) => {
    const middle = top + i * ROW + ROW / 2
    const dashed = name === 'unexplained' ? `fill="none" stroke="${INK}" stroke-dasharray="4 3"` : 'fill="#8d99a5"'
    parts.push(text(MARGIN, middle + 4, t.gap.shares[name], 'font-size="13"'))
    parts.push(box(left + from, middle - 7, to - from, dashed))
    parts.push(rule(left + low, middle, left + high, middle, INK))
    for (const end of [low, high]) parts.push(rule(left + end, middle - 4, left + end, middle + 4, INK))
    const range = `${printNumber(value)} (${printNumber(p05)} – ${printNumber(p95)})`
    parts.push(text(right, middle + 4, range, 'font-size="12" text-anchor="end"'))
  })
  const middle = top + bars.length * ROW + ROW / 2
  parts.push(text(MARGIN, middle + 4, t.gap.sum, 'font-size="13" font-weight="600"'))
  parts.push(box(left + total.left, middle - 7, total.right - total.left, `fill="${INK}"`))
  parts.push(text(right, middle + 4, `${printNumber(sum)} m³`, 'font-size="12" font-weight="600" text-anchor="end"'))
  return bottom + 16
}

const line = (y: number, cells: readonly string[], style: string) =>
  cells.map((cell, i) => text(MARGIN + (COLUMNS[i] ?? 0), y, cell, style))

const box = (x: number, y: number, width: number, style: string) =>
  `<rect x="${px(x)}" y="${px(y)}" width="${px(Math.max(1, width))}" height="14" ${style}/>`

const rule = (x1: number, y1: number, x2: number, y2: number, stroke: string) =>
  `<line x1="${px(x1)}" y1="${px(y1)}" x2="${px(x2)}" y2="${px(y2)}" stroke="${stroke}"/>`

const text = (x: number, y: number, words: string, style: string) =>
  `<text x="${px(x)}" y="${px(y)}" ${style}>${words.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</text>`

const px = (value: number) => Math.round(value * 10) / 10
