import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { NetworkDocument } from '@gastwin/twin'

/** Device numbers of a made city: meters count up through all zones, one gas RTU and one remote valve a zone. */
export const FIRST_METER = 181_702_000_000
export const FIRST_RTU = 900_000_000
export const FIRST_ACTUATOR = 800_000_000

/**
 * A city without streets, for tests that need many equal zones: from one gate a main through all zones; each zone hangs on it by a
 * remote valve, and has a chain of pipes to one delivery with homes and an RTU that measures pressure and gas in air.
 */
export function madeCity(zones: number, metersPerZone: number, pipesPerZone: number): NetworkDocument {
  const chain = (z: number) => [
    `B${z + 1}`,
    ...Array.from({ length: pipesPerZone - 1 }, (_, i) => `N${z + 1}-${i + 1}`),
    `C${z + 1}`,
  ]
  const each = <T>(of: (z: number) => T): T[] => Array.from({ length: zones }, (_, z) => of(z))
  const zone = (z: number) => `Z${z + 1}`
  return {
    format: 'gastwin-network/1',
    name: `${zones} equal zones`,
    time_zone: 'Asia/Shanghai',
    fluid: {
      kind: 'gas',
      density_kg_m3: 0.7,
      density_state: { pressure_pa: 101_325, temperature_k: 293.15 },
      compressibility: { law: 'constant', z: 1 },
    },
    nodes: [
      { id: 'G', kind: 'gate_station', lon: 120, lat: 30 },
      ...each((z) => ({ id: `A${z + 1}`, kind: 'junction', lon: 120 + z / 1e3, lat: 30 })),
      ...each((z) =>
        chain(z).map((id, i) => ({
          id,
          kind: i === pipesPerZone ? 'delivery' : 'junction',
          lon: 120 + z / 1e3,
          lat: 30.001 + i / 1e5,
          zone: zone(z),
        })),
      ).flat(),
    ],
    pipes: [
      ...each((z) => ({
        id: `M${z + 1}`,
        from: z === 0 ? 'G' : `A${z}`,
        to: `A${z + 1}`,
        length_m: 100,
        diameter_m: 0.3,
      })),
      ...each((z) =>
        chain(z)
          .slice(1)
          .map((to, i) => ({
            id: `P${z + 1}-${i + 1}`,
            from: chain(z)[i] ?? '',
            to,
            length_m: 20,
            diameter_m: 0.1,
            zone: zone(z),
          })),
      ).flat(),
    ],
    valves: each((z) => ({
      id: `V${z + 1}`,
      from: `A${z + 1}`,
      to: `B${z + 1}`,
      open: true,
      actuator: 'remote',
      device_number: String(FIRST_ACTUATOR + z),
    })),
    regulators: [],
    sources: [{ node: 'G', pressure_pa: 104_000 }],
    zones: each((z) => ({
      id: zone(z),
      name: zone(z),
      nominal_pressure_pa: 104_000,
      inlets: [{ edge: `V${z + 1}`, sign: 1 }],
    })),
    meters: each((z) =>
      Array.from({ length: metersPerZone }, (_, m) => ({
        id: String(FIRST_METER + z * metersPerZone + m),
        node: `C${z + 1}`,
        zone: zone(z),
        kind: 'gas' as const,
        size: 'G2.5',
        class: 'residential' as const,
        placement: 'indoor' as const,
      })),
    ).flat(),
    rtus: each((z) => ({
      id: `RTU-${z + 1}`,
      at: `node:C${z + 1}`,
      channels: ['pressure', 'gas'],
      device_number: String(FIRST_RTU + z),
      zone: zone(z),
    })),
  }
}

/** Writes a made city and returns the file. */
export async function writeMadeCity(
  dir: string,
  zones: number,
  metersPerZone: number,
  pipesPerZone = 1,
): Promise<string> {
  const file = path.join(dir, 'network.json')
  await writeFile(file, JSON.stringify(madeCity(zones, metersPerZone, pipesPerZone)))
  return file
}
