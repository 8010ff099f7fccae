import { clock, digits, type FieldSpec, number, opaque, type RecordLayout } from '../record/field.ts'
import type { Identifier } from './identifiers-2007.ts'

const one = (name: string, ...layout: RecordLayout): Identifier => ({ name, layout })

/** @source DL/T 645-1997 annex A as publicly described; decimals of voltage and current as in public drivers */
const SINGLE: ReadonlyMap<number, Identifier> = new Map([
  [0xb611, one('voltage phase A', number('voltage phase A', 2, 0, 'V', { quantity: 'voltage_a_v' }))],
  [0xb612, one('voltage phase B', number('voltage phase B', 2, 0, 'V', { quantity: 'voltage_b_v' }))],
  [0xb613, one('voltage phase C', number('voltage phase C', 2, 0, 'V', { quantity: 'voltage_c_v' }))],
  [0xb621, one('current phase A', number('current phase A', 2, 2, 'A', { quantity: 'current_a_a' }))],
  [0xb622, one('current phase B', number('current phase B', 2, 2, 'A', { quantity: 'current_b_a' }))],
  [0xb623, one('current phase C', number('current phase C', 2, 2, 'A', { quantity: 'current_c_a' }))],
  [0xb630, one('active power', number('active power', 3, 4, 'kW', { quantity: 'power_w' }))],
  [0xb631, one('active power phase A', number('active power phase A', 3, 4, 'kW'))],
  [0xb632, one('active power phase B', number('active power phase B', 3, 4, 'kW'))],
  [0xb633, one('active power phase C', number('active power phase C', 3, 4, 'kW'))],
  [0xb640, one('reactive power', number('reactive power', 2, 2, 'kvar'))],
  [0xb650, one('power factor', number('power factor', 2, 3, 'none'))],
  [0xb212, one('programming count', number('count', 2, 0, 'none'))],
  [0xb213, one('demand cleared count', number('count', 2, 0, 'none'))],
  [0xb214, one('battery in use', number('battery in use', 3, 0, 'min'))],
  [0xb310, one('phase failure count', number('count', 2, 0, 'none'))],
  [0xc010, one('date and weekday', clock('date', 'WWDDMMYY'))],
  [0xc011, one('time of day', clock('time of day', 'ssmmhh'))],
  [0xc020, one('meter status', opaque('meter status', 1))],
  [0xc021, one('grid status', opaque('grid status', 1))],
  [0xc030, one('active constant', number('impulses per kWh', 3, 0, 'none'))],
  [0xc031, one('reactive constant', number('impulses per kvarh', 3, 0, 'none'))],
  [0xc032, one('meter number', digits('meter number', 6))],
  [0xc033, one('user number', digits('user number', 6))],
  [0xc117, one('settlement day', number('hour', 1, 0, 'none'), number('day', 1, 0, 'none'))],
])

/** High byte of an energy identifier: which month, and whether reactive. */
const MONTHS: ReadonlyMap<number, readonly [when: string, reactive: boolean, current: boolean]> = new Map([
  [0x90, ['', false, true]],
  [0x91, ['', true, true]],
  [0x94, [', last month', false, false]],
  [0x95, [', last month', true, false]],
  [0x98, [', the month before last', false, false]],
  [0x99, [', the month before last', true, false]],
])

/** Meaning of a two-byte identifier and the layout of `length` payload bytes; undefined when it is not known. */
export function identifier1997(di: number, length: number): Identifier | undefined {
  const single = SINGLE.get(di)
  if (single) return single
  if (di === 0xb61f) return phases('voltage', 'v', 2, 0, 'V')
  if (di === 0xb62f) return phases('current', 'a', 2, 2, 'A')
  const month = MONTHS.get(di >> 8)
  const direction = (di >> 4) & 0x0f
  if (!month || (direction !== 1 && direction !== 2)) return undefined
  const [when, reactive, current] = month
  const tariff = di & 0x0f
  const block = tariff === 0x0f
  const quantity = direction === 1 ? 'active_energy_j' : 'reverse_active_energy_j'
  const count = block ? Math.max(1, Math.floor(length / 4)) : 1
  const layout = Array.from({ length: count }, (_, i): FieldSpec => {
    const which = block ? i : tariff
    const isRegister = which === 0 && current && !reactive
    return number(which === 0 ? 'total' : `tariff ${which}`, 4, 2, reactive ? 'kvarh' : 'kWh', {
      ...(isRegister && { quantity }),
    })
  })
  const kind = `${direction === 1 ? 'forward' : 'reverse'} ${reactive ? 'reactive' : 'active'} energy`
  return {
    name: `${kind}, ${block ? 'total and tariffs' : tariff === 0 ? 'total' : `tariff ${tariff}`}${when}`,
    layout,
  }
}

function phases(
  name: 'voltage' | 'current',
  suffix: 'v' | 'a',
  bytes: number,
  decimals: number,
  unit: 'V' | 'A',
): Identifier {
  const layout = (['a', 'b', 'c'] as const).map((phase) =>
    number(`${name} phase ${phase.toUpperCase()}`, bytes, decimals, unit, {
      quantity: `${name}_${phase}_${suffix}` as 'voltage_a_v',
    }),
  )
  return { name: `${name}, all phases`, layout }
}
