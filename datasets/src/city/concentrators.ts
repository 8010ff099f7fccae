import type { ConcentratorRow, Meter, NetworkDocument } from '@gastwin/twin'
import type { CityTruth } from './city-truth.ts'

/** Homes behind one concentrator, and how many of them have meters of the other three kinds. */
const HOMES = 60
const ALL_KINDS = 12
const CONCENTRATOR_NUMBERS = 70_032_600_000_000
/** DL/T 645 addresses have twelve digits. */
const OTHER_NUMBERS = { water: 70_042_600_000_000, heat: 70_052_600_000_000, electricity: 500_126_000_000 } as const

/**
 * Puts compounds of a city behind concentrators: their gas meters by LoRa, and of some dwellings water, heat and electricity too,
 * through collectors. Other meters stand behind all gas meters of the document, so that rows keep their numbers.
 */
export function withConcentrators(
  network: NetworkDocument,
  truth: CityTruth,
  count: number,
): { readonly network: NetworkDocument; readonly truth: CityTruth } {
  const homes = network.meters.filter(isPlainHome)
  const concentrators: ConcentratorRow[] = []
  const others: Meter[] = []
  const taken = new Set<string>()
  for (let k = 0; k < count; k++) {
    const first = Math.floor(((k + 0.5) / count) * homes.length)
    const zone = homes[first]?.zone
    const free = homes.filter((meter, i) => i >= first && meter.zone === zone && !taken.has(meter.id))
    const gas = free.slice(0, HOMES)
    if (gas.length < ALL_KINDS) continue
    for (const { id } of gas) taken.add(id)
    const id = `CON-${k + 1}`
    const added = gas.slice(0, ALL_KINDS).flatMap((meter, i) => otherMeters(meter, k * ALL_KINDS + i))
    others.push(...added)
    concentrators.push({
      id,
      device_number: String(CONCENTRATOR_NUMBERS + k),
      zone: zone ?? null,
      lon: gas[0]?.lon ?? null,
      lat: gas[0]?.lat ?? null,
      uplink: k % 3 === 2 ? 'lan' : 'cellular',
      collectors: [
        { id: `${id}-M`, interface: 'm_bus' },
        { id: `${id}-R`, interface: 'rs_485' },
      ],
      meters: [
        ...gas.map((meter) => ({ meter: meter.id, protocol: 'cjt188' as const, interface: 'lora' as const })),
        ...added.map((meter) =>
          meter.kind === 'electricity'
            ? { meter: meter.id, protocol: 'dlt645' as const, collector: `${id}-R` }
            : { meter: meter.id, protocol: 'cjt188' as const, collector: `${id}-M` },
        ),
      ],
    })
  }
  const more = <T>(known: readonly T[], value: T): T[] => [...known, ...others.map(() => value)]
  const { meters } = truth
  return {
    network: { ...network, meters: [...network.meters, ...others], concentrators },
    truth: {
      ...truth,
      meters: meters && { gain: more(meters.gain, 1), profile: more(meters.profile, 0), scale: more(meters.scale, 0) },
    },
  }
}

const isPlainHome = (meter: Meter): boolean =>
  meter.class === 'residential' && meter.read_schedule === 'daily' && (meter.profile ?? null) === null

function otherMeters({ node, zone, lon, lat }: Meter, serial: number): Meter[] {
  const kinds = ['water', 'heat', 'electricity'] as const
  const place = { node, zone: zone ?? null, lon: lon ?? null, lat: lat ?? null }
  return kinds.map((kind) => ({ id: String(OTHER_NUMBERS[kind] + serial), kind, read_schedule: 'daily', ...place }))
}
