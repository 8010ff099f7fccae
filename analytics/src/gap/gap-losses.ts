import type { LossComponent } from './gap-model.ts'
import type { GapAssumptions } from './gap-options.ts'
import { idleDays, idleOdds, withIdleDays } from './idle-days.ts'
import { isLeak, type KnownLeak } from './known-leak.ts'
import { isStoppedMeter, knownLeakLosses, searchedOdds } from './known-leak-losses.ts'
import type { MeterRegister } from './meter-registers.ts'
import { DAY_MS, HOUR_MS, type PeriodGrid } from './period-grid.ts'
import { type StandingRegister, standingRegister } from './stopped-meters.ts'
import { type TheftEvidence, theftEvidence } from './theft-evidence.ts'
import { theftProbability } from './theft-weights.table.ts'
import type { MeterDays, ZoneDays } from './zone-days.ts'

/** What the readings of one meter let us suspect before the zone's balance is asked. */
export interface MeterSuspicion {
  readonly meter: MeterDays
  readonly theft: TheftEvidence
  readonly theftProbability: number
  readonly standing: StandingRegister | undefined
  /** Highest hourly flow over the size's largest, for meters read by the hour; NaN for others. */
  readonly utilisation: number
  /** m³ a day that meters of its class and size use in the middle. */
  readonly peerUse: number
}

/** Suspicions about all meters of a zone. @param utcOffset ms of the city's clock */
export function suspicions(zone: ZoneDays, utcOffset: number): MeterSuspicion[] {
  const peers = new Map<string, number[]>()
  const kindOf = ({ home, nominalM3H }: MeterRegister) => `${home}/${nominalM3H}`
  const perDay = ({ time, total }: MeterRegister) => {
    const last = time.length - 1
    const days = ((time[last] as number) - (time[0] as number)) / DAY_MS
    return days > 0 ? (total[last] as number) / days : 0
  }
  for (const { register } of zone.meters) {
    const list = peers.get(kindOf(register)) ?? []
    list.push(perDay(register))
    peers.set(kindOf(register), list)
  }
  const middle = new Map([...peers].map(([kind, list]) => [kind, list.sort((a, b) => a - b)[list.length >> 1] ?? 0]))
  const found = zone.meters.map((meter): MeterSuspicion => {
    const { register } = meter
    const standing = standingRegister(register, zone.clock)
    const peerUse = middle.get(kindOf(register)) ?? 0
    const theft = theftEvidence(register, zone.clock, peerUse, utcOffset, standing)
    return {
      meter,
      theft,
      theftProbability: theftProbability(theft.signals),
      standing,
      peerUse,
      utilisation: utilisationOf(register),
    }
  })
  // Businesses have their days of rest.
  const idle = found.map(({ meter: { register }, theft }) =>
    register.home ? idleDays(theft.windows, register.resolution) : undefined,
  )
  const homes = idle.filter((one) => one !== undefined)
  return found.map((one, k) => {
    const own = idle[k]
    const odds = own === undefined ? 1 : idleOdds(own, homes)
    if (own === undefined || odds < LEAST_IDLE_ODDS) return one
    const p = one.theftProbability
    const theft = withIdleDays(one.theft, own, odds)
    // One spell more of many is no register that stands still.
    const standing = own.isIdle(theft.windows.volume.length - 1) ? undefined : one.standing
    return { ...one, theft, standing, theftProbability: (p * odds) / (1 - p + p * odds) }
  })
}

/** Weaker odds are not worth a word. */
const LEAST_IDLE_ODDS = 2

/** Onsets at which a leak may begin to grow lie so many days apart. */
const ONSET_DAYS = 4
/** That a zone's leak grows or jumps at one onset (assumption), and how large it then is, share of the supply. */
const ONSET_PROBABILITY = 0.025
const GROWN_LEAK = [0.006, 0.006] as const
const MOST_CANDIDATES = 60
const LEAST_PROBABILITY = 0.01
/** A detected loss against its own estimate. */
const THEFT_FACTOR = [1, 0.35] as const
/** Of registers that stand still through a fault of the meter or a bypass, the part bypassed (assumption). */
export const BYPASSED = 0.4
const MAY_BE_BYPASSED = [{ share: 'theft', probability: BYPASSED }] as const
/** A business meter too large for its load: probability by load, and share of the volume lost (assumption). */
export const OVERSIZED = { seldom: 0.05, often: 0.4, lowUtilisation: 0.3, loss: [0.07, 0.05] } as const

/**
 * A meter of which so little of its range is used counts nothing at all of small flows, whatever its register says: it may miss up to
 * the lowest flow of its size, day and night (part of it: assumption).
 * @source turn-down 1:150 of diaphragm meters, 1:20 of rotary and turbine meters from G65 on
 */
const FAR_TOO_LARGE = { utilisation: 0.05, mean: 0.3, deviation: 0.4, probability: 0.5 } as const
const lowestFlowM3H = (nominalM3H: number) => (1.6 * nominalM3H) / (nominalM3H >= 65 ? 20 : 150)

/** Load of a business over what its meter is made for (assumption). */
const USUAL_LOAD = 0.2
/** What a meter that never moved hides, against its peers (assumption). */
export const UNKNOWN_HOME = { mean: 1, deviation: 0.8 } as const
export const UNKNOWN_BUSINESS = { mean: 0.5, deviation: 1 } as const
/** A part of a business's use led past its meter all the time: it shows only in the zone's balance, by the days of that business. */
const BUSINESS_PART = { mean: 0.5, deviation: 1, probability: 0.03 } as const

/** Losses that may exist in a zone. @param z its place in the block @param leaks those that are known of the zone */
export function zoneLosses(
  zone: ZoneDays,
  z: number,
  found: readonly MeterSuspicion[],
  grid: PeriodGrid,
  assumptions: GapAssumptions,
  leaks: readonly KnownLeak[],
): LossComponent[] {
  const { days } = grid
  const meanSupply = zone.supply.reduce((sum, v) => sum + v, 0) / Math.max(1, days)
  const pattern = (of: (day: number) => number) => Float64Array.from({ length: days }, (_, day) => of(day))
  const base = { zone: z, meter: -1 }
  const losses: LossComponent[] = [
    {
      ...base,
      share: 'leak',
      pattern: pattern(() => meanSupply),
      ...steadyLeak(zone, meanSupply, assumptions),
      probability: 1,
    },
    {
      ...base,
      share: 'theft',
      pattern: homesUse(zone, days),
      mean: assumptions.hiddenTheft[0],
      deviation: assumptions.hiddenTheft[1],
      probability: 1,
    },
  ]
  // The sampler asks in this order: what lasts, what is known, what might be instead, and last what is hardly a leak.
  const stopped = found.flatMap(({ standing }) => (standing === undefined ? [] : [standing]))
  const isDoubtful = (leak: KnownLeak) => !isLeak(leak) || isStoppedMeter(leak, stopped)
  const believed = leaks.filter((leak) => !isDoubtful(leak))
  losses.push(...knownLeakLosses(believed, z, grid, stopped))
  for (let onset = 2; onset < days - 1; onset += ONSET_DAYS) {
    const rest = days - onset
    const odds = (ONSET_PROBABILITY / (1 - ONSET_PROBABILITY)) * searchedOdds(leaks, grid.begin + onset * DAY_MS)
    const grown = {
      ...base,
      share: 'leak',
      mean: GROWN_LEAK[0],
      deviation: GROWN_LEAK[1],
      probability: odds / (1 + odds),
    } as const
    losses.push({ ...grown, pattern: pattern((day) => (day >= onset ? meanSupply : 0)) })
    losses.push({ ...grown, pattern: pattern((day) => (day >= onset ? (meanSupply * (day - onset + 1)) / rest : 0)) })
  }
  const likely = found
    .filter(({ theft, theftProbability: p }) => p >= LEAST_PROBABILITY && theft.perDay > 0)
    .sort((a, b) => b.theftProbability * b.theft.perDay - a.theftProbability * a.theft.perDay)
    .slice(0, MOST_CANDIDATES)
  for (const { meter, theft, theftProbability: p, standing } of likely) {
    const still = standing !== undefined && standing.usedPerDay > 0
    losses.push({
      zone: z,
      meter: meter.register.meter,
      share: still ? 'meter_bias' : 'theft',
      ...(still ? { mayBe: MAY_BE_BYPASSED } : {}),
      pattern: theftPattern(zone, meter, theft, grid),
      mean: THEFT_FACTOR[0],
      deviation: THEFT_FACTOR[1],
      probability: Math.min(0.95, still ? Math.max(p, standing.probability) : p),
    })
  }
  for (const { meter, theftProbability: p, standing, peerUse } of found) {
    if (standing === undefined || standing.since !== undefined) continue
    const { register } = meter
    const excess = zone.gas[register.place].excess
    // A business with its meter would burn about as much as others of its kind, or what such a meter is bought for.
    const use = register.home ? peerUse : Math.max(peerUse, USUAL_LOAD * 24 * register.nominalM3H)
    losses.push({
      zone: z,
      meter: register.meter,
      share: 'meter_bias',
      mayBe: MAY_BE_BYPASSED,
      pattern: pattern((day) => use * (1 + (excess[day] as number))),
      ...(register.home ? UNKNOWN_HOME : UNKNOWN_BUSINESS),
      probability: Math.min(0.9, Math.max(p, standing.probability)),
    })
  }
  for (const { meter, utilisation } of found) {
    const { register, cut } = meter
    if (register.home) continue
    const advance = pattern((day) => (cut.stood[day + 1] as number) - (cut.stood[day] as number))
    const base = { zone: z, meter: register.meter, pattern: advance } as const
    losses.push({
      ...base,
      share: 'meter_bias',
      mean: OVERSIZED.loss[0],
      deviation: OVERSIZED.loss[1],
      probability: utilisation < OVERSIZED.lowUtilisation ? OVERSIZED.often : OVERSIZED.seldom,
    })
    losses.push({ ...base, share: 'theft', ...BUSINESS_PART })
    if (utilisation < FAR_TOO_LARGE.utilisation)
      losses.push({
        ...base,
        share: 'meter_bias',
        pattern: pattern(() => 24 * lowestFlowM3H(register.nominalM3H)),
        mean: FAR_TOO_LARGE.mean,
        deviation: FAR_TOO_LARGE.deviation,
        probability: FAR_TOO_LARGE.probability,
      })
  }
  losses.push(...knownLeakLosses(leaks.filter(isDoubtful), z, grid, stopped))
  return losses
}

/** What flows at night says much of the leak in summer and nothing where boilers run. */
function steadyLeak(zone: ZoneDays, meanSupply: number, { leak, nightLeak }: GapAssumptions) {
  if (Number.isNaN(zone.nightMinimum)) return { mean: leak[0], deviation: leak[1] }
  const night = Math.max(1e-4, (zone.nightMinimum * 24) / Math.max(1e-9, meanSupply))
  const said = { mean: nightLeak[0] * night, weight: 1 / (nightLeak[1] * night) ** 2 }
  const usual = 1 / leak[1] ** 2
  const deviation = 1 / Math.sqrt(usual + said.weight)
  return { mean: deviation ** 2 * (leak[0] * usual + said.mean * said.weight), deviation }
}

/** m³ at the reference state that the evidence misses on each day. */
function theftPattern(zone: ZoneDays, { register }: MeterDays, theft: TheftEvidence, grid: PeriodGrid): Float64Array {
  const { windows, model, fraction, shows } = theft
  const { atHour } = zone.clock
  const excess = zone.gas[register.place].excess
  let window = 0
  return Float64Array.from({ length: grid.days }, (_, day) => {
    const noon = grid.begin + (day + 0.5) * DAY_MS
    while (window < windows.volume.length - 1 && (windows.time[window + 1] as number) <= noon) window++
    if (!shows(window)) return 0
    const clock = (atHour[day * 24 + 24] as number) - (atHour[day * 24] as number)
    return Math.max(0, fraction * (model.steady + model.withClock * clock)) * (1 + (excess[day] as number))
  })
}

function homesUse(zone: ZoneDays, days: number): Float64Array {
  const use = new Float64Array(days)
  for (const { register, cut } of zone.meters) {
    if (!register.home) continue
    for (let day = 0; day < days; day++)
      use[day] = (use[day] as number) + (cut.stood[day + 1] as number) - (cut.stood[day] as number)
  }
  return use
}

/** The 98th percentile of its hourly flows over the size's maximum (1.6 × nominal). */
function utilisationOf({ time, total, nominalM3H, everyMs }: MeterRegister): number {
  if (everyMs > 2 * HOUR_MS || time.length < 48) return Number.NaN
  const flows = new Float64Array(time.length - 1)
  for (let k = 1; k < time.length; k++)
    flows[k - 1] =
      (((total[k] as number) - (total[k - 1] as number)) * HOUR_MS) /
      Math.max(1, (time[k] as number) - (time[k - 1] as number))
  flows.sort()
  return (flows[Math.floor(0.98 * flows.length)] as number) / (1.6 * nominalM3H)
}
