/**
 * What a terminal writes into its own log of communication and work, the module first (S0-109). Order is the number on the wire:
 * append only. The value beside a word: `power_start` 1 when it was ordered · `radio_reported`, `radio_not_heard` transmissions ·
 * `radio_refused` CoAP code · `radio_moved`, `radio_returned` number of the order · `clock_set` s it was put forward ·
 * `settings_changed` number of the parameter · `settings_refused` number of the order · `prices_taken`, `prices_begun` steps ·
 * `metering_read_back` month as YYYYMM · the others 0.
 */
export const TERMINAL_WORDS = [
  'power_start',
  'radio_reported',
  'radio_not_heard',
  'radio_refused',
  'radio_moved',
  'radio_returned',
  'clock_set',
  'settings_changed',
  'settings_refused',
  'prices_taken',
  'prices_begun',
  'metering_read_back',
  'valve_closed',
  'valve_opened',
  'button_pressed',
  'firmware_changed',
  'security_contact',
] as const
export type TerminalWord = (typeof TERMINAL_WORDS)[number]

/** A line of a terminal's own log. */
export interface TerminalLogEntry {
  /** By its own clock, Unix ms, whole seconds. */
  readonly at: number
  readonly what: TerminalWord
  readonly value: number
}

/** A piece of the log that a terminal was asked for. */
export interface TerminalLogPiece {
  /** Number of the order that asked for it. */
  readonly command: number
  /** From 1 to `pieces`. */
  readonly piece: number
  readonly pieces: number
  /** Oldest first. */
  readonly entries: readonly TerminalLogEntry[]
}
