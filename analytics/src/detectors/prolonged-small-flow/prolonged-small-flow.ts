/**
 * Prolonged small flow: gas that never stops flowing behind a meter, such as a pilot left on or a leaking hose (rule
 * `prolonged_small_flow`), from a register that is read once a day in pulses of 0.1 m³.
 *
 * A constant flow q lifts every day to at least 24 h × q. Without one, people's days scatter: some days nearly nothing is used.
 * Daily use of homes is taken as gamma distributed with shape 2; the chance that N days in a row all exceed the smallest one
 * seen is sf(smallest / mean)^N. Days are counted from the last one that was a rest, by the present mean. Very regular homes look alike, and heated ones burn all day, so it is a warning and no more.
 * @source 30 days without zero flow as a warning: practice of Japanese microcomputer meters, as published; distribution ours
 */

/** @returns the natural logarithm of the chance that `days` days without a constant flow all lie at or above `smallest` */
export function logChanceOfNoRest(days: number, smallest: number, mean: number): number {
  if (!(mean > 0)) return 0
  const y = (2 * smallest) / mean
  return days * (Math.log1p(y) - y)
}
