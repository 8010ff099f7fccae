/** Who is let in last when the service cannot keep up: alarms, then commercial, industrial and network devices, then homes. */
export type Priority = 'alarm' | 'commercial' | 'residential'

/** How far behind the service is. */
export interface Load {
  /** Requests taken in and not answered yet: they wait for the log. */
  readonly waiting: number
  /** How late the event loop runs, ms. */
  readonly loopDelayMs: number
}

export interface AdmissionLimits {
  /** A class is refused while `waiting` is at its limit or above. The alarm limit is the hard cap that bounds memory. */
  readonly waiting: Readonly<Record<Priority, number>>
  /** … or while the loop is this late, ms. Alarms do not wait for the loop. */
  readonly loopDelayMs: Readonly<Record<Exclude<Priority, 'alarm'>, number>>
}

export const DEFAULT_LIMITS: AdmissionLimits = {
  waiting: { residential: 20_000, commercial: 60_000, alarm: 200_000 },
  loopDelayMs: { residential: 150, commercial: 400 },
}

/** Shortest and longest time a refused device is told to stay away, s. */
const SHORTEST_STAY_AWAY_S = { alarm: 2, commercial: 10, residential: 60 } as const
const LONGEST_STAY_AWAY_S = { alarm: 10, commercial: 120, residential: 1_800 } as const

/**
 * Whether a request may come in: 0 when it may, otherwise the Max-Age of its refusal, in seconds.
 *
 * The time grows with the square of how far the limit is exceeded, and is spread over its double so that those refused
 * together do not come back together.
 * @param spread 0…1, different from device to device
 */
export function admit(priority: Priority, load: Load, limits: AdmissionLimits, spread: number): number {
  const byWaiting = load.waiting / limits.waiting[priority]
  const byDelay = priority === 'alarm' ? 0 : load.loopDelayMs / limits.loopDelayMs[priority]
  const pressure = Math.max(byWaiting, byDelay)
  if (!(pressure >= 1)) return 0
  const away = SHORTEST_STAY_AWAY_S[priority] * pressure * pressure * (1 + spread)
  return Math.ceil(Math.min(away, LONGEST_STAY_AWAY_S[priority]))
}
