import type { Quantity } from '@gastwin/twin'
import { clock, digits, number, type RecordLayout } from '../record/field.ts'
import type { UnitName } from '../record/units.table.ts'

export interface EnergyEntry {
  readonly name: string
  readonly unit: UnitName
  /** The top bit is the sign: sums of both directions. */
  readonly signed: boolean
  readonly quantity?: Quantity
}

const active = (name: string, quantity?: Quantity): EnergyEntry => ({
  name,
  unit: 'kWh',
  signed: false,
  ...(quantity && { quantity }),
})
const reactive = (name: string, signed = false): EnergyEntry => ({ name, unit: 'kvarh', signed })

/** DI2 of energies (DI3 = 00), and DI1 of freezes. */
export const ENERGIES: ReadonlyMap<number, EnergyEntry> = new Map([
  [0x00, { name: 'combined active energy', unit: 'kWh', signed: true }],
  [0x01, active('forward active energy', 'active_energy_j')],
  [0x02, active('reverse active energy', 'reverse_active_energy_j')],
  [0x03, reactive('combined reactive energy 1', true)],
  [0x04, reactive('combined reactive energy 2', true)],
  [0x05, reactive('reactive energy, quadrant 1')],
  [0x06, reactive('reactive energy, quadrant 2')],
  [0x07, reactive('reactive energy, quadrant 3')],
  [0x08, reactive('reactive energy, quadrant 4')],
  [0x09, { name: 'forward apparent energy', unit: 'kVAh', signed: false }],
  [0x0a, { name: 'reverse apparent energy', unit: 'kVAh', signed: false }],
  [0x15, active('forward active energy, phase A')],
  [0x16, active('reverse active energy, phase A')],
  [0x29, active('forward active energy, phase B')],
  [0x2a, active('reverse active energy, phase B')],
  [0x3d, active('forward active energy, phase C')],
  [0x3e, active('reverse active energy, phase C')],
])

export interface VariableEntry {
  readonly name: string
  readonly bytes: number
  readonly decimals: number
  readonly unit: UnitName
  readonly signed: boolean
  /** Whether item 00 is the total. */
  readonly total: boolean
  readonly places: readonly (readonly [name: string, quantity?: Quantity])[]
}

const PHASES = [['total'], ['phase A'], ['phase B'], ['phase C']] as const

/** DI2 of instantaneous values (DI3 = 02); DI1 is the phase. */
export const VARIABLES: ReadonlyMap<number, VariableEntry> = new Map<number, VariableEntry>([
  [
    0x01,
    {
      name: 'voltage',
      bytes: 2,
      decimals: 1,
      unit: 'V',
      signed: false,
      total: false,
      places: [['total'], ['phase A', 'voltage_a_v'], ['phase B', 'voltage_b_v'], ['phase C', 'voltage_c_v']],
    },
  ],
  [
    0x02,
    {
      name: 'current',
      bytes: 3,
      decimals: 3,
      unit: 'A',
      signed: true,
      total: false,
      places: [['total'], ['phase A', 'current_a_a'], ['phase B', 'current_b_a'], ['phase C', 'current_c_a']],
    },
  ],
  [
    0x03,
    {
      name: 'active power',
      bytes: 3,
      decimals: 4,
      unit: 'kW',
      signed: true,
      total: true,
      places: [['total', 'power_w'], ['phase A'], ['phase B'], ['phase C']],
    },
  ],
  [0x04, { name: 'reactive power', bytes: 3, decimals: 4, unit: 'kvar', signed: true, total: true, places: PHASES }],
  [0x05, { name: 'apparent power', bytes: 3, decimals: 4, unit: 'kVA', signed: true, total: true, places: PHASES }],
  [0x06, { name: 'power factor', bytes: 2, decimals: 3, unit: 'none', signed: true, total: true, places: PHASES }],
  [0x07, { name: 'phase angle', bytes: 2, decimals: 1, unit: 'degree', signed: false, total: false, places: PHASES }],
])

/** DI2 and DI1 of events (DI3 = 03) with a counter at DI0 = 00 and the last records after it. */
export const COUNTS: ReadonlyMap<number, string> = new Map([
  [0x1100, 'power failure'],
  [0x3000, 'programming'],
  [0x3001, 'meter cleared'],
  [0x3002, 'demand cleared'],
  [0x3003, 'events cleared'],
  [0x3004, 'clock set'],
  [0x3005, 'period table programmed'],
  [0x300d, 'meter cover opened'],
  [0x300e, 'terminal cover opened'],
])

const one = (name: string, ...layout: RecordLayout) => ({ name, layout }) as const

/** Identifiers that belong to no pattern. */
export const SINGLE: ReadonlyMap<number, { readonly name: string; readonly layout: RecordLayout }> = new Map([
  [0x02800001, one('neutral current', number('neutral current', 3, 3, 'A', { coding: 'signed-bcd' }))],
  [0x02800002, one('frequency', number('frequency', 2, 2, 'Hz', { quantity: 'frequency_hz' }))],
  [0x02800003, one('active power of the last minute', number('power', 3, 4, 'kW', { coding: 'signed-bcd' }))],
  [0x02800007, one('temperature inside', number('temperature', 2, 1, 'degC', { coding: 'signed-bcd' }))],
  [0x02800008, one('clock battery', number('clock battery', 2, 2, 'V'))],
  [0x02800009, one('reading battery', number('reading battery', 2, 2, 'V'))],
  [0x0280000a, one('battery in use', number('battery in use', 4, 0, 'min'))],
  [0x04000101, one('date and weekday', clock('date', 'WWDDMMYY'))],
  [0x04000102, one('time of day', clock('time of day', 'ssmmhh'))],
  [0x04000103, one('demand period', number('demand period', 1, 0, 'min'))],
  [0x04000104, one('demand step', number('demand step', 1, 0, 'min'))],
  [0x04000401, one('address', digits('address', 6))],
  [0x04000402, one('meter number', digits('meter number', 6))],
  [0x04000409, one('active constant', number('impulses per kWh', 3, 0, 'none'))],
  [0x0400040a, one('reactive constant', number('impulses per kvarh', 3, 0, 'none'))],
  [0x04000b01, one('settlement day 1', number('hour', 1, 0, 'none'), number('day', 1, 0, 'none'))],
  [0x04000b02, one('settlement day 2', number('hour', 1, 0, 'none'), number('day', 1, 0, 'none'))],
  [0x04000b03, one('settlement day 3', number('hour', 1, 0, 'none'), number('day', 1, 0, 'none'))],
])
