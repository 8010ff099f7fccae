import { type Business, businessFlow } from '../fleet/demand/business-load.ts'
import { drawHomeDay } from '../fleet/demand/home-draws.ts'
import { Weather } from '../fleet/demand/weather.ts'
import { SeededRandom } from '../seeded-random.ts'
import { DAY_MS, STEP_MS } from './scenario-plan.ts'
import type { Customer } from './street-district.ts'

/** Weather with a cold snap of its own, whole local days. */
export class SnapWeather extends Weather {
  readonly #snap: { readonly from: number; readonly to: number; readonly kelvin: number } | undefined

  constructor(seed: number, utcOffset: number, snap?: { from: number; to: number; kelvin: number }) {
    super(seed, utcOffset)
    this.#snap = snap
  }

  override air(at: number): number {
    return super.air(at) + this.#extra(at)
  }

  override dayMean(day: number): number {
    return super.dayMean(day) + this.#extra(this.dayStart(day) + DAY_MS / 2)
  }

  #extra(at: number): number {
    return this.#snap !== undefined && at >= this.#snap.from && at < this.#snap.to ? this.#snap.kelvin : 0
  }
}

/** What every customer burns in every step, m³/s at the reference state: [customer · steps + step]. */
export interface DistrictDemand {
  readonly steps: number
  readonly flow: Float32Array
}

export interface DemandOptions {
  readonly seed: number
  readonly from: number
  readonly steps: number
  readonly weather: Weather
  /** Local day numbers on which business rests and homes live otherwise. */
  readonly holidays: ReadonlySet<number>
  /** Step from which a customer burns at all. */
  readonly begins: ReadonlyMap<number, number>
}

export function drawDistrictDemand(customers: readonly Customer[], options: DemandOptions): DistrictDemand {
  const { seed, from, steps, weather, holidays, begins } = options
  const flow = new Float32Array(customers.length * steps)
  const first = weather.dayNumber(from)
  const last = weather.dayNumber(from + steps * STEP_MS)
  customers.forEach(({ use }, c) => {
    const row = flow.subarray(c * steps, (c + 1) * steps)
    // A day away is a matter of the household, not of the weather.
    const absence = new SeededRandom(seed, 61, c)
    for (let day = first; day <= last; day++) {
      const start = weather.dayStart(day)
      const holiday = holidays.has(day)
      if (use.kind === 'home') {
        const away = absence.chance(holiday ? 0.12 : 0.04)
        const factor = away ? 0.25 : holiday ? 1.04 : 1
        drawHomeDay(seed, use.home, day, weather, (at, seconds, value) =>
          spread(row, (start - from) / 1000 + at, seconds, value * factor),
        )
      } else addBusinessDay(row, use.business, options, day, holiday ? 0.35 : 1)
    }
    const begin = begins.get(c)
    if (begin !== undefined) row.fill(0, 0, begin)
  })
  return { steps, flow }
}

function addBusinessDay(row: Float32Array, business: Business, o: DemandOptions, day: number, factor: number): void {
  const start = (o.weather.dayStart(day) - o.from) / STEP_MS
  for (let slot = 0; slot < 288; slot++) {
    const step = Math.round(start) + slot
    if (step < 0 || step >= row.length) continue
    row[step] = businessFlow(o.seed, business, day, slot, o.weather) * factor
  }
}

/** Spreads one draw over the steps it touches; seconds from the begin. */
function spread(row: Float32Array, begin: number, seconds: number, value: number): void {
  const step = STEP_MS / 1000
  const end = begin + seconds
  for (let i = Math.max(0, Math.floor(begin / step)); i < row.length && i * step < end; i++) {
    const overlap = Math.min(end, (i + 1) * step) - Math.max(begin, i * step)
    if (overlap > 0) row[i] = (row[i] as number) + (value * overlap) / step
  }
}
