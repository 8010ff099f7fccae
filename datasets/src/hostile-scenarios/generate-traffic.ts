import type { NetworkDocument, Report } from '@gastwin/twin'
import type { CityTruth } from '../city/city-truth.ts'
import { LivedCity } from '../fleet/lived-city.ts'
import { SeededRandom, unitHash } from '../seeded-random.ts'
import { ATTACK_KINDS, type AttackKind, blowsOf, isTakenOver } from './attack-kinds.ts'
import { Carrier } from './carrier.ts'
import { HoldUps } from './hold-ups.ts'
import { TROUBLES, type Trouble, troubled } from './honest-trouble.ts'
import { rtuReports, valveHeartbeats } from './instruments.ts'
import type { Saying } from './saying.ts'

const DAY = 86_400_000
const HOUR = 3_600_000
/** Share of the devices that speak cipher. */
const SEALED = 0.3
/** Instruments and actuators are few: so many times as many of them are in trouble. */
const TROUBLED_INSTRUMENTS = 5
/** Share of the attackers of one victim who take an instrument or actuator for theirs. */
const ON_INSTRUMENTS = 0.25

export interface TrafficOptions {
  readonly document: NetworkDocument
  readonly truth: CityTruth
  readonly seed: number
  /** Unix ms of the first instant. */
  readonly start: number
  readonly days: number
  /** Attackers of each kind. */
  readonly attackers: number
  readonly kinds: readonly AttackKind[]
}

/**
 * What arrives at a service in some days of a city: the emulated fleet's reports through a carrier's translation, the troubles that
 * sound devices have, alone and together, and attackers; in time order. The first day is quiet.
 */
export function generateTraffic(options: TrafficOptions): Saying[] {
  const { document, truth, seed, start, days } = options
  const carrier = new Carrier(seed, start, days)
  const random = new SeededRandom(seed, 601)
  const heard = new Map<number, Report[]>()
  const sayings: Saying[] = []
  const holdUps = new HoldUps(seed, start, days)
  const city = new LivedCity({ document, truth, seed, start, leaks: [], stepMinutes: () => 20 })
  const instruments = new Set<number>()
  const isSealed = (device: number): boolean => unitHash(seed, 602, device) < SEALED
  const say = (at: number, report: Report): void => {
    const { device } = report
    if (report.kind !== 'meter') instruments.add(device)
    const own = heard.get(device)
    const count = own?.length ?? 0
    if (own === undefined) heard.set(device, [report])
    else own.push(report)
    const honest: Saying = {
      ...{ at: at + 1_000, device, from: carrier.sourceOf(device, at), kind: '' },
      ...{ sealed: isSealed(device), said: report },
    }
    const trouble = troubleOf(seed, device, instruments.has(device))
    const ground = {
      random,
      carrier,
      reportAt: (device: number, when: number, part: Partial<Report>) => next(report, device, when, part),
    }
    const said = trouble === undefined || at < start + DAY ? [honest] : troubled(trouble, honest, count, ground)
    // Terminals of a cell stand near each other; who has no radio shares a line with a few others.
    const cell = report.status.pci ?? 1_000 + (device % 7)
    sayings.push(...said.map((one) => holdUps.held(one, cell)))
  }
  for (const { at, reports } of city.until(start + days * DAY))
    for (const report of reports)
      for (const one of report.kind === 'rtu' ? rtuReports(report, seed) : [report]) say(at, one)
  for (const { at, report } of valveHeartbeats(document, seed, start, start + days * DAY)) say(at, report)
  const sound = [...heard.keys()].filter((device) => troubleOf(seed, device, instruments.has(device)) === undefined)
  const devices = sound.filter((device) => !instruments.has(device))
  const posts = sound.filter((device) => instruments.has(device))
  for (const kind of options.kinds)
    for (let i = 0; i < options.attackers; i++) {
      const who = 1_000 * ATTACK_KINDS.indexOf(kind) + i
      // Each has his own victims: two attacks on one device would be one story.
      const among = !manyOf(kind) && random.chance(ON_INSTRUMENTS) ? posts : devices
      const victims = Array.from({ length: manyOf(kind) ? 20 + random.below(40) : 1 }, () => {
        const [device = 0] = among.splice(random.below(among.length), 1)
        return device
      }).filter((device) => device > 0)
      if (victims.length === 0) continue
      const from = start + DAY + random.next() * (days - 2) * DAY
      const until = Math.min(start + days * DAY, from + random.between(6, 30) * HOUR)
      const blows = blowsOf(kind, {
        ...{ random, from, until, victims },
        heard: (device, before) => (heard.get(device) ?? []).filter(({ deviceTime }) => deviceTime < before),
      })
      const source = isTakenOver(kind) ? carrier.sourceOf(victims[0] ?? 0, from) : carrier.elsewhere(who + 17)
      for (const blow of blows) sayings.push({ ...blow, from: source, kind })
    }
  return sayings
    .map((saying) => ({ ...saying, at: holdUps.arrival(saying.at) }))
    .filter(({ at }) => at <= start + days * DAY)
    .sort((a, b) => a.at - b.at)
}

const manyOf = (kind: AttackKind): boolean =>
  kind.startsWith('many.') || kind === 'noise.contact_probe' || kind === 'noise.fuzz'

function troubleOf(seed: number, device: number, isInstrument: boolean): Trouble | undefined {
  let lot = unitHash(seed, 603, device) / (isInstrument ? TROUBLED_INSTRUMENTS : 1)
  for (const [trouble, share] of Object.entries(TROUBLES) as [Trouble, number][]) {
    if (lot < share) return trouble
    lot -= share
  }
  return undefined
}

/** A further report of a device, some time after one of its own: what it burns in between is little. */
function next(report: Report, device: number, at: number, part: Partial<Report>): Report {
  const minutes = Math.max(0, (at - report.deviceTime) / 60_000)
  const deviceTime = Math.floor(at / 1000) * 1000
  const readings = report.readings.map((reading) => ({
    ...{ ...reading, at: deviceTime },
    value: reading.quantity === 'index_m3' ? Math.round(100 * (reading.value + minutes / 3_000)) / 100 : reading.value,
  }))
  const sequence = report.sequence < 0 ? -1 : (report.sequence + 1 + Math.round(minutes)) % 65_536
  return { ...report, device, deviceTime, readings, sequence, ...part }
}
