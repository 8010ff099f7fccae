import { expectedUse, fitUse, meterWindows } from './meter-behaviour.ts'
import type { MeterRegister } from './meter-registers.ts'
import type { ZoneClock } from './zone-clock.ts'

/** A register that stands still. */
export interface StandingRegister {
  /** Unix ms of the last reading at which it had moved; undefined when it never moved. */
  readonly since: number | undefined
  /** m³ a day that it counted before, at the town's mean; 0 when it never moved. */
  readonly usedPerDay: number
  /** That it is the meter (broken or bypassed) and not an empty home, 0…1. */
  readonly probability: number
}

/** Days of standing still beyond which somebody on holiday is unlikely. */
const HOLIDAY_DAYS = 10
/** Of registers that never moved in the data, the part that hides use (assumption: most are empty homes). */
const NEVER_MOVED = 0.15
/** Of homes that stop for good, the part where the meter is at fault (assumption). */
const MOVED_OUT_ODDS = 0.6

/** Whether a register stands still at its end though its user used gas before; undefined when it moves. */
export function standingRegister(register: MeterRegister, clock: ZoneClock): StandingRegister | undefined {
  const windows = meterWindows(register, clock)
  const count = windows.volume.length
  const still = 0.6 * register.resolution
  let from = count
  while (from > 0 && (windows.volume[from - 1] as number) <= still) from--
  if (from === count || count === 0) return undefined
  let days = 0
  for (let k = from; k < count; k++) days += windows.length[k] as number
  if (from === 0) return { since: undefined, usedPerDay: 0, probability: days >= HOLIDAY_DAYS ? NEVER_MOVED : 0 }
  const model = fitUse(windows, (k) => k < from)
  let expected = 0
  for (let k = from; k < count; k++) expected += expectedUse(model, windows, k)
  let zeros = 0
  for (let k = 0; k < from; k++) if ((windows.volume[k] as number) <= still) zeros += windows.length[k] as number
  let before = 0
  for (let k = 0; k < from; k++) before += windows.length[k] as number
  // Chance of so many empty days for a user with as many empty days as before, and of a holiday of that length.
  const empty = (zeros + 0.5) / (before + 1)
  const chance = Math.max(empty ** days, 0.3 * Math.exp(-days / HOLIDAY_DAYS))
  const sure = MOVED_OUT_ODDS * Math.max(0, 1 - chance * 3)
  return expected < 1.5 * register.resolution
    ? undefined
    : { since: windows.time[from], usedPerDay: expected / days, probability: register.home ? sure : 0.5 * sure }
}
