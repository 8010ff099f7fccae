/**
 * Meters older than allowed (rule `meter_overage`), as one number per zone: it is a list for the workshop, not a matter of one
 * night. Age is counted in calendar years, the only thing the network document knows.
 * @source JJG 577-2012 as cited in the NB-IoT meter white paper 2018 §1.2.3: diaphragm meters on natural gas with a maximum flow
 * up to 10 m³/h are scrapped after 10 years
 */
import type { Detection, Detector } from '../detection.ts'
import type { DetectorContext } from '../detector-context.ts'

export interface MeterOverageSettings {
  readonly years: number
  readonly maxFlowM3H: number
  /** Rows looked at in one tick. */
  readonly rowsPerTick: number
}

export const METER_OVERAGE_SETTINGS: MeterOverageSettings = { years: 10, maxFlowM3H: 10, rowsPerTick: 50_000 }

export class MeterOverageDetector implements Detector {
  readonly name = 'meter-overage'
  readonly #context: DetectorContext
  readonly #settings: MeterOverageSettings
  #counts: number[] = []
  #told: number[]
  #cursor = 0
  #year = 0

  constructor(context: DetectorContext, settings: MeterOverageSettings = METER_OVERAGE_SETTINGS) {
    this.#context = context
    this.#settings = settings
    this.#told = context.zones.map(() => 0)
  }

  observe(): readonly Detection[] {
    return []
  }

  tick(now: number): readonly Detection[] {
    const count = this.#context.slotCount
    if (this.#cursor === 0) {
      this.#year = new Date(now + this.#context.utcOffsetMs(now)).getUTCFullYear()
      this.#counts = this.#context.zones.map(() => 0)
    }
    const end = Math.min(count, this.#cursor + this.#settings.rowsPerTick)
    for (let slot = this.#cursor; slot < end; slot++) {
      const zone = this.#context.zoneOf(slot)
      if (zone >= 0 && this.#isOver(slot)) this.#counts[zone] = (this.#counts[zone] ?? 0) + 1
    }
    this.#cursor = end < count ? end : 0
    return this.#cursor === 0 ? this.#changes(now) : []
  }

  save(): unknown {
    return this.#told
  }

  load(saved: unknown): void {
    const told = saved as readonly number[]
    this.#told = this.#told.map((_, zone) => told[zone] ?? 0)
    this.#cursor = 0
  }

  #isOver(slot: number): boolean {
    const installed = this.#context.installedYearOf(slot)
    if (installed === 0 || this.#year - installed <= this.#settings.years) return false
    const meter = this.#context.meterOf(slot)
    return meter?.gas === true && meter.size.maxM3H <= this.#settings.maxFlowM3H
  }

  #changes(now: number): readonly Detection[] {
    return this.#counts.flatMap((value, zone) => {
      const facts = this.#context.zones[zone]
      if (facts === undefined || value === this.#told[zone]) return []
      this.#told[zone] = value
      const asset = { kind: 'zone', id: facts.id } as const
      const limit = this.#settings.years
      const detection: Detection = {
        rule: 'meter_overage',
        asset,
        zone: facts.id,
        at: now,
        since: now,
        active: value > 0,
        value,
        limit: 0,
        unit: '1',
        strength: 'weak',
        evidenceKind: 'platform',
        evidence: [{ code: 'meters_over_age', at: now, asset, value, limit, unit: '1' }],
      }
      return [detection]
    })
  }
}
