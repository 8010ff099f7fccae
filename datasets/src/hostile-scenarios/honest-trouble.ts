import type { Report } from '@gastwin/twin'
import type { SeededRandom } from '../seeded-random.ts'
import type { Carrier } from './carrier.ts'
import type { RefusedFrame, Saying } from './saying.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** What goes wrong with sound devices, and for what share of them. */
export const TROUBLES = {
  repeats: 0.03,
  catches_up: 0.015,
  presses: 0.006,
  noisy: 0.006,
  wrong_key: 0.004,
  lost_clock: 0.004,
  chatty: 0.005,
  rebound: 0.015,
  true_alarm: 0.004,
  fitter: 0.006,
  plain_by_mistake: 0.003,
  old_certificate: 0.004,
  starts_again: 0.006,
  another_key: 0.004,
  comes_back: 0.01,
} as const
export type Trouble = keyof typeof TROUBLES

export interface TroubleGround {
  readonly random: SeededRandom
  readonly carrier: Carrier
  /** A report of the device as it would be at an instant. */
  readonly reportAt: (device: number, at: number, part: Partial<Report>) => Report
}

/** What arrives in place of one honest report of a device with a trouble. @param number of the device's report, from 0 */
export function troubled(trouble: Trouble, honest: Saying, number: number, ground: TroubleGround): Saying[] {
  const { random, carrier, reportAt } = ground
  const { device, at, said } = honest
  if (typeof said === 'string') return [honest]
  const again = (count: number, every: number, part: (i: number) => Partial<Saying>): Saying[] =>
    Array.from({ length: count }, (_, i) => ({
      ...honest,
      at: at + (i + 1) * every * random.between(0.7, 1.3),
      ...part(i),
    }))
  const refused = (code: RefusedFrame, tries: number): Saying[] => [
    { ...honest, said: code },
    ...again(tries, 90_000, () => ({ said: code })),
  ]
  const fresh = (i: number, trigger: Report['trigger'], every: number): Partial<Saying> => ({
    said: reportAt(device, at + (i + 1) * every, { trigger }),
  })
  switch (trouble) {
    case 'repeats':
      return [honest, ...again(random.below(5), 60_000, () => ({}))]
    case 'catches_up':
      // Two in three reports wait for the third, and come with it from where the device is by then.
      return number % 3 === 2
        ? [honest]
        : [{ ...honest, at: at + (2 - (number % 3)) * DAY + random.between(1, 9) * 1000 }]
    case 'presses':
      return number % 4 === 1
        ? [honest, ...again(4 + random.below(20), 2 * MINUTE, (i) => fresh(i, 'button', 2 * MINUTE))]
        : [honest]
    case 'noisy':
      return random.chance(0.5)
        ? refused('unreadable', 1 + random.below(3)).concat(random.chance(0.7) ? again(1, 5 * MINUTE, () => ({})) : [])
        : [honest]
    case 'wrong_key':
      return refused('undecryptable', 3)
    case 'lost_clock':
      return [
        {
          ...honest,
          said: {
            ...said,
            deviceTime: Date.UTC(2000, 0, 1) + (at % DAY),
            readings: said.readings.map((r) => ({ ...r, at })),
          },
        },
      ]
    case 'chatty':
      return number % 3 === 0
        ? [honest, ...again(20 + random.below(60), 20 * MINUTE, (i) => fresh(i, 'timed', 20 * MINUTE))]
        : [honest]
    case 'rebound':
      return [
        honest,
        ...again(1 + random.below(3), 100_000, () => ({ from: carrier.elsewhere(device % 977) })),
        ...again(random.below(2), 400_000, () => ({})),
      ]
    case 'true_alarm':
      return number === 1
        ? [
            honest,
            ...again(3 + random.below(8), 6 * MINUTE, (i) => ({
              said: reportAt(device, at + (i + 1) * 6 * MINUTE, { trigger: 'alarm', events: ['gas_leak'] }),
            })),
          ]
        : [honest]
    case 'fitter':
      return number === 2
        ? [
            honest,
            ...again(3 + random.below(5), 3 * MINUTE, (i) => ({
              ...fresh(i, i % 2 === 0 ? 'button' : 'timed', 3 * MINUTE),
              from: carrier.elsewhere(device % 991),
            })),
          ]
        : [honest]
    case 'plain_by_mistake':
      return refused('plain_refused', 3)
    case 'starts_again': {
      // A battery was changed, or it hangs and its watchdog helps: its counter begins anew.
      const own = {
        ...said,
        sequence: number % 3,
        trigger: number % 3 === 0 ? ('registration' as const) : said.trigger,
      }
      return [{ ...honest, said: own }, ...again(number % 3 === 0 ? 1 + random.below(4) : 0, 5 * MINUTE, () => ({}))]
    }
    case 'another_key':
      // Words under the key before are on their way while the next session begins.
      return number % 2 === 0
        ? [...refused('undecryptable', random.below(3)), { ...honest, at: at + 6 * MINUTE, sealed: true }]
        : [honest]
    case 'comes_back': {
      // Its place had no power or no radio for days: what it kept comes at once, and some of it twice.
      const whole = number % 24
      if (whole < 20) return number < 24 ? [{ ...honest, at: at + (20 - whole) * 2 * HOUR + whole * 3_000 }] : [honest]
      return [honest, ...again(random.below(3), 20_000, () => ({}))]
    }
    case 'old_certificate':
      return [honest, ...again(2 + random.below(4), HOUR, () => ({ said: 'contact_refused' as const }))]
  }
}
