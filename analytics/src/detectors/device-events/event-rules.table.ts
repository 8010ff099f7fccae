import type { DeviceEvent } from '@gastwin/twin'
import type { Detection, RuleId } from '../detection.ts'

/**
 * Which rule a device's own alarm belongs to, and how much it is worth as evidence. Meters decide by means we cannot check, so
 * none is `certain`; only those about flowing or leaking gas count as a vote at all.
 * @source the alarms: NB-IoT meter white paper 2018 §3.4.3, §4.2.2-3; scheme of wireless reading §3.3.5.10; draft household meter
 * standard §7.2, §8.3.1
 */
// biome-ignore format: a table is read by its columns
export const EVENT_RULES: Readonly<Record<DeviceEvent, { readonly rule: RuleId; readonly strength: Detection['strength'] }>> = {
  gas_leak:         { rule: 'gas_detected',         strength: 'strong' },
  over_flow:        { rule: 'over_flow',            strength: 'strong' },
  pressure_low:     { rule: 'pressure_low',         strength: 'strong' },
  pressure_high:    { rule: 'pressure_high',        strength: 'strong' },
  dismantled:       { rule: 'tamper',               strength: 'weak' },
  reset:            { rule: 'tamper',               strength: 'weak' },
  magnet:           { rule: 'magnet',               strength: 'weak' },
  cover_open:       { rule: 'cover_open',           strength: 'weak' },
  battery_low:      { rule: 'battery_low',          strength: 'weak' },
  under_voltage:    { rule: 'battery_low',          strength: 'weak' },
  valve_abnormal:   { rule: 'valve_abnormal',       strength: 'weak' },
  small_flow:       { rule: 'prolonged_small_flow', strength: 'weak' },
  reverse_flow:     { rule: 'reverse_flow',         strength: 'weak' },
  closed_by_device: { rule: 'closed_by_device',     strength: 'weak' },
  dead_meter:       { rule: 'stopped_meter',        strength: 'weak' },
  clock_fault:      { rule: 'clock_error',          strength: 'weak' },
}
