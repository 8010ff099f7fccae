/**
 * Stopped (dead) meter: a register that stands although its own past says that it should move (rule `stopped_meter`).
 * A sound meter shows no advance on a share p of days, and after one such day the next is again without use with a chance that
 * people's absences make high. The chance of D days in a row is p · persistence^(D − 1).
 * @source dead-meter detection is asked for by the wireless reading scheme §3.3.5.10; the arithmetic is ours
 */
import type { RegisterSettings } from '../meter-register/register-settings.ts'

/** Shares nearer to 0 or 1 cannot be known from some weeks. */
const SHARE_LEAST = 0.02
const SHARE_MOST = 0.9

/** @returns the chance that a sound meter stands for `days` days */
export function chanceOfStanding(
  days: number,
  zeroShare: number,
  home: boolean,
  settings: RegisterSettings['stopped'],
): number {
  if (days < 1) return 1
  const share = Math.max(SHARE_LEAST, Math.min(SHARE_MOST, zeroShare))
  return share * Math.max(share, home ? settings.persistence : settings.persistenceOther) ** (days - 1)
}
