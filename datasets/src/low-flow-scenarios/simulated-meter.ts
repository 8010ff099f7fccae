import { SeededRandom } from '../seeded-random.ts'

/** What is wrong behind or in the meter, between two hours of the series. */
export interface Fault {
  readonly kind: 'leak' | 'left_on' | 'stopped' | 'oversized' | 'over_flow'
  readonly fromHour: number
  readonly toHour: number
  /** Added flow, m³/h; of an oversized meter its smallest flow Qmin. */
  readonly flowM3H: number
}

/** How a meter counts and how often it is read. */
export interface MeterPlan {
  /** Step of the register, m³. */
  readonly stepM3: number
  readonly everyHours: 1 | 24
  /** Share of readings that never arrive. */
  readonly lost: number
  /** Register jumps and backward steps a year. */
  readonly glitches: number
}

/** Readings in order of time: Unix ms and m³. */
export interface RegisterSeries {
  readonly time: Float64Array
  readonly value: Float64Array
  /** Unix ms at which the clock of the meter begins the first hour. */
  readonly beginsAt: number
}

/** Adds a fault's gas to the true use; a copy. */
export function withFault(use: Float64Array, fault: Fault | undefined, random: SeededRandom): Float64Array {
  const out = use.slice()
  if (fault === undefined || fault.kind === 'stopped' || fault.kind === 'oversized') return out
  for (let hour = Math.floor(fault.fromHour); hour < Math.min(out.length, fault.toHour); hour++) {
    const part = Math.min(1, hour + 1 - fault.fromHour) * (fault.kind === 'leak' ? random.between(0.97, 1.03) : 1)
    out[hour] = (out[hour] as number) + fault.flowM3H * part
  }
  return out
}

/**
 * What the register shows of a true hourly use.
 * @param startMs Unix ms of the first hour
 */
export function readRegister(
  use: Float64Array,
  plan: MeterPlan,
  fault: Fault | undefined,
  startMs: number,
  seed: number,
  key: number,
): RegisterSeries {
  const random = new SeededRandom(seed, 301, key)
  const minute = random.below(60) * 60_000
  const readHour = random.below(6)
  let register = random.between(10, 900)
  let offset = 0
  const time: number[] = []
  const value: number[] = []
  for (let hour = 0; hour <= use.length; hour++) {
    if (hour % plan.everyHours === (plan.everyHours === 24 ? readHour : 0) && !random.chance(plan.lost)) {
      if (random.chance((plan.glitches * plan.everyHours) / 8766)) offset += random.chance(0.5) ? -0.4 : 8
      time.push(startMs + hour * 3_600_000 + minute + random.below(20_000))
      const steps = Math.floor((register + offset) / plan.stepM3 + 1e-9)
      value.push(Math.round(steps * plan.stepM3 * 1e6) / 1e6)
    }
    if (hour < use.length) register += counted(use[hour] as number, hour, fault)
  }
  return { time: Float64Array.from(time), value: Float64Array.from(value), beginsAt: startMs + minute }
}

function counted(volume: number, hour: number, fault: Fault | undefined): number {
  if (fault === undefined || hour < fault.fromHour || hour >= fault.toHour) return volume
  if (fault.kind === 'stopped') return 0
  return fault.kind === 'oversized' && volume < fault.flowM3H ? 0.6 * volume : volume
}
