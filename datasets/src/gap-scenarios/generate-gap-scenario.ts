import { SeededRandom } from '../seeded-random.ts'
import { type Business, businessUse, inventBusiness } from './business-use.ts'
import type { GapScenario, GapScenarioOptions, ScenarioRow, TrueTheft } from './gap-scenario.ts'
import { type Household, householdUse, inventHousehold } from './household-use.ts'
import { inventRound } from './reading-rounds.ts'
import { inventLeak, type ScenarioLeak } from './scenario-leak.ts'
import { gasInMeter, inventMeter, type MeterHabits, registered } from './scenario-meter.ts'
import { describeTown, type PlacedMeter, zoneId } from './scenario-network.ts'
import { inventTheft, stolenShare, type Theft } from './scenario-theft.ts'
import { inventWeather } from './scenario-weather.ts'
import { inventZoneFlows } from './zone-flows.ts'
import { ZoneLedger } from './zone-ledger.ts'

const HOUR_MS = 3_600_000
const LEAD_DAYS = 7
const UTC_OFFSET_H = 8

type Customer = PlacedMeter & { readonly life: Household | Business; readonly theft: Theft | null }

/** Invents a town from a seed and lives it hour by hour; the same seed gives the same town. */
export function generateGapScenario(options: GapScenarioOptions): GapScenario {
  const random = new SeededRandom(options.seed, 0x6a9)
  const days = options.days ?? 28 + random.below(25)
  const hours = (days + LEAD_DAYS) * 24
  const zoneCount = options.zones ?? 2 + random.below(3)
  const begin = Date.UTC(2025, 9, 1 + random.below(150))
  const weather = inventWeather(random, hours, UTC_OFFSET_H)
  const smoothAir = smooth(weather.air, 4)
  const customers = settle(random, options, zoneCount, hours, new Date(begin).getUTCFullYear())
  const ledger = new ZoneLedger(zoneCount, hours)
  const rows: ScenarioRow[] = []
  const thefts: TrueTheft[] = []
  const missedPerDay = new Map<string, number>()

  for (const customer of customers) {
    const { meter, life, theft, zone } = customer
    const home = 'meal' in life
    const register = new Float64Array(hours + 1)
    register[0] = random.between(50, 5000)
    let stolenSum = 0
    let stolenHours = 0
    let missed = 0
    const standsFrom = meter.stopsAt < hours ? Math.max(0, meter.stopsAt) : 0
    for (let h = 0; h < hours; h++) {
      const local = (h + UTC_OFFSET_H) % 24
      const weekday = Math.floor((begin / HOUR_MS + h + UTC_OFFSET_H) / 24 + 4) % 7
      const air = weather.air[h] as number
      const use = home
        ? householdUse(random, life, h, local, weekday === 0 || weekday === 6, air)
        : { total: businessUse(random, life, h, local, weekday, air), heating: 0 }
      const share = theft === null ? 0 : stolenShare(theft, h, local, weekday, air)
      const stolen = share * (theft?.kind === 'cold' ? use.heating : use.total)
      if (theft !== null && h >= theft.fromHour) {
        stolenSum += stolen
        stolenHours++
      }
      const passed = use.total - stolen
      const kelvin = gasInMeter(meter, smoothAir[h] as number, weather.ground[h] as number)
      const factor = meter.corrector
        ? 1
        : (((weather.barometer[h] as number) + meter.gauge) / 101_325) * (293.15 / kelvin)
      const working = passed / factor
      const standing = Math.min(working, (home ? life.standing * (1 - share) : 0) / factor)
      const counted = registered(meter, h, working, standing)
      if (h >= standsFrom) missed += meter.stopsAt < hours ? working : counted / meter.gain - counted
      register[h + 1] = (register[h] as number) + counted
      ledger.pass(zone, h, passed, stolen, working, counted)
    }
    if (theft !== null && stolenSum > 0)
      thefts.push({
        meter: customer.id,
        zone: zoneId(zone),
        kind: theft.kind,
        from: theft.fromHour < 0 ? null : begin + theft.fromHour * HOUR_MS,
        mean_m3_per_day: (stolenSum / Math.max(1, stolenHours)) * 24,
      })
    missedPerDay.set(customer.id, (missed / Math.max(1, hours - standsFrom)) * 24)
    const round = inventRound(random, meter, home, begin, begin + hours * HOUR_MS)
    const resolution = home ? 10 : 100
    const at = (time: number) => {
      const hour = Math.min(hours - 1, Math.max(0, Math.floor((time - begin) / HOUR_MS)))
      const part = Math.min(1, Math.max(0, (time - begin) / HOUR_MS - hour))
      const value = (register[hour] as number) * (1 - part) + (register[hour + 1] as number) * part
      return Math.floor(value * resolution + 1e-9) / resolution
    }
    const quantity = meter.corrector ? 'standard_index_m3' : 'index_m3'
    ledger.bill(zone, begin, register, round, at)
    round.scheduled.forEach((time, k) => {
      if (round.arrived[k] === 1) rows.push({ time, asset: customer.id, quantity, value: at(time) })
    })
  }

  const town = describeTown(random, `gap ${options.seed}`, zoneCount, customers)
  const flows = inventZoneFlows(random, town, weather, ledger, begin, LEAD_DAYS, inventLeaks(options, zoneCount, hours))
  for (const row of flows.rows) rows.push(row)
  rows.sort((a, b) => a.time - b.time)
  return {
    document: town,
    rows,
    truth: {
      zoneDays: ledger.zoneDays(begin, LEAD_DAYS, flows),
      thefts,
      missedPerDay,
      leaks: flows.leaks,
      stoppedMeters: customers
        .filter(({ meter }) => meter.stopsAt < hours)
        .map(({ id, meter }) => ({ meter: id, from: meter.stopsAt < 0 ? null : begin + meter.stopsAt * HOUR_MS })),
    },
  }
}

/** From a stream of their own, so that the rest of a town is the same with and without them. */
function inventLeaks({ seed, leaks: share = 0 }: GapScenarioOptions, zones: number, hours: number): ScenarioLeak[] {
  const random = new SeededRandom(seed, 0x1ea)
  return Array.from({ length: zones }, (_, zone) => zone).flatMap((zone) => {
    const leak = inventLeak(random, zone, hours, LEAD_DAYS * 24)
    return random.chance(share) ? [leak] : []
  })
}

function settle(
  random: SeededRandom,
  options: GapScenarioOptions,
  zones: number,
  hours: number,
  year: number,
): Customer[] {
  const habits: MeterHabits = {
    year,
    ageing: random.between(0, 0.0035),
    stopped: random.between(0, 0.008),
    weekly: random.chance(0.2) ? random.between(0.5, 1) : random.between(0, 0.3),
    places: [random.between(0.3, 0.8), random.between(0.2, 0.6)],
    room: random.between(286, 294),
    warming: random.between(0.3, 0.8),
    airMore: random.between(0.6, 1.1),
  }
  const boilerShare = random.between(0.1, 0.7)
  const thieves = random.between(0.003, 0.035)
  const customers: Customer[] = []
  for (let zone = 0; zone < zones; zone++) {
    const homes = Math.round((options.homes ?? random.between(180, 520)) * random.between(0.8, 1.2))
    const businesses = 3 + random.below(10)
    const industries = random.chance(0.6) ? random.below(3) : 0
    for (let i = 0; i < homes + businesses + industries; i++) {
      const industrial = i >= homes + businesses
      const home = i < homes
      const life = home ? inventHousehold(random, hours, boilerShare) : inventBusiness(random, hours, industrial)
      const heats = 'meal' in life ? life.boiler !== null : life.heatingShare > 0
      const steals = random.chance(home ? thieves : industrial ? 0.02 : 0.05) && !('vacant' in life && life.vacant)
      const meter = inventMeter(
        random,
        habits,
        hours,
        home ? (heats ? 'home with boiler' : 'home') : 'business',
        'flow' in life ? life.flow * 1.25 : 0,
      )
      customers.push({
        id: `m${String(customers.length + 1).padStart(5, '0')}`,
        zone,
        class: home ? 'residential' : industrial ? 'industrial' : 'commercial',
        meter,
        life,
        theft: steals ? inventTheft(random, hours, heats) : null,
      })
    }
  }
  return customers
}

function smooth(values: Float64Array, hours: number): Float64Array {
  let state = values[0] ?? 0
  return values.map((value) => {
    state += (value - state) / hours
    return state
  })
}
