/**
 * How a household meter tries again: a run lasts 3 min with one repeat after 90 s without answer; if it fails, one second run
 * 15 min later; then the day's task ends. Times in ms of the device's clock.
 * @source NB-IoT smart gas meter white paper 2018, §4.1-3
 */
export const RETRY_RULE = { answerMs: 90_000, sendsPerRun: 2, runs: 2, pauseMs: 900_000 } as const

/** An answer needs real time however fast the plan's clock runs, ms of the wall. */
const LEAST_WAIT_MS = 2000

/** On a clock that runs fast the second run would fall into the jam of the first: ms of the wall. */
export const LEAST_PAUSE_MS = 10_000

/** Wall-clock waits after each transmission of one run. @param speed event seconds per wall second */
export function runWaits(speed: number): readonly number[] {
  const wait = Math.max(LEAST_WAIT_MS, RETRY_RULE.answerMs / speed)
  return Array.from({ length: RETRY_RULE.sendsPerRun }, () => wait)
}

/** Transmission parameters of CoAP, ms: first wait doubled with each repeat. @source RFC 7252 §4.8 */
const ACK_TIMEOUT_MS = 2000
const ACK_RANDOM_FACTOR = 1.5
const MAX_RETRANSMIT = 4

/** Wall-clock waits of a confirmable message. @param random 0 … 1 */
export function confirmableWaits(random: number): readonly number[] {
  const first = ACK_TIMEOUT_MS * (1 + (ACK_RANDOM_FACTOR - 1) * random)
  return Array.from({ length: MAX_RETRANSMIT + 1 }, (_, i) => first * 2 ** i)
}
