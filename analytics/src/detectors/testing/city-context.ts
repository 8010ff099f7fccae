import type { AppliedReport, DeviceKind, MeterClass, Outcome, Quantity, Report } from '@gastwin/twin'
import type { ZonePeriod } from '../../balance/zone-period.ts'
import type { AssetRef } from '../detection.ts'
import type { DetectorContext, MeterFacts, RtuFacts, ZoneFacts } from '../detector-context.ts'
import { meterSize } from '../meter-size.table.ts'

/** A small city in which a test names only what it is about. Devices are added in the order of their rows. */
export class CityContext implements DetectorContext {
  readonly zones: ZoneFacts[] = []
  readonly rtus: RtuFacts[] = []
  readonly days: ZonePeriod[] = []
  temperature: (at: number) => number | undefined = () => undefined
  utcOffset = 8 * 3_600_000
  readonly #devices: {
    readonly kind: DeviceKind
    readonly asset: AssetRef
    readonly zone: number
    readonly facts?: MeterFacts
    readonly year: number
    readonly every: number
  }[] = []

  get slotCount(): number {
    return this.#devices.length
  }

  addZone(id: string): number {
    return this.zones.push({ id, inlets: [] }) - 1
  }

  addInlet(zone: number, slot: number, sign: 1 | -1 = 1): void {
    const facts = this.zones[zone]
    if (facts !== undefined)
      this.zones[zone] = { ...facts, inlets: [...facts.inlets, { edge: `e${slot}`, sign, slot }] }
  }

  addRtu(zone: number, part: Partial<RtuFacts> = {}): number {
    const slot = this.#add('rtu', { kind: 'rtu', id: `RTU-${this.rtus.length}` }, zone, 60_000)
    const id = `RTU-${this.rtus.length}`
    this.rtus.push({ slot, id, zone, minPressure: Number.NaN, maxPressure: Number.NaN, neighbours: [], ...part })
    return slot
  }

  addValve(zone: number): number {
    return this.#add('valve', { kind: 'valve', id: `V-${this.slotCount}` }, zone, 0)
  }

  addMeter(zone: number, part: { size?: string; class?: MeterClass; year?: number; every?: number } = {}): number {
    const facts: MeterFacts = {
      gas: true,
      class: part.class ?? 'residential',
      size: meterSize(part.size ?? 'G2.5'),
      corrector: false,
    }
    return this.#add(
      'meter',
      { kind: 'meter', id: `${10_000 + this.slotCount}` },
      zone,
      part.every ?? 86_400_000,
      facts,
      part.year ?? 0,
    )
  }

  kindOf = (slot: number) => this.#devices[slot]?.kind
  assetOf = (slot: number) => this.#devices[slot]?.asset ?? { kind: 'system', id: '?' }
  zoneOf = (slot: number) => this.#devices[slot]?.zone ?? -1
  rtuOf = (slot: number) => this.rtus.findIndex((rtu) => rtu.slot === slot)
  meterOf = (slot: number) => this.#devices[slot]?.facts
  installedYearOf = (slot: number) => this.#devices[slot]?.year ?? 0
  reportEveryMs = (slot: number) => this.#devices[slot]?.every ?? 0
  utcOffsetMs = () => this.utcOffset
  outdoorTemperatureK = (at: number) => this.temperature(at)
  zoneDays = (zone: string, endedAfter: number) => this.days.filter((day) => day.zone === zone && day.to > endedAfter)

  #add(kind: DeviceKind, asset: AssetRef, zone: number, every: number, facts?: MeterFacts, year = 0): number {
    return this.#devices.push({ kind, asset, zone, year, every, ...(facts && { facts }) }) - 1
  }
}

/** One applied report with the readings of one instant. */
export function reportOf(
  context: DetectorContext,
  slot: number,
  at: number,
  readings: Partial<Record<Quantity, number>> = {},
  part: Partial<Report> & { readonly outcome?: Outcome; readonly receivedAt?: number } = {},
): AppliedReport {
  const { outcome = 'fresh', receivedAt = at, ...report } = part
  const list = Object.entries(readings).map(([quantity, value]) => ({ quantity: quantity as Quantity, at, value }))
  return {
    position: 0,
    receivedAt,
    slot,
    outcome,
    report: {
      device: slot + 1,
      kind: context.kindOf(slot) ?? 'meter',
      trigger: 'timed',
      deviceTime: at,
      sequence: -1,
      readings: list,
      events: [],
      status: {},
      ...report,
    },
  }
}
