import type { MeterFamily } from '../profile/vendor-profile.ts'

/** Family by the upper digit of T, as the 2018 version groups the types; undefined for a type of none. */
export function familyOf(type: number): MeterFamily | undefined {
  switch (type >> 4) {
    case 1:
      return 'water'
    case 2:
      return 'heat'
    case 3:
      return 'gas'
    case 4:
      return 'custom'
    default:
      return undefined
  }
}

/** @source CJ/T 188-2004 and -2018, table of meter types, as publicly described */
const TYPES: ReadonlyMap<number, string> = new Map([
  [0x10, 'cold water'],
  [0x11, 'domestic hot water'],
  [0x12, 'drinking water'],
  [0x13, 'reclaimed water'],
  [0x20, 'heat'],
  [0x21, 'cooling'],
  [0x22, 'heat and cooling'],
  [0x30, 'gas'],
  [0x40, 'custom (electricity in 2004)'],
])

/** A meter type for people. */
export const typeName = (type: number): string => TYPES.get(type) ?? familyOf(type) ?? 'not known'
