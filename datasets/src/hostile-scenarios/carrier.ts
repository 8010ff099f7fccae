import { hash32, unitHash } from '../seeded-random.ts'

const DAY_MS = 86_400_000
/** Shares of the devices that get another port with each report, and that are moved once. */
const RESTLESS = 0.2
const MOVED = 0.1
const GATEWAY = 0.02
const BEHIND_A_GATEWAY = 25

/** A carrier's address translation: thousands of devices behind a few addresses, some with ever new ports, some behind a gateway. */
export class Carrier {
  readonly #seed: number
  readonly #start: number
  readonly #days: number

  constructor(seed: number, start: number, days: number) {
    this.#seed = seed
    this.#start = start
    this.#days = days
  }

  /** Where a device speaks from at an instant, `address:port`. */
  sourceOf(device: number, at: number): string {
    const lot = unitHash(this.#seed, 501, device)
    if (lot < GATEWAY) {
      const gateway = hash32(this.#seed, 502, device) % Math.max(1, BEHIND_A_GATEWAY)
      return `100.65.0.${1 + gateway}:5683`
    }
    const pool = hash32(this.#seed, 503, device) % 4
    // One pool of addresses is renumbered in a night.
    const night = this.#start + Math.floor(this.#days / 2) * DAY_MS
    const address = `100.64.${pool}.${pool === 3 && at >= night ? 2 : 1}`
    let epoch = 0
    if (lot < GATEWAY + RESTLESS) epoch = Math.floor(at / 1000)
    else if (
      lot < GATEWAY + RESTLESS + MOVED &&
      at >= this.#start + unitHash(this.#seed, 504, device) * this.#days * DAY_MS
    )
      epoch = 1
    return `${address}:${10_000 + (hash32(this.#seed, 505, device, epoch) % 50_000)}`
  }

  /** Somewhere else: where an attacker or a fitter sits. @param who any number */
  elsewhere(who: number): string {
    // Half of them sit behind the very address of their victims.
    const address =
      unitHash(this.#seed, 506, who) < 0.5
        ? `100.64.${who % 4}.1`
        : `203.0.${who % 250}.${1 + (hash32(this.#seed, 507, who) % 250)}`
    return `${address}:${60_000 + (hash32(this.#seed, 508, who) % 5_000)}`
  }
}
