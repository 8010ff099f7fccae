/** Fields and function values of the control code C. @source CJ/T 188-2004 and -2018 as publicly described */
export const CONTROL = {
  ANSWER: 0b1000_0000,
  ABNORMAL: 0b0100_0000,
  MORE: 0b0010_0000,
  /** D5 is the maker's own in 2004 and "more frames follow" in 2018, so only D4…D0 tell the function. */
  FUNCTION: 0b0001_1111,
  READ: 0x01,
  READ_ADDRESS: 0x03,
  WRITE: 0x04,
  READ_KEY_VERSION: 0x09,
  WRITE_ADDRESS: 0x15,
  WRITE_BASE_READING: 0x16,
} as const

export const GAS_METER = 0x30

export const CURRENT_DI = 0x901f
export const CLOCK_READ_DI = 0x907f
export const CLOCK_WRITE_DI = 0xa015
export const VALVE_DI = 0xa017
export const VALVE_OPEN = 0x55
export const VALVE_CLOSE = 0x99

/** gastwin's own identifiers, in a range the standard leaves free (docs/CJT188-PROFILE.md). */
export const EXTENSION_DI = 0xb010
export const TICKET_DI = 0xb011
export const PARAMETER_DI = 0xb012
export const FIRMWARE_DI = 0xb013
export const TERMINAL_LOG_DI = 0xb014
export const DAYS_DI = 0xb015
export const CONNECTION_DI = 0xb016
export const PRICES_DI = 0xb017

const NAMES = new Map<number, string>([
  [CURRENT_DI, 'current data'],
  [0x911f, 'current data, heat and cooling'],
  [CLOCK_READ_DI, 'clock'],
  [0x8102, 'price table'],
  [0x8103, 'settlement day'],
  [0x8104, 'reading day'],
  [0x8105, 'purchase'],
  [0x8106, 'key version'],
  [0x810a, 'address'],
  [0xa010, 'write price table'],
  [0xa011, 'write settlement day'],
  [0xa012, 'write reading day'],
  [0xa013, 'write purchase'],
  [0xa014, 'write key'],
  [CLOCK_WRITE_DI, 'write clock'],
  [0xa016, 'write base reading'],
  [VALVE_DI, 'valve'],
  [0xa018, 'write address'],
  [0xa019, 'factory enable'],
  [0xa101, 'enter verification mode'],
  [0xa102, 'leave verification mode'],
  [0xa103, 'communication parameters'],
  [0xa104, 'freeze parameters'],
  [0xa105, 'alarm volume left'],
  [0xa106, 'alarm money left'],
  [0xa107, 'modify key'],
  [EXTENSION_DI, 'gastwin report extension'],
  [TICKET_DI, 'gastwin command ticket'],
  [PARAMETER_DI, 'gastwin parameter'],
  [FIRMWARE_DI, 'gastwin firmware'],
  [TERMINAL_LOG_DI, 'gastwin piece of a log'],
  [DAYS_DI, 'gastwin days'],
  [CONNECTION_DI, 'gastwin connection'],
  [PRICES_DI, 'gastwin prices'],
])

/** What a data identifier stands for, undefined when it is not known. */
export function identifierName(di: number): string | undefined {
  const name = NAMES.get(di)
  if (name !== undefined) return name
  const low = di & 0xff
  switch (di >> 8) {
    case 0xd1:
      return low >= 0x20 && low <= 0x2b ? `settlement reading ${low - 0x1f} months back` : undefined
    case 0xd2:
      return `settlement reading ${low + 1} months back`
    case 0xd3:
      return `timed freeze ${low + 1} back`
    case 0xd4:
      return `instant freeze ${low + 1} back`
    default:
      return undefined
  }
}

/** How the two bytes of an identifier stand on the wire: `90 1F` or `1F 90`. Field devices use both. */
export type IdentifierOrder = 'high-first' | 'low-first'

/** Bit of each identifier that has a name: looked at for every frame. */
const KNOWN = new Uint8Array(0x1_0000)
for (let di = 0; di < KNOWN.length; di++) if (identifierName(di) !== undefined) KNOWN[di] = 1

const NO_OWN: readonly { readonly identifier: number }[] = []

/**
 * The order in which an identifier stands in a data field; undefined when it is known in neither.
 * @param first the order tried first: a few pairs of bytes (`D3 D2`) mean something in both
 * @param own the maker's own layouts, whose identifiers count as known
 */
export function identifierOrder(
  data: Uint8Array,
  first: IdentifierOrder = 'high-first',
  own: readonly { readonly identifier: number }[] = NO_OWN,
): IdentifierOrder | undefined {
  const second = first === 'high-first' ? 'low-first' : 'high-first'
  if (isKnown(identifierIn(data, first), own)) return first
  return isKnown(identifierIn(data, second), own) ? second : undefined
}

/** The identifier at the start of a data field in its canonical form 0x901F, read in one order. */
export const identifierIn = (data: Uint8Array, order: IdentifierOrder): number =>
  order === 'high-first' ? ((data[0] ?? 0) << 8) | (data[1] ?? 0) : ((data[1] ?? 0) << 8) | (data[0] ?? 0)

function isKnown(di: number, own: readonly { readonly identifier: number }[]): boolean {
  if (KNOWN[di] === 1) return true
  for (let i = 0; i < own.length; i++) if (own[i]?.identifier === di) return true
  return false
}

/** Writes an identifier at the start of a data field. */
export function writeIdentifier(data: Uint8Array, di: number, order: IdentifierOrder): void {
  data[0] = order === 'high-first' ? di >> 8 : di
  data[1] = order === 'high-first' ? di : di >> 8
}
