import type { NetworkNode } from '@gastwin/twin'
import { toLonLat } from './projection.ts'
import { smoothNoise } from './smooth-noise.ts'
import type { Point } from './street-mesh.ts'

export type MediumPressure = 'MP'
export const MP = 'MP' satisfies MediumPressure

export interface DraftNode {
  readonly index: number
  readonly id: string
  readonly kind: NetworkNode['kind']
  readonly at: Point
  readonly height: number
  /** District id, or MP. */
  readonly zone: string
  /** Design hour flow taken out here, m³/s at the reference state. */
  demand: number
}

export interface DraftPipe {
  readonly id: string
  readonly from: number
  readonly to: number
  readonly length: number
  readonly zone: string
  /** Inner diameter, m; 0 until sized. */
  diameter: number
  readonly via: readonly Point[]
  readonly minimum: number
}

export interface DraftLink {
  readonly id: string
  readonly from: number
  readonly to: number
  readonly zone: string
}

export interface DraftValve extends DraftLink {
  readonly open: boolean
  readonly remote: boolean
}

/** The gas network while it is being laid out: nodes by index, edges by node index. */
export class NetworkDraft {
  readonly seed: number
  readonly nodes: DraftNode[] = []
  readonly pipes: DraftPipe[] = []
  readonly valves: DraftValve[] = []
  readonly regulators: DraftLink[] = []

  constructor(seed: number) {
    this.seed = seed
  }

  addNode(kind: NetworkNode['kind'], at: Point, zone: string): number {
    const index = this.nodes.length
    const id = `N${String(index + 1).padStart(5, '0')}`
    this.nodes.push({ index, id, kind, at, height: terrain(this.seed, at), zone, demand: 0 })
    return index
  }

  node(index: number): DraftNode {
    const node = this.nodes[index]
    if (node === undefined) throw new RangeError(`no node ${index}`)
    return node
  }

  /** @param via corners passed between the ends; @param minimum least inner diameter, m */
  addPipe(from: number, to: number, via: readonly Point[], zone: string, minimum = 0, id?: string): DraftPipe {
    const line = [this.node(from).at, ...via, this.node(to).at]
    const length = Math.max(1, lineLength(line))
    const pipe = {
      id: id ?? `P${String(this.pipes.length + 1).padStart(5, '0')}`,
      from,
      to,
      length,
      zone,
      via,
      minimum,
      diameter: 0,
    }
    this.pipes.push(pipe)
    return pipe
  }

  addValve(from: number, to: number, zone: string, remote: boolean, open = true): DraftValve {
    const valve = { id: `V-${String(this.valves.length + 1).padStart(4, '0')}`, from, to, zone, remote, open }
    this.valves.push(valve)
    return valve
  }

  addRegulator(from: number, to: number, zone: string): DraftLink {
    const regulator = { id: `REG-${String(this.regulators.length + 1).padStart(3, '0')}`, from, to, zone }
    this.regulators.push(regulator)
    return regulator
  }
}

/** Gently rolling ground, m above sea level. */
export function terrain(seed: number, [x, y]: Point): number {
  return Math.round((64 + 9 * smoothNoise(seed + 91, x / 1500, y / 1500)) * 10) / 10
}

export function lineLength(line: readonly Point[]): number {
  let length = 0
  for (let i = 0; i + 1 < line.length; i++) {
    const [p, q] = [line[i], line[i + 1]]
    if (p !== undefined && q !== undefined) length += Math.hypot(q[0] - p[0], q[1] - p[1])
  }
  return length
}

export function nodeDocument(node: DraftNode): NetworkNode {
  const [lon, lat] = toLonLat(node.at)
  return { id: node.id, kind: node.kind, lon, lat, height_m: node.height, zone: node.zone }
}
