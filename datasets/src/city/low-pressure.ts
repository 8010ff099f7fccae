import { SeededRandom, unitHash } from '../seeded-random.ts'
import type { Building } from './buildings.ts'
import type { NetworkDraft } from './network-draft.ts'
import type { Point, Street } from './street-mesh.ts'
import type { StreetPlan } from './street-plan.ts'

export interface LowPressure {
  /** Node of each building by building id; −1 when it has none (medium-pressure customers). */
  readonly tapOf: Int32Array
  /** Node of a district at a street corner. */
  readonly cornerNode: ReadonlyMap<string, number>
  /** Corners of each district that carry mains. */
  readonly cornersOf: ReadonlyMap<string, readonly number[]>
}

export const zoneId = (index: number): string => `Z${String(index + 1).padStart(2, '0')}`

/** Houses nearer to each other along the street than this share a tap, m. */
const TAP_M = 26

/**
 * Lays low-pressure mains under the streets of every district, with a tap for each group of houses, manual valves at some
 * corners, and a few closed valves where two districts meet.
 * @param districtOf district of each block, −1 on water
 */
export function layLowPressure(
  draft: NetworkDraft,
  plan: StreetPlan,
  districtOf: Int32Array,
  buildings: readonly Building[],
): LowPressure {
  const housesOn = new Map<Street, Building[]>()
  for (const b of buildings) if (b.kind !== 'industrial') push(housesOn, b.street, b)
  const mains = usefulStreets(plan, districtOf, housesOn)
  const cornerNode = new Map<string, number>()
  const cornersOf = new Map<string, number[]>()
  const tapOf = new Int32Array(buildings.length).fill(-1)
  const busy = new Map<string, number>()
  for (const [street, zone] of mains)
    for (const v of [street.a, street.b]) busy.set(`${v}/${zone}`, (busy.get(`${v}/${zone}`) ?? 0) + 1)
  const corner = (v: number, zone: string): number => {
    const key = `${v}/${zone}`
    let node = cornerNode.get(key)
    if (node === undefined) {
      node = draft.addNode('junction', plan.mesh.at(v), zone)
      cornerNode.set(key, node)
      push(cornersOf, zone, v)
    }
    return node
  }
  let pieces = 0
  for (const [street, zone] of mains) {
    const [a, b] = [plan.mesh.at(street.a), plan.mesh.at(street.b)]
    const length = Math.hypot(b[0] - a[0], b[1] - a[1])
    const at = (t: number): Point => [a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])]
    let last = corner(street.a, zone)
    const crossing = (busy.get(`${street.a}/${zone}`) ?? 0) > 2
    if (crossing && length > 40 && unitHash(plan.seed, 9, pieces++) < 0.12) {
      const near = draft.addNode('junction', at(5 / length), zone)
      const far = draft.addNode('junction', at(5 / length), zone)
      draft.addPipe(last, near, [], zone)
      draft.addValve(near, far, zone, false)
      last = far
    }
    for (const group of tapGroups(housesOn.get(street) ?? [], length)) {
      const mean = group.reduce((sum, h) => sum + h.along, 0) / group.length
      const tap = draft.addNode('delivery', at(Math.min(1 - 2 / length, Math.max(7 / length, mean))), zone)
      for (const h of group) tapOf[h.id] = tap
      draft.addPipe(last, tap, [], zone)
      last = tap
    }
    draft.addPipe(last, corner(street.b, zone), [], zone)
  }
  joinDistrictsClosed(draft, cornerNode)
  return { tapOf, cornerNode, cornersOf }
}

function usefulStreets(
  plan: StreetPlan,
  districtOf: Int32Array,
  houses: ReadonlyMap<Street, unknown>,
): Map<Street, string> {
  const mains = new Map<Street, string>()
  const around = new Map<string, Street[]>()
  for (const street of plan.mesh.streets.values()) {
    const zone = mainDistrict(plan.seed, street, districtOf)
    if (zone < 0) continue
    mains.set(street, zoneId(zone))
    push(around, `${street.a}/${zoneId(zone)}`, street)
    push(around, `${street.b}/${zoneId(zone)}`, street)
  }
  const open = [...mains.keys()]
  for (let street = open.pop(); street !== undefined; street = open.pop()) {
    const zone = mains.get(street)
    if (zone === undefined || houses.has(street)) continue
    const ends = [`${street.a}/${zone}`, `${street.b}/${zone}`]
    if (ends.every((key) => (around.get(key)?.length ?? 0) > 1)) continue
    mains.delete(street)
    for (const key of ends) {
      const rest = (around.get(key) ?? []).filter((s) => s !== street)
      around.set(key, rest)
      open.push(...rest)
    }
  }
  return mains
}

/** A street between two districts carries the main of one of them, the same all along their border. */
function mainDistrict(seed: number, street: Street, districtOf: Int32Array): number {
  const [p, q] = street.blocks.map((b) => (b < 0 ? -1 : (districtOf[b] ?? -1)))
  if (p === undefined || q === undefined) return -1
  if (p < 0 || q < 0) return Math.max(p, q)
  return p === q || unitHash(seed, 10, Math.min(p, q), Math.max(p, q)) < 0.5 ? Math.min(p, q) : Math.max(p, q)
}

function tapGroups(houses: readonly Building[], length: number): Building[][] {
  const groups: Building[][] = []
  for (const h of [...houses].sort((p, q) => p.along - q.along)) {
    const group = groups.at(-1)
    const first = group?.[0]
    if (group !== undefined && first !== undefined && (h.along - first.along) * length < TAP_M) group.push(h)
    else groups.push([h])
  }
  return groups
}

function joinDistrictsClosed(draft: NetworkDraft, cornerNode: ReadonlyMap<string, number>): void {
  const random = new SeededRandom(draft.seed, 11)
  const atCorner = new Map<string, [string, number][]>()
  for (const [key, node] of cornerNode) {
    const [v, zone] = key.split('/')
    push(atCorner, v ?? '', [zone ?? '', node])
  }
  const made = new Map<string, number>()
  for (const meeting of atCorner.values()) {
    const [p, q] = meeting
    if (p === undefined || q === undefined || !random.chance(0.15)) continue
    const border = `${p[0]}|${q[0]}`
    const count = made.get(border) ?? 0
    if (count >= 2) continue
    made.set(border, count + 1)
    draft.addValve(p[1], q[1], p[0], false, false)
  }
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key)
  if (list === undefined) map.set(key, [value])
  else list.push(value)
}
