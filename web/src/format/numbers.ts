const MINUS = '\u2212'
/** A number never wraps inside; in the console's font this space is thin, and unlike U+202F it can be seen. */
const THIN = '\u00a0'
export const NONE = '–'

const formatters = new Map<number, Intl.NumberFormat>()

function formatter(digits: number): Intl.NumberFormat {
  let found = formatters.get(digits)
  if (found === undefined) {
    // An explicit locale: what the browser calls its language may not even be a valid tag.
    found = new Intl.NumberFormat('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })
    formatters.set(digits, found)
  }
  return found
}

/** `1 284.5`, true minus, grouping by thin space; the same in both languages. A missing value is a dash, never a zero. */
export function printNumber(value: number | null | undefined, digits = 0): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return NONE
  const text = formatter(digits).format(Math.abs(value)).replaceAll(',', THIN)
  return value < 0 && /[1-9]/.test(text) ? MINUS + text : text
}

/** With its sign, zero without: `+8.4`, `−3.9`. */
export function printSigned(value: number | null | undefined, digits = 1): string {
  const text = printNumber(value, digits)
  return value !== null && value !== undefined && value > 0 && /[1-9]/.test(text) ? `+${text}` : text
}

/** About three significant digits: 0.82, 2.31, 23.1, 231. */
export function printMeasure(value: number | null | undefined): string {
  if (value === null || value === undefined) return NONE
  const size = Math.abs(value)
  return printNumber(value, size < 10 ? 2 : size < 100 ? 1 : 0)
}

/** Ticks of an axis with as many decimals as tell neighbours apart, the same for all of them. */
export function printTicks(ticks: readonly number[]): readonly string[] {
  const step = Math.abs((ticks[1] ?? 0) - (ticks[0] ?? 0))
  const whole = (d: number) =>
    Math.abs(step * 10 ** d - Math.round(step * 10 ** d)) < 1e-6 * Math.max(1, step * 10 ** d)
  const digits = step > 0 ? ([0, 1, 2, 3, 4, 5].find((d) => step * 10 ** d > 0.5 && whole(d)) ?? 6) : 2
  return ticks.map((tick) => printNumber(tick, digits))
}

/** A rate of 0…1 as percent: `4.7`. */
export function printPercent(rate: number | null | undefined, digits = 1): string {
  return printNumber(rate === null || rate === undefined ? null : rate * 100, digits)
}

/** `1 210 / 1 216 · 99.51 %`; 100 % only when every one was heard. */
export function printShare(part: number, whole: number): string {
  const counts = `${printNumber(part)} / ${printNumber(whole)}`
  if (whole === 0) return counts
  const percent = part === whole ? '100' : printNumber(Math.min(99.99, (part / whole) * 100), 2)
  return `${counts} · ${percent}${THIN}%`
}
