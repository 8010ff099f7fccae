import type { MeterReplacement, ReplacementOrder } from '@gastwin/analytics'
import { replacementInWords } from './gap-words.table.ts'

/** Lines that say which meters to replace first, what it costs and what it wins. */
export function replaceTable(list: readonly MeterReplacement[], by: ReplacementOrder): string[] {
  const sum = (of: (row: MeterReplacement) => number) => list.reduce((total, row) => total + of(row), 0).toFixed(0)
  const head = `replace first, by ${by === 'm3' ? 'm³' : 'yuan'} won a year for each yuan (90 % interval)`
  if (list.length === 0) return ['', head, 'no replacement pays']
  const assumed = list.some(({ yuan_assumed }) => yuan_assumed)
  return [
    '',
    head,
    `${'meter'.padEnd(14)}${'zone'.padEnd(8)}${'m³ a year'.padStart(22)}${'yuan a year'.padStart(13)}${'price'.padStart(9)}${'m³/yuan'.padStart(9)}${'yuan/yuan'.padStart(11)}  reason`,
    ...list.map((row) => {
      const won = `${row.won_m3_per_year.toFixed(0)} (${row.won_m3_p05.toFixed(0)}…${row.won_m3_p95.toFixed(0)})`
      return `${row.meter.padEnd(14)}${row.zone.padEnd(8)}${won.padStart(22)}${row.won_yuan_per_year.toFixed(0).padStart(13)}${`${row.yuan.toFixed(0)}${row.yuan_assumed ? '*' : ''}`.padStart(9)}${row.m3_per_yuan.toFixed(2).padStart(9)}${row.yuan_per_yuan.toFixed(2).padStart(11)}  ${replacementInWords(row)}`
    }),
    `all ${list.length}: ${sum((row) => row.won_m3_per_year)} m³ and ${sum((row) => row.won_yuan_per_year)} yuan a year for ${sum(({ yuan }) => yuan)} yuan`,
    ...(assumed ? ['* price assumed: --meter-prices FILE tells your own'] : []),
  ]
}
