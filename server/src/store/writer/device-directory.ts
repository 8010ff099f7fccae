import { DeviceIndex, type Meter, type Network } from '@gastwin/twin'
import { textField } from './text-rows.ts'

/** What the archive knows about devices, as columns: small enough for 10 million, and it crosses to a worker as it is. */
export interface DeviceColumns {
  readonly numbers: Float64Array
  /** Place in `zones`; −1 for none. */
  readonly zone: Int32Array
  readonly zones: readonly string[]
  /** Ids of devices whose id in the network document is not their number (RTUs, valves, concentrators). */
  readonly assets: ReadonlyMap<number, string>
}

/** Devices of a compiled network. */
export function deviceColumns(network: Network): DeviceColumns {
  const { concentrators } = network.document
  const most = network.meters.count + network.rtus.count + network.document.valves.length + (concentrators?.length ?? 0)
  const numbers = new Float64Array(most)
  const zone = new Int32Array(most)
  let count = 0
  const assets = new Map<number, string>()
  const add = (device: number, place: number, asset?: string) => {
    if (!Number.isSafeInteger(device)) return
    numbers[count] = device
    zone[count] = place
    count += 1
    if (asset !== undefined && asset !== String(device)) assets.set(device, asset)
  }
  const { meters, rtus, edges, zones, document } = network
  for (let i = 0; i < meters.count; i++) add(meters.device[i] ?? Number.NaN, meters.zone[i] ?? -1)
  for (let i = 0; i < rtus.count; i++) add(rtus.device[i] ?? Number.NaN, rtus.zone[i] ?? -1, rtus.ids[i])
  for (const valve of document.valves)
    if (valve.device_number !== undefined && valve.device_number !== null)
      add(Number(valve.device_number), edges.zone[edges.numberOf.get(valve.id) ?? -1] ?? -1, valve.id)
  for (const { device_number: number, id, zone: own } of concentrators ?? [])
    add(Number(number), zones.numberOf.get(own ?? '') ?? -1, id)
  return { numbers: numbers.slice(0, count), zone: zone.slice(0, count), zones: zones.ids, assets }
}

/** Asset and zone of a device number. */
export class DeviceDirectory {
  #numbers: Float64Array
  #zone: Int32Array
  readonly #zones: ReadonlyMap<string, number>
  readonly #index: DeviceIndex
  readonly #zoneFields: readonly string[]
  readonly #assetFields: ReadonlyMap<number, string>

  constructor(columns: DeviceColumns) {
    this.#numbers = columns.numbers
    this.#zone = columns.zone
    this.#zones = new Map(columns.zones.map((zone, i) => [zone, i]))
    this.#index = new DeviceIndex(columns.numbers.length)
    for (let row = 0; row < columns.numbers.length; row++) this.#index.insertNew(row, columns.numbers)
    this.#zoneFields = columns.zones.map(textField)
    this.#assetFields = new Map([...columns.assets].map(([device, asset]) => [device, textField(asset)]))
  }

  /** Metering points that came since; those that are there stay what they are. */
  add(points: readonly Meter[]): void {
    const fresh = points.filter(({ id }) => this.find(Number(id)) < 0)
    if (fresh.length === 0) return
    const from = this.#numbers.length
    const [numbers, zone] = [new Float64Array(from + fresh.length), new Int32Array(from + fresh.length)]
    numbers.set(this.#numbers)
    zone.set(this.#zone)
    fresh.forEach((point, i) => {
      numbers[from + i] = Number(point.id)
      zone[from + i] = this.#zones.get(point.zone ?? '') ?? -1
      this.#index.insertNew(from + i, numbers)
    })
    this.#numbers = numbers
    this.#zone = zone
  }

  /** Row of a device, −1 when the archive does not know it. */
  find(device: number): number {
    return this.#index.find(device, this.#numbers)
  }

  /** Id of a known device in the network document, as a text field. */
  assetField(device: number): string {
    return this.#assetFields.get(device) ?? String(device)
  }

  /** Zone of a row, as a text field; empty for none. */
  zoneField(row: number): string {
    return this.#zoneFields[this.#zone[row] ?? -1] ?? ''
  }
}
