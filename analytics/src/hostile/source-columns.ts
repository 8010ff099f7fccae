import type { DeviceColumns } from '../detectors/columns.ts'

/** What is kept of every device: the source it is known by, and how often it speaks. */
export const SOURCE_LAYOUT = {
  /** Hash of the source that the device is known to speak from; 0 before the first report. */
  source: Uint32Array,
  /** When it was heard from there, Unix s. */
  heardAt: Uint32Array,
  /** Radio cell + 1 of that source; 0 unknown. */
  cell: Uint16Array,
  /** Ten-minute window, mod 65536, and reports in it. */
  window: Uint16Array,
  reports: Uint16Array,
  /** Day, mod 65536, and reports in it. */
  day: Uint16Array,
  said: Uint16Array,
} as const

export type SourceColumns = DeviceColumns<typeof SOURCE_LAYOUT>
