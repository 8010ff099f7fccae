import { SeededRandom, unitHash } from '../seeded-random.ts'
import { polygonCentre, type Street, streetKey } from './street-mesh.ts'
import type { StreetPlan } from './street-plan.ts'
import { crowding } from './subdivide-blocks.ts'

export type BuildingKind =
  | 'old_town'
  | 'multi_storey'
  | 'high_rise'
  | 'villa'
  | 'commercial'
  | 'industrial'
  | 'school'
  | 'hospital'

export interface Building {
  readonly id: number
  /** m east and north of the city's centre. */
  readonly x: number
  readonly y: number
  readonly street: Street
  /** Where its service pipe meets the street: 0 at corner a … 1 at corner b. */
  readonly along: number
  readonly kind: BuildingKind
  /** Household or business meters in it. */
  readonly meters: number
  /** 0 at the city's edge … 1 in the old town. */
  readonly crowd: number
}

interface Slot {
  x: number
  y: number
  street: Street
  along: number
  kind: BuildingKind
  weight: number
  crowd: number
}

/** Distance between houses along a street, m, and households in one, by kind. */
const SHAPE: Readonly<Record<'old_town' | 'multi_storey' | 'high_rise' | 'villa', { gap: number; homes: number }>> = {
  old_town: { gap: 30, homes: 7 },
  multi_storey: { gap: 44, homes: 18 },
  high_rise: { gap: 64, homes: 56 },
  villa: { gap: 36, homes: 1.6 },
}

/** Shares of all meters. */
const COMMERCIAL = 0.028
const INDUSTRIAL = 0.0016

/**
 * Puts buildings along the streets until the city has exactly the wanted number of meters.
 * @param meters households and businesses together
 * @param homesPerBuilding mean used to decide how many frontages stay empty
 */
export function placeBuildings(plan: StreetPlan, meters: number, homesPerBuilding: number): Building[] {
  const slots = frontages(plan)
  const random = new SeededRandom(plan.seed, 5)
  const industrial = Math.max(1, Math.round(meters * INDUSTRIAL))
  const schools = Math.max(1, Math.round(meters / 2600))
  const hospitals = Math.max(1, Math.round(meters / 11_000))
  const commercial = Math.max(2, Math.round(meters * COMMERCIAL))
  const special: Slot[] = []
  take('industrial', industrial, (s) => (s.kind === 'industrial' ? 1 : 0))
  take('hospital', hospitals, (s) => (s.street.class !== 'local' ? s.crowd : 0))
  take('school', schools, (s) => (s.kind === 'multi_storey' ? 0.5 : 0.05))
  const shops = Math.min(commercial, Math.ceil(slots.length * 0.06))
  const shopSlots = special.length
  take('commercial', shops, (s) => s.crowd ** 1.5 * (s.street.class === 'local' ? 0.25 : 1))
  const shopCount = special.length - shopSlots
  const homes = slots.filter((s) => s.kind in SHAPE)
  const households = meters - industrial - schools - hospitals - commercial
  const keep = Math.min(1, households / homesPerBuilding / homes.length)
  const kept = homes.filter(() => random.chance(keep))
  const total = kept.reduce((sum, s) => sum + s.weight, 0)
  const buildings: Building[] = []
  let carried = 0
  for (const s of kept) {
    carried += (s.weight / total) * households
    const count = Math.round(carried)
    carried -= count
    if (count > 0) add(s, count)
  }
  const short = households - buildings.reduce((sum, b) => sum + b.meters, 0)
  const last = buildings.pop()
  if (last !== undefined) buildings.push({ ...last, meters: last.meters + short })
  let shop = 0
  for (const s of special) {
    if (s.kind !== 'commercial') add(s, 1)
    else {
      const before = Math.round((shop * commercial) / shopCount)
      add(s, Math.round((++shop * commercial) / shopCount) - before)
    }
  }
  return buildings

  function add(s: Slot, count: number): void {
    const { x, y, street, along, kind, crowd } = s
    buildings.push({ id: buildings.length, x, y, street, along, kind, crowd, meters: count })
  }
  function take(kind: BuildingKind, count: number, wish: (s: Slot) => number): void {
    let left = count
    for (let tries = 0; left > 0 && tries < 400 * count + 10_000; tries++) {
      const i = random.below(slots.length)
      const s = slots[i]
      const eager = tries > 200 * count + 5000
      if (s === undefined || (!eager && !random.chance(wish(s)))) continue
      special.push({ ...s, kind })
      slots[i] = slots.at(-1) ?? s
      slots.pop()
      left--
    }
  }
}

function frontages(plan: StreetPlan): Slot[] {
  const slots: Slot[] = []
  const { mesh } = plan
  for (const block of mesh.blocks) {
    const use = plan.use[block.id]
    if (use !== 'homes' && use !== 'industry') continue
    const [cx, cy] = polygonCentre(mesh.points(block))
    const crowd = crowding(plan.seed, plan.radius, cx, cy)
    const kind = use === 'industry' ? 'industrial' : blockKind(plan.seed, block.id, crowd)
    const shape = kind === 'industrial' ? { gap: 120, homes: 1 } : SHAPE[kind]
    for (let i = 0; i < block.loop.length; i++) {
      const a = block.loop[i] ?? 0
      const b = block.loop[(i + 1) % block.loop.length] ?? 0
      const street = mesh.streets.get(streetKey(a, b))
      if (street === undefined) continue
      const [ax, ay] = mesh.at(a)
      const [bx, by] = mesh.at(b)
      const length = Math.hypot(bx - ax, by - ay)
      const inward = kind === 'high_rise' ? 30 : 15
      const count = Math.floor((length - 14) / shape.gap)
      for (let k = 0; k < count; k++) {
        const random = new SeededRandom(plan.seed, 6, block.id, i * 1000 + k)
        const t = (7 + (k + random.between(0.3, 0.7)) * ((length - 14) / count)) / length
        const d = inward + random.between(-3, 5)
        slots.push({
          x: ax + t * (bx - ax) - ((by - ay) / length) * d,
          y: ay + t * (by - ay) + ((bx - ax) / length) * d,
          street,
          along: street.a === a ? t : 1 - t,
          kind,
          weight: shape.homes * random.between(0.5, 1.5) * (0.5 + crowd),
          crowd,
        })
      }
    }
  }
  return slots
}

function blockKind(seed: number, block: number, crowd: number): 'old_town' | 'multi_storey' | 'high_rise' | 'villa' {
  const u = unitHash(seed, 7, block)
  if (crowd > 0.78) return u < 0.55 ? 'old_town' : u < 0.85 ? 'multi_storey' : 'high_rise'
  if (crowd > 0.35) return u < 0.55 ? 'multi_storey' : u < 0.8 ? 'high_rise' : u < 0.92 ? 'old_town' : 'villa'
  return u < 0.3 ? 'multi_storey' : u < 0.42 ? 'high_rise' : 'villa'
}
