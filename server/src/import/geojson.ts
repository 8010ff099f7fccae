import { completeDocument } from '@gastwin/twin'
import { isLoose, type Loose, textIn } from './fields.ts'
import { type Imported, ImportFault, type ImportOptions, Notes } from './imported.ts'

/** Which list of the document a feature's `kind` belongs to; every other kind of a point is a node's own kind. */
const LIST_OF_KIND: Readonly<Record<string, string>> = {
  node: 'nodes',
  pipe: 'pipes',
  valve: 'valves',
  regulator: 'regulators',
  compressor: 'compressors',
  source: 'sources',
  demand: 'demands',
  zone: 'zones',
  meter: 'meters',
  rtu: 'rtus',
}
const LISTS = [...new Set(Object.values(LIST_OF_KIND))]

/**
 * A GeoJSON FeatureCollection with the property names of `gastwin-network/1` and `kind`: the same document for GIS programs. What is
 * no list (fluid, friction, time zone) stands beside `features`, or in its `properties`.
 */
export function importGeojson(json: unknown, options: ImportOptions): Imported {
  if (!isLoose(json) || !Array.isArray(json['features']))
    throw new ImportFault('no FeatureCollection: no list "features"')
  const notes = new Notes()
  const { type: _type, features, properties, crs: _crs, bbox: _bbox, ...head } = json
  const document: Record<string, unknown> = {
    format: 'gastwin-network/1',
    name: options.name,
    ...(isLoose(properties) ? properties : {}),
    ...head,
  }
  const lists = new Map<string, unknown[]>(LISTS.map((list) => [list, []]))
  features.forEach((feature: unknown, i: number) => {
    const found = rowOf(feature)
    if (found === undefined) notes.add('features without a known kind were left out', `features[${i}]`)
    else lists.get(found.list)?.push(found.row)
  })
  for (const [list, rows] of lists) {
    const beside = document[list]
    document[list] = Array.isArray(beside) ? [...(beside as unknown[]), ...rows] : rows
  }
  return { document: completeDocument(document), notes: notes.list() }
}

function rowOf(feature: unknown): { readonly list: string; readonly row: Loose } | undefined {
  if (!isLoose(feature) || !isLoose(feature['properties'])) return undefined
  const geometry = isLoose(feature['geometry']) ? feature['geometry'] : undefined
  const { kind: _kind, ...rest } = feature['properties']
  const kind = textIn(feature['properties'], 'kind')
  if (kind === undefined) return undefined
  const isPoint = geometry?.['type'] === 'Point'
  const id = rest['id'] ?? feature['id']
  const row: Record<string, unknown> = id === undefined ? rest : { id: String(id), ...rest }
  const list = LIST_OF_KIND[kind] ?? (isPoint ? 'nodes' : undefined)
  if (list === undefined) return undefined
  if (list === 'nodes') row['kind'] = rest['node_kind'] ?? (kind === 'node' ? 'junction' : kind)
  if (list === 'meters') row['kind'] = rest['meter_kind'] ?? 'gas'
  const coordinates = geometry?.['coordinates']
  if (isPoint && Array.isArray(coordinates) && (list === 'nodes' || list === 'meters')) {
    row['lon'] ??= coordinates[0]
    row['lat'] ??= coordinates[1]
  }
  if (list === 'pipes' && geometry?.['type'] === 'LineString') row['geometry'] ??= coordinates
  if (list === 'zones' && geometry?.['type'] === 'Polygon' && Array.isArray(coordinates))
    row['outline'] ??= coordinates[0]
  return { list, row }
}
