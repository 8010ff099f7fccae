import type { Alarm } from '@gastwin/server/contract'
import { printNumber } from '../format/numbers.ts'
import { printQuantity, type QuantityHint } from '../format/quantity.ts'
import { printDuration } from '../format/time.ts'
import type { Dictionary } from '../text/en/index.ts'
import { wordFor } from '../text/language.ts'

export interface AlarmWords {
  readonly what: string
  /** Value and limit in the operator's units; empty when the rule measures nothing. */
  readonly measure: string
  readonly where: string
  readonly since: string
  readonly consequence: string
  readonly action: string
}

/** Rules that say "it is so": their number tells an operator nothing. */
const WITHOUT_MEASURE = new Set([
  'tamper',
  'magnet',
  'cover_open',
  'valve_abnormal',
  'closed_by_device',
  'log_full',
  'engine_down',
  'profile_refused',
  'dtls_keys_refused',
  'dtls_down',
  'hostile_terminal',
  'unverified_alarm',
  'reverse_flow',
])

/** Rules of single meters: one alarm of a whole zone counts its meters instead of measuring. */
const OF_METERS = new Set([
  ...WITHOUT_MEASURE,
  'prolonged_small_flow',
  'night_flow',
  'stopped_meter',
  'over_flow',
  'battery_low',
  'silence',
  'register_backwards',
  'clock_error',
  'radio_poor',
  'meter_overage',
])

/** A row of the list: what · value · limit · where · since · consequence · first action. */
export function alarmWords(alarm: Alarm, t: Dictionary, zoneName: (id: string) => string, now: number): AlarmWords {
  return {
    what: wordFor(t.rules, alarm.rule),
    measure: measureOf(alarm, t),
    where: whereOf(alarm, t, zoneName),
    since: printDuration(now - alarm.since, t.frame.units),
    consequence: [
      wordFor(t.consequences, alarm.consequence),
      ...(alarm.affected_meters === null ? [] : [t.alarms.affected(printNumber(alarm.affected_meters))]),
    ].join(' · '),
    action: wordFor(t.actions, alarm.action),
  }
}

function measureOf(alarm: Alarm, t: Dictionary): string {
  const { rule, asset, value, limit, unit } = alarm
  if ((asset.kind === 'zone' || asset.kind === 'system') && OF_METERS.has(rule))
    return t.alarms.members(printNumber(value))
  // One of one: the device said so by itself and measured nothing.
  if (WITHOUT_MEASURE.has(rule) || (unit === '1' && value === 1 && limit === 1)) return ''
  const hint = hintOf(rule)
  const shown = printQuantity(value, unit, t.frame.units, hint)
  // A leak has a size, and no size of it would be allowed.
  if (rule === 'leak_located') return shown
  return `${shown} (${t.alarms.limit(printQuantity(limit, unit, t.frame.units, hint))})`
}

/** What a rule or a piece of evidence counts in: a pressure that fell has no atmosphere to take off. */
export function hintOf(code: string): QuantityHint {
  if (code.startsWith('gas_')) return 'lel'
  if (/probability|confidence|share|left/.test(code)) return 'ratio'
  return /drop|fall|fell|differ|rise|residual|change/.test(code) ? 'difference' : 'absolute'
}

export function whereOf(alarm: Alarm, t: Dictionary, zoneName: (id: string) => string): string {
  const { kind, id } = alarm.asset
  if (kind === 'zone') return zoneName(id)
  if (kind === 'system') return t.alarms.system
  // Ids of RTUs say their kind themselves.
  const word = kind === 'rtu' ? '' : `${wordFor(t.assets.kinds, kind)} `
  return alarm.zone === null ? `${word}${id}` : `${word}${id} · ${zoneName(alarm.zone)}`
}
