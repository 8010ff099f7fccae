/** Part of the time that solving may take. */
const SOLVER_SHARE = 0.35
const MINUTE = 60_000

/**
 * Event time between two solutions, ms. A minute as long as the machine keeps up; at higher speeds as many whole minutes as it
 * takes, and RTUs then send the minutes of one step together; at nearly real time 20 s, so that what is urgent is seen soon.
 * @param speed   event seconds per wall second
 * @param solveMs wall ms that one solution takes
 */
export function stepLength(speed: number, solveMs: number): number {
  if (speed <= 10) return 20_000
  const solvesPerSecond = (SOLVER_SHARE * 1000) / Math.max(solveMs, 0.5)
  return Math.min(15, Math.max(1, Math.ceil(speed / 60 / solvesPerSecond))) * MINUTE
}
