/** Days back from which a profile is learnt, and days after which it stands on its own. */
export const LEARNT_DAYS = 14
const TRUSTED_DAYS = 7

/** One hour to learn from. */
export interface ProfileHour {
  readonly hourOfDay: number
  /** Gas used in this hour, m³; NaN when it was not measured well enough. */
  readonly used: number
}

/**
 * How use is shaped over the day: for each hour of the local day its share of the mean hour, mean 1. Learnt from measured hours; the
 * fewer days they make, the more of `fallback` remains.
 */
export function learnProfile(hours: readonly ProfileHour[], fallback: readonly number[]): readonly number[] {
  const sum = new Float64Array(24)
  const count = new Float64Array(24)
  for (const { hourOfDay, used } of hours) {
    if (Number.isNaN(used)) continue
    sum[hourOfDay] = (sum[hourOfDay] ?? 0) + Math.max(0, used)
    count[hourOfDay] = (count[hourOfDay] ?? 0) + 1
  }
  const days = Math.min(...count)
  const means = Array.from(sum, (total, h) => total / Math.max(1, count[h] ?? 0))
  const mean = means.reduce((a, b) => a + b, 0) / 24
  const base = normalised(fallback)
  if (days === 0 || !(mean > 0)) return base
  const trust = Math.min(1, days / TRUSTED_DAYS)
  return means.map((value, h) => trust * (value / mean) + (1 - trust) * (base[h] ?? 1))
}

function normalised(profile: readonly number[]): readonly number[] {
  const mean = profile.reduce((a, b) => a + b, 0) / Math.max(1, profile.length)
  return Array.from({ length: 24 }, (_, h) => (mean > 0 ? (profile[h] ?? mean) / mean : 1))
}
