/** The growing street plan: corners, street pieces between them, and the blocks they enclose. Metres, x east, y north. */

export type StreetClass = 'arterial' | 'collector' | 'local'

/** Position in metres. */
export type Point = readonly [x: number, y: number]

export interface Street {
  readonly a: number
  readonly b: number
  readonly class: StreetClass
  /** Blocks on its sides; −1 outside the city. */
  blocks: [number, number]
}

export interface Block {
  readonly id: number
  /** Corner indices, counter-clockwise. */
  loop: number[]
  neighbourhood: number
}

const KEY = 2 ** 26

/** Key of the street between two corners, whatever the order. */
export function streetKey(a: number, b: number): number {
  return a < b ? a * KEY + b : b * KEY + a
}

export class StreetMesh {
  readonly x: number[] = []
  readonly y: number[] = []
  readonly streets = new Map<number, Street>()
  readonly blocks: Block[] = []

  addCorner(x: number, y: number): number {
    this.x.push(x)
    this.y.push(y)
    return this.x.length - 1
  }

  at(corner: number): Point {
    return [this.x[corner] ?? 0, this.y[corner] ?? 0]
  }

  distance(a: number, b: number): number {
    const [ax, ay] = this.at(a)
    const [bx, by] = this.at(b)
    return Math.hypot(bx - ax, by - ay)
  }

  points(block: Block): Point[] {
    return block.loop.map((corner) => this.at(corner))
  }

  addBlock(loop: number[], neighbourhood: number): Block {
    const block = { id: this.blocks.length, loop, neighbourhood }
    this.blocks.push(block)
    return block
  }

  /** Puts a corner into a street; the blocks on both sides get it too. */
  splitStreet(a: number, b: number, x: number, y: number): number {
    const street = this.streets.get(streetKey(a, b))
    if (street === undefined) throw new RangeError(`no street between corners ${a} and ${b}`)
    const corner = this.addCorner(x, y)
    this.streets.delete(streetKey(a, b))
    this.streets.set(streetKey(a, corner), { a, b: corner, class: street.class, blocks: [...street.blocks] })
    this.streets.set(streetKey(corner, b), { a: corner, b, class: street.class, blocks: [...street.blocks] })
    // A street inside a block stands in its outline twice, once in each direction.
    for (const id of new Set(street.blocks)) {
      const loop = this.blocks[id]?.loop
      if (loop === undefined) continue
      for (let i = 0; i < loop.length; i++) {
        const here = loop[i]
        const next = loop[(i + 1) % loop.length]
        if ((here !== a || next !== b) && (here !== b || next !== a)) continue
        loop.splice(i + 1, 0, corner)
        i++
      }
    }
    return corner
  }

  /** Cuts a block in two by a street between two of its corners; returns the block split off. */
  splitBlock(block: Block, a: number, b: number, streetClass: StreetClass): Block {
    const i = block.loop.indexOf(a)
    const loop = [...block.loop.slice(i), ...block.loop.slice(0, i)]
    const j = loop.indexOf(b)
    const other = this.addBlock([...loop.slice(j), a], block.neighbourhood)
    block.loop = loop.slice(0, j + 1)
    this.streets.set(streetKey(a, b), { a, b, class: streetClass, blocks: [block.id, other.id] })
    for (let k = 0; k + 1 < other.loop.length; k++) {
      const street = this.streets.get(streetKey(other.loop[k] ?? -1, other.loop[k + 1] ?? -1))
      if (street === undefined) continue
      if (street.blocks[0] === block.id) street.blocks[0] = other.id
      else if (street.blocks[1] === block.id) street.blocks[1] = other.id
    }
    return other
  }
}

/** Signed area, m²; positive when counter-clockwise. */
export function polygonArea(points: readonly Point[]): number {
  let twice = 0
  for (let i = 0; i < points.length; i++) {
    const [ax, ay] = points[i] ?? [0, 0]
    const [bx, by] = points[(i + 1) % points.length] ?? [0, 0]
    twice += ax * by - bx * ay
  }
  return twice / 2
}

/** Centroid of a polygon. */
export function polygonCentre(points: readonly Point[]): Point {
  const [ox, oy] = points[0] ?? [0, 0]
  let twice = 0
  let sx = 0
  let sy = 0
  for (let i = 0; i < points.length; i++) {
    const [px, py] = points[i] ?? [0, 0]
    const [qx, qy] = points[(i + 1) % points.length] ?? [0, 0]
    const cross = (px - ox) * (qy - oy) - (qx - ox) * (py - oy)
    twice += cross
    sx += (px - ox + qx - ox) * cross
    sy += (py - oy + qy - oy) * cross
  }
  if (Math.abs(twice) < 1e-9) return [ox, oy]
  return [ox + sx / (3 * twice), oy + sy / (3 * twice)]
}
