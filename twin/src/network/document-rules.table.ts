/**
 * What each part of a network document must be, field by field.
 * @source docs of gastwin-network/1
 */
import {
  deviceNumber,
  edgeRef,
  type FieldRule,
  finite,
  latitude,
  line,
  list,
  listOf,
  longitude,
  may,
  must,
  nodeRef,
  notNegative,
  oneOf,
  positive,
  text,
  truth,
  year,
  zoneRef,
} from './field-rules.ts'

const edge: readonly FieldRule[] = [must('id', text), must('from', nodeRef), must('to', nodeRef)]

export const NODE_RULES: readonly FieldRule[] = [
  must('id', text),
  must('kind', text),
  may('lon', longitude),
  may('lat', latitude),
  may('x_m', finite),
  may('y_m', finite),
  may('height_m', finite),
  may('zone', zoneRef),
  may('min_pressure_pa', positive),
  may('max_pressure_pa', positive),
  may('temperature_k', positive),
]

export const PIPE_RULES: readonly FieldRule[] = [
  ...edge,
  must('length_m', notNegative),
  must('diameter_m', positive),
  may('roughness_m', notNegative),
  may('loss_coefficient', notNegative),
  may('friction_factor', positive),
  may('hazen_williams_c', positive),
  may('one_way', truth),
  may('material', text),
  may('installed_year', year),
  may('pressure_tier', text),
  may('zone', zoneRef),
  may('geometry', line),
]

export const VALVE_RULES: readonly FieldRule[] = [
  ...edge,
  must('open', truth),
  may('actuator', oneOf('remote', 'manual')),
  may('operable', truth),
  may('travel_minutes', notNegative),
  may('length_m', notNegative),
  may('diameter_m', positive),
  may('roughness_m', notNegative),
  may('device_number', deviceNumber),
  may('zone', zoneRef),
]

export const REGULATOR_RULES: readonly FieldRule[] = [
  ...edge,
  must('outlet_pressure_pa', positive),
  may('max_mass_flow_kg_s', positive),
]
export const COMPRESSOR_RULES: readonly FieldRule[] = [...edge, may('ratio', positive), may('pressure_lift_pa', finite)]
export const LIFT_LOSS_RULES: readonly FieldRule[] = [must('coefficient', positive), must('exponent', positive)]
export const SOURCE_RULES: readonly FieldRule[] = [
  must('node', nodeRef),
  must('pressure_pa', positive),
  may('temperature_k', positive),
]
export const DEMAND_RULES: readonly FieldRule[] = [must('node', nodeRef), must('mass_flow_kg_s', finite)]
export const ZONE_RULES: readonly FieldRule[] = [
  must('id', text),
  must('name', text),
  must('inlets', list),
  may('outline', line),
  may('nominal_pressure_pa', positive),
]
export const INLET_RULES: readonly FieldRule[] = [must('edge', edgeRef), must('sign', oneOf(1, -1))]

export const METER_RULES: readonly FieldRule[] = [
  must('id', text),
  must('node', nodeRef),
  may('zone', zoneRef),
  must('kind', oneOf('gas', 'water', 'heat', 'electricity')),
  may('size', text),
  may('class', oneOf('residential', 'commercial', 'industrial')),
  may('installed_year', year),
  may('corrector', truth),
  may('placement', oneOf('indoor', 'outdoor', 'stairwell')),
  may('read_schedule', text),
  may('protected', text),
  may('profile', text),
  may('lon', longitude),
  may('lat', latitude),
]

export const RTU_RULES: readonly FieldRule[] = [
  must('id', text),
  must('at', text),
  must('channels', listOf('pressure', 'flow', 'temperature', 'gas')),
  may('span_pa', positive),
  may('sample', text),
  may('medium', oneOf('gas', 'air')),
  may('device_number', deviceNumber),
  may('zone', zoneRef),
]

export const HEAD_RULES: readonly FieldRule[] = [
  must('format', oneOf('gastwin-network/1')),
  must('name', text),
  must('time_zone', [isTimeZone, 'an IANA time zone, e.g. Asia/Shanghai']),
  may('gravity_m_s2', notNegative),
]
export const FLUID_RULES: readonly FieldRule[] = [
  must('kind', oneOf('gas', 'water')),
  may('density_kg_m3', positive),
  may('molar_mass_kg_mol', positive),
  may('gas_constant_j_mol_k', positive),
  may('viscosity_pa_s', positive),
  may('temperature_k', positive),
]
export const STATE_RULES: readonly FieldRule[] = [must('pressure_pa', positive), must('temperature_k', positive)]
export const FRICTION_RULES: readonly FieldRule[] = [
  must('law', oneOf('nikuradse', 'colebrook', 'swamee-jain', 'hofer', 'hazen-williams', 'fixed')),
  may('laminar', oneOf('none', 'additive', 'switch')),
]

/** Fields of the laws that a compressibility or an ambient pressure may follow. */
export const COMPRESSIBILITY_LAWS: Readonly<Record<string, readonly FieldRule[]>> = {
  constant: [must('z', positive)],
  linear: [must('offset', finite), must('slope_per_bar', finite)],
  inverse_linear: [must('b1', finite), must('b2_per_pa', finite)],
  papay: [must('critical_pressure_pa', positive), must('critical_temperature_k', positive)],
}
export const AMBIENT_LAWS: Readonly<Record<string, readonly FieldRule[]>> = {
  barometric: [],
  linear: [must('at_zero_pa', positive), must('slope_pa_per_m', finite)],
  constant: [must('pressure_pa', positive)],
}

function isTimeZone(zone: unknown): boolean {
  if (typeof zone !== 'string' || zone === '') return false
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone })
    return true
  } catch {
    return false
  }
}
