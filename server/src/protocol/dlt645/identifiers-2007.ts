import type { Quantity } from '@gastwin/twin'
import { clock, type FieldSpec, number, opaque, type RecordLayout, status } from '../record/field.ts'
import type { UnitName } from '../record/units.table.ts'
import { COUNTS, ENERGIES, SINGLE, VARIABLES } from './identifiers-2007.table.ts'

/** A data identifier: what it means and the fields of a payload of a given length. */
export interface Identifier {
  readonly name: string
  readonly layout: RecordLayout
}

const HAPPENED = 'ssmmhhDDMMYY'
const BLOCK = 0xff

/**
 * Meaning of a four-byte identifier (DI3 highest) and the layout of `length` payload bytes; undefined when it is not known.
 * @source DL/T 645-2007 annex A as publicly described, lengths as in public drivers (docs/DLT645-PROFILE.md)
 */
export function identifier2007(di: number, length: number): Identifier | undefined {
  const single = SINGLE.get(di)
  if (single) return single
  const group = (di >>> 16) & 0xff
  const item = (di >>> 8) & 0xff
  const back = di & 0xff
  switch (di >>> 24) {
    case 0x00:
      return energy(group, item, back, length)
    case 0x01:
      return demand(group, item, back, length)
    case 0x02:
      return variable(group, item, length)
    case 0x03:
      return event(group, item, back)
    case 0x04:
      return statusWords(di)
    case 0x05:
      return freeze(group, item, back, length)
    case 0x1d:
    case 0x1e:
      return relayRecord(di >>> 24, group, item, back)
    default:
      return undefined
  }
}

const ago = (back: number): string => (back === 0 ? '' : `, ${back} settlement days back`)
const tariff = (item: number): string =>
  item === 0 ? 'total' : item === BLOCK ? 'total and tariffs' : `tariff ${item}`

function energy(group: number, item: number, back: number, length: number): Identifier | undefined {
  const entry = ENERGIES.get(group)
  if (!entry || back > 12) return undefined
  // Only the register as it stands is a reading; earlier ones lack their time.
  const quantity = back === 0 ? entry.quantity : undefined
  return {
    name: `${entry.name}, ${tariff(item)}${ago(back)}`,
    layout: energyFields(entry.unit, entry.signed, item, length, quantity),
  }
}

function energyFields(
  unit: UnitName,
  signed: boolean,
  item: number,
  length: number,
  quantity?: Quantity,
): RecordLayout {
  const coding = signed ? 'signed-bcd' : 'bcd'
  const count = item === BLOCK ? Math.max(1, Math.floor(length / 4)) : 1
  return Array.from({ length: count }, (_, i) => {
    const name = item === BLOCK ? tariff(i) : tariff(item)
    // A tariff's share is not the register.
    return number(name, 4, 2, unit, { coding, ...(name === 'total' && quantity && { quantity }) })
  })
}

function demand(group: number, item: number, back: number, length: number): Identifier | undefined {
  const entry = ENERGIES.get(group)
  if (!entry || back > 12) return undefined
  const unit: UnitName = entry.unit === 'kWh' ? 'kW' : entry.unit === 'kvarh' ? 'kvar' : 'kVA'
  const count = item === BLOCK ? Math.max(1, Math.floor(length / 8)) : 1
  const layout = Array.from({ length: count }, (_, i): FieldSpec[] => {
    const name = item === BLOCK ? tariff(i) : tariff(item)
    return [
      number(`maximum demand, ${name}`, 3, 4, unit, { coding: 'signed-bcd' }),
      clock(`time, ${name}`, 'mmhhDDMMYY'),
    ]
  })
  return { name: `maximum demand of ${entry.name}, ${tariff(item)}${ago(back)}`, layout: layout.flat() }
}

function variable(group: number, item: number, length: number): Identifier | undefined {
  const entry = VARIABLES.get(group)
  if (!entry) return undefined
  const { name, bytes, decimals, unit, signed, places } = entry
  const at = (place: number): FieldSpec | undefined => {
    const found = places[place]
    if (!found) return undefined
    const [placeName, quantity] = found
    return number(`${name} ${placeName}`, bytes, decimals, unit, {
      coding: signed ? 'signed-bcd' : 'bcd',
      ...(quantity && { quantity }),
    })
  }
  const first = entry.total ? 0 : 1
  if (item !== BLOCK) {
    const field = item < first ? undefined : at(item)
    return field && { name: field.name, layout: [field] }
  }
  const layout: FieldSpec[] = []
  for (let i = 0; i < Math.max(1, Math.floor(length / bytes)); i++) {
    const field = at(first + i)
    if (!field) return undefined
    layout.push(field)
  }
  return { name: `${name}, all phases`, layout }
}

function event(group: number, item: number, back: number): Identifier | undefined {
  const name = COUNTS.get((group << 8) | item)
  if (name === undefined || back > 10) return undefined
  if (back === 0) return { name: `${name}: count`, layout: [number('count', 3, 0, 'none')] }
  const title = `${name}: ${back} back`
  if (group === 0x11) return { name: title, layout: [clock('begin', HAPPENED), clock('end', HAPPENED)] }
  if (item === 0x0d || item === 0x0e) {
    const energies = Array.from({ length: 12 }, (_, i) =>
      number(`energy ${(i % 6) + 1} ${i < 6 ? 'before' : 'after'}`, 4, 2, i % 6 < 2 ? 'kWh' : 'kvarh'),
    )
    return { name: title, layout: [clock('begin', HAPPENED), clock('end', HAPPENED), ...energies] }
  }
  if (item === 0x04) {
    return { name: title, layout: [opaque('operator', 4), clock('before', HAPPENED), clock('after', HAPPENED)] }
  }
  return { name: title, layout: [clock('time', HAPPENED), opaque('operator', 4), opaque('content')] }
}

function statusWords(di: number): Identifier | undefined {
  if (di >>> 8 !== 0x040005) return undefined
  const word = di & 0xff
  if (word >= 1 && word <= 7) return { name: `status word ${word}`, layout: [status(`status word ${word}`)] }
  if (word !== BLOCK) return undefined
  return { name: 'status words', layout: [1, 2, 3, 4, 5, 6, 7].map((n) => status(`status word ${n}`)) }
}

/** DI2 of a freeze: what made the meter keep its registers. */
const FREEZES = [
  'timed freeze',
  'instant freeze',
  'zone switch',
  'period switch',
  'hourly freeze',
  'price switch',
  'daily freeze',
  'step switch',
] as const
const HOURLY = 4

function freeze(group: number, item: number, back: number, length: number): Identifier | undefined {
  const kind = FREEZES[group]
  if (kind === undefined || back < 1) return undefined
  const title = `${kind} ${back} back`
  if (item === 0) return { name: `${title}: time`, layout: [clock('time', 'mmhhDDMMYY')] }
  const entry = ENERGIES.get(item)
  if (entry && item <= 8) {
    const block = group === HOURLY ? 0 : BLOCK
    return {
      name: `${title}: ${entry.name}`,
      layout: energyFields(entry.unit, entry.signed, block, length, entry.quantity),
    }
  }
  if (item === 0x09 || item === 0x0a) {
    const found = demand(item === 0x09 ? 1 : 2, BLOCK, 0, length)
    return found && { name: `${title}: ${found.name}`, layout: found.layout }
  }
  return undefined
}

function relayRecord(high: number, group: number, item: number, back: number): Identifier | undefined {
  const name = high === 0x1d ? 'trip' : 'close'
  if (group === 0 && item === 0 && back === 1) return { name: `${name} count`, layout: [number('count', 3, 0, 'none')] }
  if (group !== 0 || item !== 1 || back < 1 || back > 10) return undefined
  return { name: `${name} ${back} back`, layout: [clock('time', HAPPENED), opaque('content')] }
}
