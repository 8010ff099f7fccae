import type { Report } from '@gastwin/twin'
import type { SeededRandom } from '../seeded-random.ts'
import type { RefusedFrame } from './saying.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

/** Kinds of attack that are injected, each behind the name of its family: a model is judged by families it has not seen. */
export const ATTACK_KINDS = [
  'clone.low',
  'clone.follow',
  'replay.burst',
  'replay.slow',
  'volume.flood',
  'volume.bot',
  'many.scanner',
  'many.cry_wolf',
  'noise.fuzz',
  'noise.key_guess',
  'noise.contact_probe',
  'clone.poison',
] as const
export type AttackKind = (typeof ATTACK_KINDS)[number]

/** One blow: when, in whose name, and what. */
export interface Blow {
  readonly at: number
  readonly device: number
  readonly said: Report | RefusedFrame
  readonly sealed: boolean
}

export interface AttackGround {
  readonly random: SeededRandom
  readonly from: number
  readonly until: number
  /** Whom it is about; the first one where it is about one. */
  readonly victims: readonly number[]
  /** What a device has sent so far, oldest first. */
  readonly heard: (device: number, until: number) => readonly Report[]
}

/** Whether an attack speaks from the source of its victim: then it is the device itself that was taken over. */
export const isTakenOver = (kind: AttackKind): boolean => kind === 'volume.bot'

/** All blows of one attacker, in no order. */
export function blowsOf(kind: AttackKind, ground: AttackGround): Blow[] {
  const { random, from, until, victims } = ground
  const victim = victims[0] ?? 0
  const every = (low: number, high: number, most: number): number[] => {
    const pace = random.between(low, high)
    const jitter = random.chance(0.5) ? 0.02 : 0.6
    const instants: number[] = []
    for (let at = from; at < until && instants.length < most; at += pace * random.between(1 - jitter, 1 + jitter))
      instants.push(at)
    return instants
  }
  const plain = (device: number, at: number, part: Partial<Report>): Blow => ({
    at,
    device,
    said: forged(device, at, part, last),
    sealed: false,
  })
  const refused = (device: number, at: number, said: RefusedFrame): Blow => ({
    at,
    device,
    said,
    sealed: said === 'undecryptable',
  })
  const cell = random.below(504)
  const first = random.below(60_000)
  const known = ground.heard(victim, from)
  const last = known.at(-1)
  const register = last?.readings.findLast(({ quantity }) => quantity === 'index_m3')?.value ?? 100
  switch (kind) {
    case 'clone.low': {
      const level = random.between(0, register)
      const drift = random.chance(0.5) ? 0 : random.between(0.001, 0.05)
      const status = signalOf(random, cell)
      return every(5 * MINUTE, 90 * MINUTE, 200).map((at, i) =>
        plain(victim, at, { sequence: (first + i) % 65_536, status, readings: [indexOf(at, level + i * drift)] }),
      )
    }
    case 'clone.follow': {
      const status = last?.status ?? {}
      return every(10 * MINUTE, 60 * MINUTE, 200).map((at, i) => {
        const now = ground.heard(victim, at).at(-1)
        const read = now?.readings.findLast(({ quantity }) => quantity === 'index_m3')?.value ?? register
        return plain(victim, at, {
          sequence: ((now?.sequence ?? 0) + 1 + (i % 3)) % 65_536,
          status,
          readings: [indexOf(at, read + 0.01)],
        })
      })
    }
    case 'replay.burst':
      return every(30 * MINUTE, 6 * HOUR, 20).flatMap((at) =>
        ground
          .heard(victim, at)
          .slice(-10)
          .map((said, i): Blow => ({ at: at + i * 300, device: victim, said, sealed: random.chance(0.5) })),
      )
    case 'replay.slow':
      return every(20 * MINUTE, 60 * MINUTE, 100).flatMap((at) => {
        const all = ground.heard(victim, at)
        const said = all[random.below(Math.max(1, all.length))]
        return said === undefined ? [] : [{ at, device: victim, said, sealed: false }]
      })
    case 'volume.flood': {
      const status = signalOf(random, cell)
      return every(SECOND / 20, 2 * SECOND, 900).map((at, i) =>
        plain(victim, at, { sequence: (first + i) % 65_536, status, readings: [indexOf(at, register)] }),
      )
    }
    case 'volume.bot': {
      const status = last?.status ?? {}
      return every(10 * SECOND, 2 * MINUTE, 600).map((at, i) =>
        plain(victim, at, {
          sequence: ((last?.sequence ?? 0) + 1 + i) % 65_536,
          status,
          readings: [indexOf(at, register + i * 1e-4)],
        }),
      )
    }
    case 'many.scanner':
      return victims.flatMap((device, v) =>
        Array.from({ length: 3 + random.below(3) }, (_, i) =>
          plain(device, from + v * 20 * SECOND + i * 2 * SECOND, { sequence: i, readings: [indexOf(from, i)] }),
        ),
      )
    case 'many.cry_wolf':
      return victims.flatMap((device, v) =>
        Array.from({ length: 3 + random.below(4) }, (_, i) =>
          plain(device, from + v * 30 * SECOND + i * random.between(10, 90) * SECOND, {
            ...{
              trigger: 'alarm',
              events: ['gas_leak'],
              sequence: (first + i) % 65_536,
              readings: [indexOf(from, register)],
            },
          }),
        ),
      )
    case 'noise.fuzz':
      return victims
        .slice(0, 1 + random.below(12))
        .flatMap((device) =>
          Array.from({ length: 5 + random.below(80) }, () =>
            refused(
              device,
              random.between(from, Math.min(until, from + 2 * HOUR)),
              random.chance(0.9) ? 'unreadable' : 'undecryptable',
            ),
          ),
        )
    case 'noise.key_guess':
      return every(MINUTE, 20 * MINUTE, 300).map((at) => refused(victim, at, 'undecryptable'))
    case 'noise.contact_probe':
      return victims.flatMap((device, v) =>
        Array.from({ length: 3 + random.below(4) }, (_, i) =>
          refused(
            device,
            from + v * 15 * SECOND + i * random.between(5, 300) * SECOND,
            random.chance(0.7) ? 'contact_refused' : 'contact_replayed',
          ),
        ),
      )
    case 'clone.poison': {
      const ahead = random.between(1, 400) * 24 * HOUR
      return every(30 * MINUTE, 3 * HOUR, 60).map((at, i) =>
        plain(victim, at, {
          sequence: (first + 5_000 * i) % 65_536,
          deviceTime: at + ahead,
          readings: [indexOf(at, register + 500 * (i + 1))],
        }),
      )
    }
  }
}

const indexOf = (at: number, value: number): Report['readings'][number] => ({
  ...{ quantity: 'index_m3', at: Math.floor(at / 1000) * 1000, value: Math.round(value * 100) / 100 },
})

/** Some forge a signal, always the same; some do not think of it. */
const signalOf = (random: SeededRandom, pci: number): Report['status'] =>
  random.chance(0.5) ? { valve: 'open', pci, rsrpDbm: -90, sinrDb: 10, batteryVolt: 3.6 } : { valve: 'open' }

/** Of an instrument or actuator what it said last is told again as of the instant, somewhat higher. */
function forged(device: number, at: number, part: Partial<Report>, last: Report | undefined): Report {
  const deviceTime = Math.floor(at / 1000) * 1000
  const kind = last?.device === device ? last.kind : 'meter'
  const told: Report = {
    ...{
      device,
      kind,
      trigger: 'timed',
      deviceTime,
      sequence: -1,
      readings: [],
      events: [],
      status: { valve: 'open' },
    },
    ...part,
  }
  if (kind === 'meter' || last === undefined) return told
  const newest = last.readings.at(-1)?.at
  const readings = last.readings
    .filter((reading) => reading.at === newest)
    .map((reading) => ({ ...reading, at: deviceTime, value: 1.02 * reading.value }))
  return { ...told, readings, status: last.status }
}
