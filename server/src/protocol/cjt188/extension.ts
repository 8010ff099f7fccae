/** What a NB-IoT report needs beside 901F; carried in a frame with identifier B010. Absent numbers are NaN. */
export interface Extension {
  /** 0…65535, or −1 when the device keeps no counter. */
  readonly sequence: number
  /** 0 timed, 1 button, 2 alarm, 3 answer, 4 registration. */
  readonly trigger: number
  /** Bit n = entry n of the twin's event list. */
  readonly events: number
  readonly batteryMillivolt: number
  readonly rsrpTenthDbm: number
  readonly sinrTenthDb: number
  readonly ecl: number
  readonly pci: number
  readonly command: { readonly id: number; readonly accepted: boolean } | undefined
}

/** Bytes of the payload behind identifier and serial. */
export const EXTENSION_LENGTH = 22
const VERSION = 1
const HAS_SEQUENCE = 0b001
const HAS_COMMAND = 0b010
const ACCEPTED = 0b100
const NO_U16 = 0xffff
const NO_I16 = -0x8000
const NO_U8 = 0xff

/** Reads the extension, low byte first (docs/CJT188-PROFILE.md §4). Undefined for another version. */
export function readExtension(payload: Uint8Array): Extension | undefined {
  if (payload[0] !== VERSION) return undefined
  const flags = payload[1] as number
  return {
    sequence: flags & HAS_SEQUENCE ? u16(payload, 3) : -1,
    trigger: payload[2] as number,
    events: u32(payload, 5),
    batteryMillivolt: unless(u16(payload, 9), NO_U16),
    rsrpTenthDbm: unless(i16(payload, 11), NO_I16),
    sinrTenthDb: unless(i16(payload, 13), NO_I16),
    ecl: unless(payload[15] as number, NO_U8),
    pci: unless(u16(payload, 16), NO_U16),
    command: flags & HAS_COMMAND ? { id: u32(payload, 18), accepted: (flags & ACCEPTED) !== 0 } : undefined,
  }
}

/** Mirror of `readExtension`. */
export function writeExtension(payload: Uint8Array, extension: Extension): void {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.length)
  const { sequence, command } = extension
  view.setUint8(0, VERSION)
  view.setUint8(
    1,
    (sequence >= 0 ? HAS_SEQUENCE : 0) | (command ? HAS_COMMAND : 0) | (command?.accepted === true ? ACCEPTED : 0),
  )
  view.setUint8(2, extension.trigger)
  view.setUint16(3, Math.max(sequence, 0), true)
  view.setUint32(5, extension.events, true)
  view.setUint16(9, orElse(extension.batteryMillivolt, NO_U16), true)
  view.setInt16(11, orElse(extension.rsrpTenthDbm, NO_I16), true)
  view.setInt16(13, orElse(extension.sinrTenthDb, NO_I16), true)
  view.setUint8(15, orElse(extension.ecl, NO_U8))
  view.setUint16(16, orElse(extension.pci, NO_U16), true)
  view.setUint32(18, command?.id ?? 0, true)
}

const u16 = (bytes: Uint8Array, at: number): number => (bytes[at] as number) | ((bytes[at + 1] as number) << 8)
const i16 = (bytes: Uint8Array, at: number): number => (u16(bytes, at) << 16) >> 16
const u32 = (bytes: Uint8Array, at: number): number => (u16(bytes, at) | (u16(bytes, at + 2) << 16)) >>> 0
const unless = (value: number, absent: number): number => (value === absent ? Number.NaN : value)
const orElse = (value: number, absent: number): number => (Number.isNaN(value) ? absent : Math.round(value))
