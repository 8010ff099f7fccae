/** Weeks that are kept: a restart reads the log of two months again and must come to the same. */
const WEEKS = 8
const WEEK_MS = 7 * 86_400_000
/** What a cell shows less in the cold under load, V/K (assumption for lithium cells). */
const VOLT_PER_K = 0.002
const ROOM_K = 293.15

/** What a meter says of its battery in one report. */
export interface BatteryReading {
  /** Unix ms. */
  readonly at: number
  readonly volt: number | undefined
  /** At the meter, K. */
  readonly temperatureK: number | undefined
  readonly rsrpDbm: number | undefined
  /** The meter itself calls its battery low. */
  readonly low: boolean
}

/** A battery as the kept weeks show it. */
export interface BatteryView {
  /** Mean of the newest week with a voltage, at 20 °C where the temperature is known, V. */
  readonly volt: number
  /** V a year over the kept weeks, and its standard deviation; undefined with fewer than four weeks. */
  readonly slope: { readonly perYear: number; readonly deviation: number } | undefined
  /** Reports a day, repeated ones too: each is paid for. */
  readonly reportsPerDay: number
  /** Mean, dBm; undefined when it says none. */
  readonly rsrpDbm: number | undefined
  readonly low: boolean
}

interface Week {
  readonly volt: Float32Array
  readonly volts: Uint16Array
  readonly rsrp: Float32Array
  readonly rsrps: Uint16Array
  readonly reports: Uint16Array
}

/** Voltages and traffic of many meters by the week, in columns; the order in which reports come does not matter. */
export class BatteryBook {
  readonly #rows: number
  readonly #weeks = new Map<number, Week>()
  readonly #lowAt: Float64Array
  readonly #saidAt: Float64Array
  #newest = Number.NEGATIVE_INFINITY

  /** @param rows meters */
  constructor(rows: number) {
    this.#rows = rows
    this.#lowAt = new Float64Array(rows).fill(Number.NEGATIVE_INFINITY)
    this.#saidAt = new Float64Array(rows).fill(Number.NEGATIVE_INFINITY)
  }

  take(row: number, { at, volt, temperatureK, rsrpDbm, low }: BatteryReading): void {
    const number = Math.floor(at / WEEK_MS)
    if (number <= this.#newest - WEEKS) return
    if (number > this.#newest) this.#grow(number)
    const week = this.#weeks.get(number) ?? this.#begin(number)
    week.reports[row] = Math.min(65_535, (week.reports[row] as number) + 1)
    if (volt !== undefined && volt > 0) {
      const warm = temperatureK === undefined ? volt : volt + VOLT_PER_K * (ROOM_K - temperatureK)
      week.volt[row] = (week.volt[row] as number) + warm
      week.volts[row] = Math.min(65_535, (week.volts[row] as number) + 1)
    }
    if (rsrpDbm !== undefined) {
      week.rsrp[row] = (week.rsrp[row] as number) + rsrpDbm
      week.rsrps[row] = Math.min(65_535, (week.rsrps[row] as number) + 1)
    }
    if (low) this.#lowAt[row] = Math.max(this.#lowAt[row] as number, at)
    else if (volt !== undefined) this.#saidAt[row] = Math.max(this.#saidAt[row] as number, at)
  }

  /** @returns undefined when no voltage of this meter is kept */
  view(row: number): BatteryView | undefined {
    const numbers = [...this.#weeks.keys()].sort((a, b) => a - b)
    const at: number[] = []
    const volt: number[] = []
    const count: number[] = []
    let [reports, rsrp, rsrps, weeks] = [0, 0, 0, 0]
    for (const number of numbers) {
      const week = this.#weeks.get(number)
      if (week === undefined || (week.reports[row] as number) === 0) continue
      weeks += 1
      reports += week.reports[row] as number
      rsrp += week.rsrp[row] as number
      rsrps += week.rsrps[row] as number
      const volts = week.volts[row] as number
      if (volts === 0) continue
      at.push(number)
      volt.push((week.volt[row] as number) / volts)
      count.push(volts)
    }
    const last = volt.at(-1)
    if (last === undefined) return undefined
    return {
      volt: last,
      slope: slopeOf(at, volt, count),
      reportsPerDay: reports / (7 * weeks),
      rsrpDbm: rsrps === 0 ? undefined : rsrp / rsrps,
      low: (this.#lowAt[row] as number) > (this.#saidAt[row] as number),
    }
  }

  #begin(number: number): Week {
    const week = {
      volt: new Float32Array(this.#rows),
      volts: new Uint16Array(this.#rows),
      rsrp: new Float32Array(this.#rows),
      rsrps: new Uint16Array(this.#rows),
      reports: new Uint16Array(this.#rows),
    }
    this.#weeks.set(number, week)
    return week
  }

  #grow(number: number): void {
    this.#newest = number
    for (const old of this.#weeks.keys()) if (old <= number - WEEKS) this.#weeks.delete(old)
  }
}

const LEAST_WEEKS = 4
/** A voltage that a meter tells is no better than this, V: steps of its converter and the load of the moment. */
const NOISE_V = 0.01
const WEEKS_A_YEAR = 365.25 / 7

function slopeOf(at: readonly number[], volt: readonly number[], count: readonly number[]): BatteryView['slope'] {
  const n = at.length
  if (n < LEAST_WEEKS) return undefined
  const weight = count.reduce((sum, c) => sum + c, 0)
  const middle = at.reduce((sum, week, i) => sum + week * (count[i] as number), 0) / weight
  const mean = volt.reduce((sum, v, i) => sum + v * (count[i] as number), 0) / weight
  let [xx, xy] = [0, 0]
  for (let i = 0; i < n; i++) {
    const x = (at[i] as number) - middle
    xx += (count[i] as number) * x * x
    xy += (count[i] as number) * x * ((volt[i] as number) - mean)
  }
  const slope = xy / xx
  let rest = 0
  for (let i = 0; i < n; i++) {
    const away = (volt[i] as number) - mean - slope * ((at[i] as number) - middle)
    rest += (count[i] as number) * away * away
  }
  const variance = Math.max(rest / (n - 2), NOISE_V ** 2)
  return { perYear: slope * WEEKS_A_YEAR, deviation: Math.sqrt(variance / xx) * WEEKS_A_YEAR }
}
