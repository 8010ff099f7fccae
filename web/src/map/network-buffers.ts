import type { LayerName } from '@gastwin/server/contract'
import { Buffer, type Device } from '@luma.gl/core'
import type { MapMirror } from '../live/mirror.ts'
import type { MapGeometry } from './geometry.ts'

export const TIERS = [0, 1, 2] as const

/** Attributes of one LineLayer of pipes: the segments of one pressure tier. */
export interface PipeTier {
  readonly tier: number
  readonly length: number
  readonly segmentPipe: Uint32Array
  readonly positions: Buffer
  /** px at the reference zoom. */
  readonly widths: Buffer
  readonly states: Buffer
  readonly staging: Uint8Array
  /** Shade byte per segment, for the modes that show the estimate. */
  readonly shades: Buffer
}

/**
 * What lies on the graphics card: positions once, and one state byte per object that is written over when it changes.
 * Nothing here is a layer: layers come and go with the zoom, the buffers stay.
 */
export interface NetworkBuffers {
  readonly pipes: readonly PipeTier[]
  readonly meters: { readonly positions: Buffer; readonly states: Buffer }
  readonly rtus: { readonly positions: Buffer; readonly states: Buffer; readonly kinds: Buffer }
  readonly valves: { readonly positions: Buffer; readonly states: Buffer; readonly kinds: Buffer }
  readonly stations: { readonly positions: Buffer; readonly states: Buffer; readonly kinds: Buffer }
  readonly streets: readonly { readonly class: number; readonly length: number; readonly positions: Buffer }[]
  /** Brings what changed in the mirror onto the card. @returns layers written, for one redraw when any */
  upload(mirror: MapMirror): readonly LayerName[]
  /** @param shades one byte per pipe */
  uploadShades(shades: Uint8Array): void
  readonly uploadedBytes: () => number
  destroy(): void
}

export function createNetworkBuffers(device: Device, geometry: MapGeometry, mirror: MapMirror): NetworkBuffers {
  const all: Buffer[] = []
  const make = (data: Float32Array | Uint8Array): Buffer => {
    const bytes = Math.max(4, (data.byteLength + 3) & ~3)
    const buffer = device.createBuffer({ byteLength: bytes, usage: Buffer.VERTEX | Buffer.COPY_DST })
    if (data.byteLength > 0) buffer.write(data)
    all.push(buffer)
    return buffer
  }
  const pipes = TIERS.map((tier) => pipeTier(geometry, mirror, tier, make))
  const stationKinds = Uint8Array.from(geometry.meta.stations, (s) => (s.kind === 'gate_station' ? 0 : 1))
  const buffers = {
    pipes,
    meters: { positions: make(geometry.meters.xy), states: make(mirror.states('meters')) },
    rtus: {
      positions: make(geometry.rtus.xy),
      states: make(mirror.states('rtus')),
      kinds: make(new Uint8Array(geometry.sizes.rtus)),
    },
    valves: {
      positions: make(geometry.valves.xy),
      states: make(mirror.states('valves')),
      kinds: make(geometry.valves.remote),
    },
    stations: {
      positions: make(geometry.stations.xy),
      states: make(new Uint8Array(stationKinds.length)),
      kinds: make(stationKinds),
    },
    streets: [2, 1, 0].map((kind) => {
      const xy = pickStreets(geometry, kind)
      return { class: kind, length: xy.length / 4, positions: make(xy) }
    }),
  }
  let uploaded = 0
  const write = (buffer: Buffer, states: Uint8Array, [from, to]: readonly [number, number]) => {
    const rows = states.subarray(from, to)
    buffer.write(rows, from)
    uploaded += rows.byteLength
  }
  return {
    ...buffers,
    upload(current) {
      const written: LayerName[] = []
      for (const name of ['meters', 'rtus', 'valves'] as const) {
        const range = current.takeDirty(name)
        if (range === undefined) continue
        write(buffers[name].states, current.states(name), range)
        written.push(name)
      }
      if (current.takeDirty('pipes') !== undefined) {
        for (const tier of pipes) {
          spread(current.states('pipes'), tier.segmentPipe, tier.staging)
          write(tier.states, tier.staging, [0, tier.length])
        }
        written.push('pipes')
      }
      if (current.takeDirty('zones') !== undefined) written.push('zones')
      return written
    },
    uploadShades(shades) {
      for (const tier of pipes) {
        const bySegment = new Uint8Array(tier.length)
        spread(shades, tier.segmentPipe, bySegment)
        write(tier.shades, bySegment, [0, tier.length])
      }
    },
    uploadedBytes: () => uploaded,
    destroy() {
      for (const buffer of all) buffer.destroy()
    },
  }
}

function pipeTier(
  geometry: MapGeometry,
  mirror: MapMirror,
  tier: number,
  make: (data: Float32Array | Uint8Array) => Buffer,
): PipeTier {
  const { segments, segmentPipe, diameter, tier: tiers } = geometry.pipes
  const chosen: number[] = []
  for (let s = 0; s < segmentPipe.length; s++) if ((tiers[segmentPipe[s] as number] ?? 0) === tier) chosen.push(s)
  const positions = new Float32Array(chosen.length * 4)
  const widths = new Float32Array(chosen.length)
  const pipeOf = new Uint32Array(chosen.length)
  for (const [i, s] of chosen.entries()) {
    const pipe = segmentPipe[s] as number
    positions.set(segments.subarray(4 * s, 4 * s + 4), 4 * i)
    widths[i] = widthOf(tier, diameter[pipe] ?? 0)
    pipeOf[i] = pipe
  }
  const staging = new Uint8Array(chosen.length)
  spread(mirror.states('pipes'), pipeOf, staging)
  return {
    tier,
    length: chosen.length,
    segmentPipe: pipeOf,
    positions: make(positions),
    widths: make(widths),
    states: make(staging),
    staging,
    shades: make(new Uint8Array(chosen.length)),
  }
}

/** Mains look like mains: by tier first, then by diameter (m). */
function widthOf(tier: number, diameter: number): number {
  return 0.9 + tier * 0.7 + Math.min(1.6, diameter * 3.2)
}

function spread(states: Uint8Array, segmentPipe: Uint32Array, out: Uint8Array): void {
  for (let i = 0; i < segmentPipe.length; i++) out[i] = states[segmentPipe[i] as number] as number
}

function pickStreets(geometry: MapGeometry, kind: number): Float32Array {
  const { xy, class: classes } = geometry.streets
  const out: number[] = []
  for (let s = 0; s < classes.length; s++)
    if (Math.min(2, classes[s] ?? 2) === kind) out.push(...xy.subarray(4 * s, 4 * s + 4))
  return Float32Array.from(out)
}
