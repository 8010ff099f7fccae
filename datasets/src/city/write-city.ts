import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Meter } from '@gastwin/twin'
import type { CityTruth } from './city-truth.ts'
import { withConcentrators } from './concentrators.ts'
import { type City, type CityOptions, deliveredProfile, generateCity, meterDocument } from './generate-city.ts'
import { writeMeterColumns } from './meter-columns.ts'

/** Up to this many meters stand in the document itself; beyond, they are written as columns beside it. */
export const LARGEST_INLINE_METERS = 200_000

/** A whole city in memory: document with meters, and its truth. */
export function buildCity(options: CityOptions): { readonly network: City['network']; readonly truth: CityTruth } {
  const city = generateCity(options)
  const meters: Meter[] = []
  const truth = { gain: [] as number[], profile: [] as number[], scale: [] as number[] }
  for (const row of city.rows()) {
    const profile = deliveredProfile(row)
    meters.push(profile === null ? meterDocument(row) : { ...meterDocument(row), profile })
    truth.gain.push(row.gain)
    truth.profile.push(row.profile)
    truth.scale.push(row.scale)
  }
  const network = { ...city.network, meters }
  const known: CityTruth = {
    format: 'gastwin-truth/1',
    seed: options.seed,
    pipes: city.pipes,
    meters: truth,
    thieves: [],
  }
  const count = options.concentrators ?? 0
  return count === 0 ? { network, truth: known } : withConcentrators(network, known, count)
}

/** Writes `network.json` and `truth.json` (and meter columns for large cities) into a folder. */
export function writeCity(folder: string, options: CityOptions): { readonly nodes: number; readonly pipes: number } {
  mkdirSync(folder, { recursive: true })
  const save = (name: string, value: unknown): void => writeFileSync(join(folder, name), JSON.stringify(value))
  if (options.meters <= LARGEST_INLINE_METERS) {
    const { network, truth } = buildCity(options)
    save('network.json', network)
    save('truth.json', truth)
    return { nodes: network.nodes.length, pipes: network.pipes.length }
  }
  const city = generateCity(options)
  const meters_file = writeMeterColumns(join(folder, 'meters'), join(folder, 'meters-truth'), city.network, city.rows())
  save('network.json', { ...city.network, meters_file })
  save('truth.json', {
    format: 'gastwin-truth/1',
    seed: options.seed,
    pipes: city.pipes,
    meters: null,
    thieves: [],
  } satisfies CityTruth)
  return { nodes: city.network.nodes.length, pipes: city.network.pipes.length }
}
