import {
  type FleetFit,
  type LowFlowFinding,
  LowFlowFleet,
  type MeterPlan,
  meterSize,
  type ShadowComparison,
  type UsualUseModel,
} from '@gastwin/analytics'
import { CityCalendar, METER_CLASSES, type Network, scheduleMinutes } from '@gastwin/twin'

/** @source one pulse 0.1 m³: wireless reading scheme §3.3.5.9 */
const STEP_M3 = 0.1
/** A register that is walked takes some kilobytes. */
const MOST_WALKED = 200_000
/** Meters that report at least so often are judged by parts of the day, minutes. */
const OFTEN_MIN = 240
const RESIDENTIAL = METER_CLASSES.indexOf('residential')

/** Models of usual use: the one that is believed, and one beside it. */
export interface UsualUsePair {
  readonly active: UsualUseModel
  readonly shadow: UsualUseModel | undefined
}

/** The low-flow rules of the gas meters that are read several times a day, fed with their readings as they come. */
export class LowFlowWatch {
  readonly #fleet: LowFlowFleet
  readonly #isHourly: (meter: number) => boolean
  /** Why no register is walked; null when they are. */
  readonly why: string | null

  /** @param heated which metering points are known to heat with their gas, or not to; may change */
  constructor(network: Network, heated: ReadonlyMap<number, boolean>) {
    const planOf = plansOf(network, heated)
    this.#isHourly = (meter) => planOf(meter).cadence === 'hourly'
    this.#fleet = new LowFlowFleet(planOf)
    let often = 0
    for (let meter = 0; meter < network.meters.count; meter++) if (this.#isHourly(meter)) often += 1
    this.why =
      often > MOST_WALKED
        ? `${often} meters are read several times a day, registers of at most ${MOST_WALKED} are walked live`
        : null
  }

  /** Whether it is read often enough to tell nights from days. @param meter row */
  isHourly(meter: number): boolean {
    return this.#isHourly(meter)
  }

  /** Meters that are watched. */
  get size(): number {
    return this.#fleet.size
  }

  /** @param meter row @param at Unix ms @param value register, m³ */
  read(meter: number, at: number, value: number): void {
    if (this.why === null && this.#isHourly(meter)) this.#fleet.read(meter, at, value)
  }

  /** Other models foretell from here on. */
  use({ active, shadow }: UsualUsePair): void {
    this.#fleet.use(active, shadow)
  }

  /** How the model fares and how the shadow beside it. */
  get fared(): { readonly fit: FleetFit | undefined; readonly comparison: ShadowComparison | undefined } {
    return { fit: this.#fleet.fit, comparison: this.#fleet.comparison }
  }

  /** What lasts at a meter. @param meter row */
  lasting(meter: number): readonly LowFlowFinding[] {
    return this.#fleet.lasting(meter)
  }
}

function plansOf({ meters, timeZone }: Network, heated: ReadonlyMap<number, boolean>): (meter: number) => MeterPlan {
  const calendar = new CityCalendar(timeZone)
  const utcOffsetMs = (at: number) => calendar.offset(at)
  const cadences = meters.words.schedule.map((word) =>
    scheduleMinutes(word === '' ? 'daily' : word) <= OFTEN_MIN ? ('hourly' as const) : ('daily' as const),
  )
  const sizes = meters.words.size.map((word) => (word === '' ? undefined : meterSize(word)))
  return (meter) => ({
    home: meters.class[meter] === RESIDENTIAL,
    // The archive may say it while the register is walked.
    get heated() {
      return heated.get(meters.device[meter] ?? 0)
    },
    cadence: cadences[meters.schedule[meter] ?? 0] ?? 'daily',
    stepM3: STEP_M3,
    size: sizes[meters.size[meter] ?? 0],
    utcOffsetMs,
  })
}
