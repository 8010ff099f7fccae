import {
  DEVICE_EVENTS,
  DEVICE_KINDS,
  type FleetState,
  METER_KINDS,
  type Network,
  registerOf,
  SAMPLE_QUANTITIES,
  type SampleQuantity,
  UsageError,
  VALVE_POSITIONS,
} from '@gastwin/twin'
import type { DeviceSummary, DeviceTwin } from '../contract/index.ts'
import { placeOfEdge, placeOfMeter, placeOfRtu } from './map-numbering.ts'

const DAY_S = 86_400

/** S0-80: good when both are strictly above. */
const GOOD_RSRP_DBM = -117.4
const GOOD_SINR_DB = -3

/** Devices as the console shows them, read from the fleet's columns at the moment of asking. */
export class DeviceViews {
  readonly #network: Network
  readonly #fleet: FleetState

  constructor(network: Network, fleet: FleetState) {
    this.#network = network
    this.#fleet = fleet
  }

  /** Id of a row's asset in the network document. */
  assetId(slot: number): string {
    const { kind, asset } = this.#fleet.columns
    const row = asset[slot] ?? -1
    switch (DEVICE_KINDS[kind[slot] ?? 0]) {
      case 'rtu':
        return this.#network.rtus.ids[row] ?? ''
      case 'valve':
        return this.#network.edges.ids[row] ?? ''
      default:
        return this.#network.meters.idOf(row)
    }
  }

  /** Degrees; NaN when unknown. */
  place(slot: number): [lon: number, lat: number] {
    const { kind, asset } = this.#fleet.columns
    const row = asset[slot] ?? -1
    switch (DEVICE_KINDS[kind[slot] ?? 0]) {
      case 'rtu':
        return placeOfRtu(this.#network, row)
      case 'valve':
        return placeOfEdge(this.#network, row)
      default:
        return placeOfMeter(this.#network, row)
    }
  }

  summary(slot: number): DeviceSummary {
    const c = this.#fleet.columns
    const [lon, lat] = this.place(slot)
    return {
      number: String(c.number[slot] ?? 0),
      kind: DEVICE_KINDS[c.kind[slot] ?? 0] ?? 'meter',
      asset: this.assetId(slot),
      zone: this.#network.zones.ids[c.zone[slot] ?? -1] ?? null,
      lon: finite(lon),
      lat: finite(lat),
      state: c.state[slot] ?? 0,
      last_report_at: seconds(c.deviceTime[slot]),
      last_received_at: seconds(c.receivedAt[slot]),
    }
  }

  /** @throws UsageError API_NOT_FOUND */
  twin(number: string): DeviceTwin {
    const slot = this.#fleet.slotOf(Number(number))
    if (slot < 0) throw new UsageError('API_NOT_FOUND', `no device has the number ${number}`)
    const c = this.#fleet.columns
    const kind = DEVICE_KINDS[c.kind[slot] ?? 0] ?? 'meter'
    const sample = (q: SampleQuantity) => (kind === 'rtu' ? finite(this.#fleet.rtus.value(slot, q)) : null)
    const rsrp = c.rsrp[slot] === 0 ? null : -(c.rsrp[slot] ?? 0)
    const sinr = c.sinr[slot] === -128 ? null : (c.sinr[slot] ?? null)
    const heard = (c.receivedAt[slot] ?? 0) > 0
    return {
      ...this.summary(slot),
      meter: kind === 'meter' ? this.#meter(slot) : null,
      pressure_pa: sample('pressure_pa'),
      temperature_k: sample('temperature_k'),
      standard_flow_m3_s: sample('standard_flow_m3_s'),
      gas_lel: sample('gas_lel'),
      valve: VALVE_POSITIONS[c.valve[slot] ?? 0] ?? 'unknown',
      battery_volt: (c.batteryMv[slot] ?? 0) === 0 ? null : (c.batteryMv[slot] ?? 0) / 1000,
      rsrp_dbm: rsrp,
      sinr_db: sinr,
      ecl: c.ecl[slot] === 255 ? null : (c.ecl[slot] ?? null),
      pci: c.pci[slot] === 65_535 ? null : (c.pci[slot] ?? null),
      good_coverage: rsrp === null || sinr === null ? null : rsrp > GOOD_RSRP_DBM && sinr > GOOD_SINR_DB,
      clock_error_s: heard ? (c.clockErrorS[slot] ?? 0) : null,
      reports: c.fresh[slot] ?? 0,
      duplicates: c.duplicates[slot] ?? 0,
      late: c.late[slot] ?? 0,
      events: DEVICE_EVENTS.filter((_, bit) => ((c.events[slot] ?? 0) & (1 << bit)) !== 0),
      quantities: kind === 'rtu' ? this.#channels(slot) : kind === 'meter' ? [this.#register(slot)] : [],
    }
  }

  #register(slot: number): string {
    const { meters } = this.#network
    const row = this.#fleet.columns.asset[slot] ?? -1
    return registerOf(METER_KINDS[meters.kind[row] ?? 0] ?? 'gas', meters.corrector[row] === 1)
  }

  #channels(slot: number): SampleQuantity[] {
    return SAMPLE_QUANTITIES.filter((q) => this.#fleet.rtus.at(slot, q) > 0)
  }

  #meter(slot: number): DeviceTwin['meter'] {
    const { meters } = this.#network
    const row = this.#fleet.columns.asset[slot] ?? -1
    const last = this.#fleet.lastReading(slot)
    const rate = this.#fleet.columns.rate[slot] ?? 0
    const energy = this.#register(slot).endsWith('_j')
    return {
      medium: METER_KINDS[meters.kind[row] ?? 0] ?? 'gas',
      size: meters.words.size[meters.size[row] ?? 0] || null,
      class: (['residential', 'commercial', 'industrial'] as const)[meters.class[row] ?? 0] ?? null,
      installed_year: meters.installedYear[row] || null,
      corrector: meters.corrector[row] === 1,
      placement: (['unknown', 'indoor', 'outdoor'] as const)[meters.placement[row] ?? 0] ?? null,
      read_schedule: meters.words.schedule[meters.schedule[row] ?? 0] || null,
      protected: meters.words.protection[meters.protection[row] ?? 0] || null,
      profile: meters.words.profile[meters.profile[row] ?? 0] || null,
      index_m3: energy ? null : (last?.register ?? null),
      energy_j: energy ? (last?.register ?? null) : null,
      index_at: last?.at ?? null,
      daily_m3: rate > 0 && !energy ? rate * DAY_S : null,
    }
  }
}

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null)
const seconds = (value: number | undefined): number | null => (value === undefined || value === 0 ? null : value * 1000)
