import type { RuleId } from '../detectors/detection.ts'
import type { Priority } from './alarm.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

/**
 * What a rule means to the operator. Priority follows from consequence × time to act and belongs to the rule, never to one
 * event; priority 1 is kept for danger to life. `event` rules need no act in time: they are recorded, not listed.
 * `grade` is the meter's own grading of its alarms: `serious` ones of homes reach the dispatcher one by one, `general` ones
 * are listed as one alarm per zone and rule. Delays are the book's own, on top of the detector's hysteresis: `onDelayMs` the
 * condition must stand before it is shown, `offDelayMs` it must be gone before it clears (against chatter).
 * `deadBand` is the share of the limit by which a shown value must move before the alarm is sent again.
 * @source ISA-18.2 / EEMUA 191 as summarised in public texts; grades: NB-IoT meter white paper 2018 §4.1-1
 */
export interface AlarmRule {
  readonly kind: 'alarm' | 'event'
  readonly priority: Priority
  readonly grade: 'serious' | 'general'
  readonly cause: string
  readonly consequence: string
  readonly action: string
  readonly timeToActMs: number
  readonly onDelayMs: number
  readonly offDelayMs: number
  readonly deadBand: number
}

function rule(
  kind: AlarmRule['kind'],
  priority: Priority,
  grade: AlarmRule['grade'],
  [cause, consequence, action]: readonly [cause: string, consequence: string, action: string],
  timeToActMs: number,
  [onDelayMs, offDelayMs]: readonly [onDelayMs: number, offDelayMs: number],
  deadBand = 0.05,
): AlarmRule {
  return { kind, priority, grade, cause, consequence, action, timeToActMs, onDelayMs, offDelayMs, deadBand }
}

// biome-ignore format: a table is read by its columns
export const RULES: Readonly<Record<RuleId, AlarmRule>> = {
  gas_detected:         rule('alarm', 1, 'serious', ['gas_in_air', 'fire_or_explosion', 'clear_area_and_send_crew'], 2 * MINUTE, [0, 5 * MINUTE], 0.1),
  pressure_drop:        rule('alarm', 1, 'serious', ['pipe_rupture', 'fire_or_explosion', 'review_isolation_plan'], 2 * MINUTE, [0, 10 * MINUTE], 0.1),
  pressure_high:        rule('alarm', 1, 'serious', ['regulator_overpressure', 'appliances_damaged_by_overpressure', 'check_regulator_and_slam_shut'], 5 * MINUTE, [0, 5 * MINUTE], 0.02),
  pressure_low:         rule('alarm', 2, 'serious', ['supply_short_or_regulator_fault', 'flames_go_out', 'check_regulator_and_inlet'], 15 * MINUTE, [0, 5 * MINUTE], 0.02),
  zone_mass_balance:    rule('alarm', 2, 'serious', ['supply_exceeds_expectation', 'gas_escapes_in_zone', 'open_zone_and_send_survey'], HOUR, [0, 30 * MINUTE], 0.2),
  leak_located:         rule('alarm', 2, 'serious', ['gas_leaves_the_pipes', 'gas_escapes_in_zone', 'survey_most_probable_pipes'], HOUR, [0, 30 * MINUTE], 0.2),
  over_flow:            rule('alarm', 2, 'serious', ['flow_above_meter_limit', 'hose_or_pipe_broken_at_customer', 'call_customer_then_send_fitter'], 30 * MINUTE, [0, 15 * MINUTE]),
  log_full:             rule('alarm', 2, 'serious', ['disk_full_or_refusing', 'reports_not_accepted', 'free_disk_space'], 15 * MINUTE, [0, MINUTE]),
  unverified_alarm:     rule('alarm', 2, 'serious', ['urgent_report_not_believed', 'gas_may_escape_at_customer', 'call_customer_then_send_fitter'], 15 * MINUTE, [0, HOUR]),
  tamper:               rule('alarm', 3, 'serious', ['meter_dismantled_or_reset', 'gas_taken_unmetered', 'send_inspector'], 8 * HOUR, [0, HOUR]),
  valve_abnormal:       rule('alarm', 3, 'serious', ['valve_does_not_obey', 'shut_off_not_possible_here', 'send_fitter_to_valve'], 8 * HOUR, [0, HOUR]),
  closed_by_device:     rule('alarm', 3, 'general', ['meter_closed_its_valve', 'customer_without_gas', 'call_customer_before_visit'], 4 * HOUR, [0, HOUR]),
  magnet:               rule('alarm', 3, 'general', ['magnet_at_meter', 'gas_taken_unmetered', 'send_inspector'], 24 * HOUR, [0, HOUR]),
  reverse_flow:         rule('alarm', 3, 'general', ['meter_runs_backwards', 'gas_taken_unmetered', 'send_inspector'], 24 * HOUR, [0, HOUR]),
  prolonged_small_flow: rule('alarm', 3, 'general', ['flow_never_reaches_zero', 'leak_behind_meter', 'warn_customer_and_check_appliances'], 24 * HOUR, [0, HOUR]),
  silence:              rule('alarm', 3, 'general', ['device_not_heard', 'asset_not_supervised', 'check_power_and_radio'], 8 * HOUR, [0, 0]),
  cell_offline:         rule('alarm', 3, 'general', ['radio_cell_down', 'many_meters_not_supervised', 'call_network_operator'], 4 * HOUR, [0, 10 * MINUTE]),
  engine_down:          rule('alarm', 3, 'serious', ['database_not_answering', 'history_not_updated', 'check_database'], HOUR, [MINUTE, MINUTE]),
  ingest_overload:      rule('alarm', 3, 'serious', ['more_reports_than_capacity', 'meter_reports_deferred', 'check_report_schedule'], HOUR, [MINUTE, 5 * MINUTE]),
  profile_refused:      rule('alarm', 3, 'general', ['vendor_profile_broken', 'meters_read_by_former_profile', 'mend_profile_file'], HOUR, [0, 0]),
  dtls_keys_refused:    rule('alarm', 3, 'general', ['dtls_key_file_broken', 'devices_keep_former_keys', 'mend_key_file'], HOUR, [0, 0]),
  dtls_down:            rule('alarm', 3, 'serious', ['dtls_thread_died', 'secure_devices_not_heard', 'read_log_of_service'], HOUR, [0, 5 * MINUTE]),
  hostile_terminal:     rule('alarm', 3, 'serious', ['terminal_behaves_hostile', 'readings_may_be_forged', 'review_hostile_terminal'], 4 * HOUR, [0, 0]),
  night_flow:           rule('alarm', 4, 'general', ['flow_at_night', 'leak_or_theft_at_customer', 'compare_with_zone_and_visit'], 72 * HOUR, [0, 0]),
  stopped_meter:        rule('alarm', 4, 'general', ['register_stands_still', 'use_not_billed', 'replace_meter'], 72 * HOUR, [0, 0]),
  register_backwards:   rule('alarm', 4, 'general', ['register_lower_than_before', 'bill_wrong', 'verify_meter_and_reading'], 72 * HOUR, [0, 0]),
  cover_open:           rule('alarm', 4, 'general', ['cover_opened', 'gas_taken_unmetered', 'send_inspector'], 24 * HOUR, [0, HOUR]),
  battery_low:          rule('alarm', 4, 'general', ['battery_near_end', 'meter_closes_valve_when_empty', 'plan_battery_change'], 7 * 24 * HOUR, [0, 24 * HOUR]),
  clock_error:          rule('event', 4, 'general', ['device_clock_off', 'use_booked_in_wrong_hour', 'set_clock_at_next_report'], 7 * 24 * HOUR, [0, 0]),
  radio_poor:           rule('event', 4, 'general', ['weak_radio', 'reports_may_fail', 'improve_coverage'], 30 * 24 * HOUR, [0, 0]),
  meter_overage:        rule('event', 4, 'general', ['meter_older_than_allowed', 'meter_must_be_scrapped', 'plan_replacement'], 30 * 24 * HOUR, [0, 0]),
}

/**
 * Suppression by design: while an alarm of `cause` stands, alarms of `effects` that match it are its consequence and leave the
 * list. Priority 1 is never suppressed: an RTU torn off by a rupture must not hide the rupture.
 */
export const SUPPRESSIONS: readonly {
  readonly cause: RuleId
  readonly effects: readonly RuleId[]
  /** `asset`: of the same asset · `cell`: of the same radio cell (evidence code `cell`). */
  readonly match: 'asset' | 'cell'
}[] = [
  { cause: 'silence', effects: ['pressure_low', 'battery_low', 'valve_abnormal'], match: 'asset' },
  { cause: 'cell_offline', effects: ['silence'], match: 'cell' },
]
