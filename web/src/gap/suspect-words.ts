import type { SuspectFact } from '@gastwin/server/contract'
import { printMeasure, printNumber, printPercent } from '../format/numbers.ts'
import type { Dictionary } from '../text/en/index.ts'
import { wordFor } from '../text/language.ts'
import { printDate } from './print-span.ts'

/** Codes whose value is a share of one. */
const RATIOS: ReadonlySet<string> = new Set([
  ...[
    'drop',
    'cold_drop',
    'weekend_drop',
    'idle_days',
    'utilisation',
    'model_score',
    'never_zero',
    'longest_steady_run',
  ],
  ...['restless_nights', 'longer_than_its_pauses'],
])
/** Codes whose `at` is when it began, not when it was seen. */
const BEGINS: ReadonlySet<string> = new Set([
  ...[
    'drop',
    'cold_drop',
    'weekend_drop',
    'idle_days',
    'stands_still',
    'zone_misses_gas',
    'never_zero',
    'steady_flow',
    'risen_floor',
    'fresh_rise',
  ],
  ...['longest_steady_run', 'restless_nights', 'longer_than_its_pauses', 'largest_hour'],
])

export interface FactWords {
  readonly what: string
  /** Empty when the fact says only that it is so. */
  readonly value: string
  readonly when: string
}

/** A fact as a person reads it; a code nobody has translated is still readable, with the unit it came with. */
export function factWords({ code, value, unit, at }: SuspectFact, t: Dictionary, zone: string): FactWords {
  return {
    what: wordFor(t.gap.facts, code),
    value: value === null ? '' : measureOf(code, value, unit, t),
    when: at === null ? '' : (BEGINS.has(code) ? t.gap.evidence.since : t.gap.evidence.on)(printDate(at, zone)),
  }
}

function measureOf(code: string, value: number, unit: string, t: Dictionary): string {
  const { factUnits } = t.gap
  if (code === 'model_score') return printNumber(value, 2)
  if (RATIOS.has(code)) return `${printPercent(value, 0)}\u00a0%`
  if (code === 'strength') return `${printNumber(value, 1)}\u00a0${factUnits.sigma}`
  if (code === 'age_years') return `${printNumber(value, 0)}\u00a0${factUnits.years}`
  if (code === 'own_use' || code === 'peer_use' || code === 'risen_floor' || code === 'fresh_rise')
    return `${printMeasure(value)}\u00a0${factUnits.m3}`
  if (unit === 'm3/h') return `${printMeasure(value)}\u00a0m³/h`
  return unit === '' || unit === '1' ? printMeasure(value) : `${printMeasure(value)}\u00a0${unit}`
}
