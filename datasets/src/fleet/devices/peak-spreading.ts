/** Settings of the daily report: minutes per slot, base time of day. */
export interface Spreading {
  /** Minutes; the trial in the field used 2. */
  readonly k: number
  /** Seconds after local midnight. */
  readonly baseS: number
}

export const DEFAULT_SPREADING: Spreading = { k: 2, baseS: 0 }

/**
 * Time of day of a meter's report, seconds after local midnight: T = base + (last two digits × k min + x s).
 * @param x seconds within the slot
 * @source NB-IoT smart gas meter white paper 2018, §4.1-5
 */
export function reportSecond(device: number, x: number, spreading: Spreading = DEFAULT_SPREADING): number {
  return spreading.baseS + (device % 100) * spreading.k * 60 + x
}
