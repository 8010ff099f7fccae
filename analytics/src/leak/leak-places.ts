import type { Network } from '@gastwin/twin'

/** Length of pipe that one place stands for, m. */
const SPACING_M = 40

/** Places where a leak may be: pipes cut into pieces, each by its middle. */
export interface LeakPlaces {
  readonly count: number
  /** Edge number of the pipe, place along it as a share, metres it stands for, zone. */
  readonly pipe: Int32Array
  readonly share: Float64Array
  readonly metres: Float64Array
  readonly zone: Int32Array
}

/** @param spacingM length of pipe that one place stands for; Infinity for one place a pipe */
export function leakPlaces(network: Network, spacingM = SPACING_M): LeakPlaces {
  const { edges, nodes, document } = network
  const pipe: number[] = []
  const share: number[] = []
  const metres: number[] = []
  const zone: number[] = []
  for (let edge = 0; edge < document.pipes.length; edge++) {
    const length = edges.lengthM[edge] ?? 0
    const pieces = Math.max(1, Math.min(12, Math.round(length / spacingM)))
    const at = edges.zone[edge] ?? -1
    const own = at >= 0 ? at : (nodes.zone[edges.to[edge] ?? -1] ?? -1)
    for (let i = 0; i < pieces; i++) {
      pipe.push(edge)
      share.push((i + 0.5) / pieces)
      metres.push(Math.max(length, 1) / pieces)
      zone.push(own)
    }
  }
  return {
    count: pipe.length,
    pipe: Int32Array.from(pipe),
    share: Float64Array.from(share),
    metres: Float64Array.from(metres),
    zone: Int32Array.from(zone),
  }
}
