/**
 * Keys of every map in the profile. A number has one meaning everywhere; keys stand in rising order. Append only: a reader passes
 * over keys it does not know (docs/CBOR-PROFILE.md §3).
 */
export const KEY = {
  DEVICE: 1,
  KIND: 2,
  TRIGGER: 3,
  TIME: 4,
  SEQUENCE: 5,
  BLOCKS: 6,
  EVENTS: 7,
  VALVE: 8,
  BATTERY: 9,
  RSRP: 10,
  SINR: 11,
  ECL: 12,
  PCI: 13,
  FIRMWARE: 14,
  COMMAND: 15,
  SERVICE_PORT: 16,
  CLOCK: 17,
  QUEUED: 18,
  OPERATION: 19,
  RELAY: 20,
  ADDRESSES: 21,
  BACKLOG: 22,
  ROUTES: 23,
  RESULTS: 24,
  ORDERS: 25,
  PASSED: 26,
  UPDATE: 27,
  TERMINAL_LOG: 28,
} as const

/** Largest device number: 14 decimal digits. */
export const MAX_DEVICE = 99_999_999_999_999
