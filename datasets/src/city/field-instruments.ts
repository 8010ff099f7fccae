import type { Rtu } from '@gastwin/twin'
import { SeededRandom } from '../seeded-random.ts'
import { MP } from './network-draft.ts'
import type { NetworkLayout } from './network-layout.ts'
import { type Arc, shortestPaths } from './shortest-path.ts'

const RTU_NUMBERS = 70_012_600_000_000
const VALVE_NUMBERS = 70_022_600_000_000

export interface Instruments {
  readonly rtus: readonly Rtu[]
  /** 14-digit device number of a remote valve. */
  readonly valveNumber: (id: string) => string
}

/**
 * RTUs where a utility has them: every gate and regulator station, the far ends of each district, and some valve wells on the
 * trunks, which also watch for gas.
 */
export function placeInstruments({ draft, medium, useless }: Omit<NetworkLayout, 'zones'>): Instruments {
  const rtus: Rtu[] = []
  const add = (at: string, zone: string, channels: Rtu['channels'], span: number, sample: 'instant' | 'mean'): void => {
    const serial = rtus.length + 1
    rtus.push({
      id: `RTU-${String(serial).padStart(3, '0')}`,
      at,
      channels,
      span_pa: span,
      sample,
      device_number: String(RTU_NUMBERS + serial),
      zone,
    })
  }
  for (const gate of medium.gates) add(gate.edge, MP, ['pressure', 'flow', 'temperature'], 600_000, 'mean')
  for (const s of medium.stations) add(s.edge, s.zone, ['pressure', 'flow', 'temperature'], 10_000, 'mean')
  for (const node of farEnds()) add(draft.node(node).id, draft.node(node).zone, ['pressure'], 10_000, 'instant')
  const random = new SeededRandom(draft.seed, 20)
  const wells = [...medium.wells]
    .sort(() => random.next() - 0.5)
    .slice(0, Math.max(3, Math.round(medium.wells.length * 0.3)))
  for (const well of wells.sort((p, q) => p.node - q.node))
    add(draft.node(well.node).id, MP, ['pressure', 'gas'], 600_000, 'instant')
  return { rtus, valveNumber: (id) => String(VALVE_NUMBERS + Number(id.slice(2))) }

  function farEnds(): number[] {
    const arcs: Arc[][] = draft.nodes.map(() => [])
    const join = (e: { from: number; to: number }, length: number): void => {
      arcs[e.from]?.push({ to: e.to, length, edge: 0 })
      arcs[e.to]?.push({ to: e.from, length, edge: 0 })
    }
    for (const p of draft.pipes) if (p.zone !== MP) join(p, p.length)
    for (const v of draft.valves) if (v.open && v.zone !== MP) join(v, 0.1)
    const stations = medium.stations.map((s) => s.outletNode)
    const ends: number[] = []
    for (const zone of new Set(medium.stations.map((s) => s.zone))) {
      for (let k = 0; k < 2; k++) {
        const tree = shortestPaths(arcs, [...stations, ...ends])
        let far = -1
        for (const n of draft.nodes) {
          const d = tree.distance[n.index] ?? Infinity
          if (n.zone === zone && n.kind === 'delivery' && !useless.has(n.index) && d < Infinity)
            if (far < 0 || d > (tree.distance[far] ?? 0)) far = n.index
        }
        if (far >= 0) ends.push(far)
      }
    }
    return ends
  }
}
