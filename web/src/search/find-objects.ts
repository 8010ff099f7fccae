import type { MapGeometry } from '../map/geometry.ts'
import type { Selection } from '../state/selection.ts'

export interface Found {
  readonly selection: Selection
  readonly name: string
}

/** Objects of the map whose id or name holds the words, best first: a beginning beats a middle, few letters beat many. */
export function findObjects(words: string, geometry: MapGeometry, most: number): readonly Found[] {
  const wanted = words.trim().toLowerCase()
  if (wanted === '') return []
  const { meta } = geometry
  const found: { readonly rank: number; readonly found: Found }[] = []
  const take = (kind: Selection['kind'], id: string, name: string) => {
    const at = Math.min(...[id, name].map((text) => text.toLowerCase().indexOf(wanted)).map((i) => (i < 0 ? 1e6 : i)))
    if (at < 1e6) found.push({ rank: at * 1000 + id.length, found: { selection: { kind, id }, name } })
  }
  for (const zone of meta.zones) take('zone', zone.id, zone.name)
  for (const id of meta.rtu_ids) take('rtu', id, '')
  for (const station of meta.stations) take('station', station.id, '')
  for (const id of meta.valve_ids) take('valve', id, '')
  for (const id of meta.pipe_ids) take('pipe', id, '')
  return found
    .sort((a, b) => a.rank - b.rank)
    .slice(0, most)
    .map((f) => f.found)
}
