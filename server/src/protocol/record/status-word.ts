import type { DeviceEvent, ValvePosition } from '@gastwin/twin'

/**
 * How a maker lays out the status word ST. Public code shows three readings that contradict each other, so the archive entry of
 * a device names its profile; without one the valve is `unknown`, never guessed.
 */
export const STATUS_PROFILES = ['standard', 'cj188h', 'cat1', 'unknown'] as const
export type StatusProfile = (typeof STATUS_PROFILES)[number]

/** ST in words. */
export interface StatusWord {
  readonly valve: ValvePosition
  readonly events: readonly DeviceEvent[]
}

/** The bits of a status word: where the valve stands, and which bit reports what. `word` is ST0 + 256 × ST1. */
export interface StatusLayout {
  readonly valveMask: number
  readonly open: number
  readonly closed: number
  readonly abnormal: number
  /** Written for a position the layout has no pattern for; never reads back as open or closed. */
  readonly neither: number
  readonly events: readonly (readonly [mask: number, event: DeviceEvent])[]
}

const LAYOUTS: Readonly<Record<Exclude<StatusProfile, 'unknown'>, StatusLayout>> = {
  standard: {
    valveMask: 0b0000_0011,
    open: 0b00,
    closed: 0b01,
    abnormal: 0b11,
    neither: 0b10,
    events: [[0b0000_0100, 'battery_low']],
  },
  cj188h: {
    valveMask: 0b1100_0000,
    open: 0b0000_0000,
    closed: 0b0100_0000,
    abnormal: 0b1100_0000,
    neither: 0b1000_0000,
    events: [[0b0010_0000, 'battery_low']],
  },
  cat1: {
    valveMask: 0b0000_0011,
    open: 0b00,
    closed: 0b01,
    abnormal: 0b11,
    neither: 0b10,
    events: [
      [0b0010_0000, 'battery_low'],
      [0b0100_0000, 'magnet'],
      [0b1000_0000, 'cover_open'],
    ],
  },
}

const NO_EVENTS: readonly DeviceEvent[] = []

/** Reads ST; `word` is ST0 + 256 × ST1. */
export function readStatusWord(word: number, profile: StatusProfile | StatusLayout): StatusWord {
  if (profile === 'unknown') return { valve: 'unknown', events: NO_EVENTS }
  const layout = typeof profile === 'string' ? LAYOUTS[profile] : profile
  return { valve: position(word & layout.valveMask, layout), events: eventsOf(word, layout) }
}

function position(bits: number, layout: StatusLayout): ValvePosition {
  if (bits === layout.open) return 'open'
  if (bits === layout.closed) return 'closed'
  // In the standard's layout D1 alone already says abnormal, whatever D0 is.
  return bits === layout.abnormal || layout === LAYOUTS.standard ? 'abnormal' : 'unknown'
}

function eventsOf(word: number, layout: StatusLayout): readonly DeviceEvent[] {
  let events: DeviceEvent[] | undefined
  for (const [mask, event] of layout.events) {
    if ((word & mask) === 0) continue
    events ??= []
    events.push(event)
  }
  return events ?? NO_EVENTS
}

/** Mirror of `readStatusWord`; events without a bit in the profile are left out (the extension frame carries them). */
export function writeStatusWord(status: StatusWord, profile: StatusProfile | StatusLayout): number {
  if (profile === 'unknown') return 0
  const layout = typeof profile === 'string' ? LAYOUTS[profile] : profile
  const { valve } = status
  let word = valve === 'open' || valve === 'closed' || valve === 'abnormal' ? layout[valve] : layout.neither
  for (const [mask, event] of layout.events) if (status.events.includes(event)) word |= mask
  return word
}
