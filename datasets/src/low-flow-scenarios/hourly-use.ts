import { hash32, SeededRandom } from '../seeded-random.ts'
import type { Customer } from './customer.ts'

const YEAR_DAYS = 365.25

/** Mean air temperature of an hour, °C, of an invented place: season, weather of the days, day and night. */
export function airTemperatureC(seed: number, place: number, day: number, hour: number): number {
  const random = new SeededRandom(seed, 201, place)
  const mean = random.between(6, 18)
  const season = random.between(6, 15)
  const spell = wave(seed, place, day / 4 + hour / 96)
  return (
    mean - season * Math.cos((2 * Math.PI * (day - 18)) / YEAR_DAYS) + 3.5 * spell - 3.5 * Math.cos((hour - 3) / 3.82)
  )
}

function wave(seed: number, place: number, x: number): number {
  const i = Math.floor(x)
  const at = (k: number) => hash32(seed, 202, place, k) / 2147483648 - 1
  const t = x - i
  const s = t * t * (3 - 2 * t)
  return 1.7 * (at(i) * (1 - s) + at(i + 1) * s)
}

/**
 * True volume behind one meter in every hour, m³, without any fault: uses of appliances, visits, absences, long draws, heating.
 * @param days      length
 * @param firstDay  day of the year of the first one; day 0 is a Monday
 * @param place     customers of one place share its weather
 */
export function hourlyUse(
  seed: number,
  key: number,
  customer: Customer,
  place: number,
  firstDay: number,
  days: number,
): Float64Array {
  const volume = new Float64Array(days * 24)
  const random = new SeededRandom(seed, 203, key)
  const absent = spells(random, days, customer.absences, () => 0.5 - Math.log(random.next()) * customer.absenceDays)
  const visited = spells(random, days, customer.visits, () => 1 + random.next() * 6)
  let mood = 0
  let season = 0
  for (let day = 0; day < days; day++) {
    mood = 0.5 * mood + 0.26 * random.normal()
    season = 0.99 * season + 0.03 * random.normal()
    const weekday = (firstDay + day) % 7
    const rates = weekday >= 5 ? customer.rate.weekend : customer.rate.workday
    const shift = visited[day] === 1 ? 1.5 : 0
    const level = Math.exp(mood + season) * (visited[day] === 1 ? random.between(1.3, 2.6) : 1)
    for (let hour = 0; hour < 24; hour++) {
      const slot = day * 24 + hour
      const cold = 15.5 - airTemperatureC(seed, place, firstDay + day, hour)
      if (customer.heatingM3HK > 0 && cold > 0) volume[slot] = heat(random, customer, cold, hour, absent[day] === 1)
      volume[slot] = (volume[slot] as number) + (absent[day] === 1 && customer.home ? 0 : customer.standingM3H)
      if (absent[day] === 1) continue
      const late = Math.max(0, hour - shift) | 0
      let expected = ((rates[hour] as number) + (shift > 0 ? (rates[late] as number) : 0)) * level
      while (expected > 0 && random.next() < 1 - Math.exp(-expected)) {
        use(volume, slot, random, customer)
        expected -= 0.7 + random.next() * 0.6
      }
    }
    if (customer.nightUseEvery > 0 && absent[day] === 0 && day % customer.nightUseEvery === 0)
      volume[day * 24 + customer.nightUseHour] =
        (volume[day * 24 + customer.nightUseHour] as number) + customer.nightUseM3 * random.between(0.8, 1.2)
    if (absent[day] === 0 && random.chance(customer.longDraws / YEAR_DAYS)) longDraw(volume, day, random, customer)
  }
  return volume
}

function use(volume: Float64Array, slot: number, random: SeededRandom, customer: Customer): void {
  let amount = customer.useM3 * Math.exp(customer.useSpread * random.normal())
  let at = slot
  while (at < volume.length) {
    const goesOn = random.chance(customer.longUse)
    const part = goesOn ? random.next() : 1
    volume[at] = (volume[at] as number) + amount * part
    amount *= goesOn ? 1.3 - part : 0
    if (amount <= 0) return
    at += 1
  }
}

function longDraw(volume: Float64Array, day: number, random: SeededRandom, customer: Customer): void {
  const flow = customer.longDrawM3H * Math.exp(random.normal(0, 0.5))
  const hours = Math.min(60, Math.exp(random.normal(Math.log(5), 0.8)))
  const from = day * 24 + random.between(0, 24)
  for (let slot = Math.floor(from); slot < Math.min(volume.length, from + hours); slot++)
    volume[slot] = (volume[slot] as number) + flow * random.between(0.7, 1.2)
}

function heat(random: SeededRandom, customer: Customer, cold: number, hour: number, absent: boolean): number {
  const saved = absent ? 0.4 : hour >= 23 || hour < 6 ? 0.65 : 1
  const wanted = customer.heatingM3HK * cold * saved
  // A boiler cycles: in mild weather some hours go by without a burn.
  const share = Math.min(1, wanted / (4 * customer.heatingM3HK))
  return random.chance(share) ? (wanted / share) * random.between(0.75, 1.25) : 0
}

/** Days that belong to spells which begin at random. */
function spells(random: SeededRandom, days: number, aYear: number, length: () => number): Uint8Array {
  const inside = new Uint8Array(days)
  for (let day = 0; day < days; day++) {
    if (!random.chance(aYear / YEAR_DAYS)) continue
    // Now and then somebody stays away for months.
    const long = Math.ceil(random.chance(0.02) ? 20 + random.next() * 100 : length())
    inside.fill(1, day, Math.min(days, day + long))
    day += long
  }
  return inside
}
