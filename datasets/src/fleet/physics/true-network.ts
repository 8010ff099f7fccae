import {
  type Network,
  type NetworkDocument,
  type NetworkNode,
  NetworkParts,
  PeerDataError,
  type Pipe,
} from '@gastwin/twin'
import type { CityTruth } from '../../city/city-truth.ts'

/** Where a hole can come into being: a pipe and how far along it, 0 … 1. */
export interface HoleSite {
  readonly pipe: string
  readonly share: number
}

/** The network as it really is, with a node at every hole. */
export interface TrueNetwork {
  readonly network: Network
  /** Node number of each hole, in the order asked for. */
  readonly holes: readonly number[]
}

/**
 * Turns what the utility believes into what is: real roughness and diameter of every pipe, and pipes cut in two where a hole
 * will be (the first half keeps the name).
 * @throws PeerDataError NET_DOCUMENT when the document is not sound or the truth belongs to another one
 */
export function buildTrueNetwork(document: NetworkDocument, truth: CityTruth, sites: readonly HoleSite[]): TrueNetwork {
  const { roughness_factor: rough, diameter_factor: narrow } = truth.pipes
  if (rough.length !== document.pipes.length)
    throw new PeerDataError('NET_DOCUMENT', 'truth and network do not belong together', {
      pipes: document.pipes.length,
    })
  const nodes: NetworkNode[] = [...document.nodes]
  const at = new Map(document.nodes.map((n) => [n.id, n]))
  const pipes: Pipe[] = document.pipes.map((p, i) => ({
    ...p,
    geometry: null,
    roughness_m: (p.roughness_m ?? 1e-4) * (rough[i] ?? 1),
    diameter_m: p.diameter_m * (narrow[i] ?? 1),
  }))
  const holes = sites.map(({ pipe: id, share }, k) => {
    const i = pipes.findIndex((p) => p.id === id)
    const pipe = pipes[i]
    if (pipe === undefined) throw new PeerDataError('NET_DOCUMENT', `no pipe ${id}`, { pipe: id })
    const [a, b] = [at.get(pipe.from), at.get(pipe.to)]
    const between = (p?: number | null, q?: number | null): number => (p ?? 0) + share * ((q ?? 0) - (p ?? 0))
    const hole: NetworkNode = {
      id: `hole-${k + 1}`,
      kind: 'junction',
      lon: between(a?.lon, b?.lon),
      lat: between(a?.lat, b?.lat),
      height_m: between(a?.height_m, b?.height_m),
      zone: pipe.zone ?? null,
    }
    nodes.push(hole)
    at.set(hole.id, hole)
    pipes[i] = { ...pipe, to: hole.id, length_m: pipe.length_m * share }
    pipes.push({ ...pipe, id: `${id}/${k + 1}`, from: hole.id, length_m: pipe.length_m * (1 - share) })
    return nodes.length - 1
  })
  const nobody = { meters: [], concentrators: [], demands: [], basemap: null }
  const parts = new NetworkParts({ ...document, nodes, pipes, ...nobody })
  const built = parts.finish()
  if (!built.ok)
    throw new PeerDataError('NET_DOCUMENT', 'the true network is not sound', { faults: built.faults.slice(0, 3) })
  return { network: built.network, holes }
}
