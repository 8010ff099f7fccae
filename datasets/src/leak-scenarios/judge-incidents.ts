import type { Network } from '@gastwin/twin'
import type { LeakScenario } from './leak-scenario.ts'

/** What a judge needs of an incident; structurally that of the leak engine. */
export interface JudgedIncident {
  readonly kind: string
  readonly state: string
  readonly zone: string
  readonly detectedAt: number | undefined
  readonly candidates: readonly { readonly pipe: string; readonly probability: number }[]
  readonly standardFlow: { readonly p05: number; readonly p50: number; readonly p95: number }
}

export interface Judgement {
  readonly found: boolean
  /** Hours from the begin of the leak; NaN when it was not found. */
  readonly delayH: number
  /** Alarms that were not the leak: standing at the end, and withdrawn before. */
  readonly falseAlarms: number
  readonly withdrawn: number
  readonly weeks: number
  /** Place of the true pipe in the list (1 first), metres along pipes from the first pipe's middle to the hole, metres to search. */
  readonly rank: number
  readonly distanceM: number
  readonly searchM: number
  /** Whether the true pipe lies in the smallest set of pipes with 90 %, and metres of that set. */
  readonly covered: boolean
  readonly regionM: number
  readonly sizeCovered: boolean
  readonly sizeError: number
}

export function judgeIncidents(scenario: LeakScenario, incidents: readonly JudgedIncident[]): Judgement {
  const [event] = scenario.events
  const alarms = incidents.filter((incident) => incident.detectedAt !== undefined)
  const isHit = (incident: JudgedIncident): boolean =>
    event !== undefined && incident.zone === event.zone && (incident.detectedAt ?? 0) >= event.started_at
  const hits = alarms.filter((incident) => isHit(incident) && incident.state !== 'dismissed')
  const wrong = alarms.filter((incident) => !isHit(incident))
  const weeks = (scenario.to - scenario.from) / (7 * 86_400_000)
  const [hit] = hits
  const none = {
    falseAlarms: wrong.filter((incident) => incident.state !== 'dismissed').length,
    withdrawn: wrong.filter((incident) => incident.state === 'dismissed').length,
    weeks,
    found: false,
    delayH: Number.NaN,
    rank: Number.NaN,
    distanceM: Number.NaN,
    searchM: Number.NaN,
    covered: false,
    regionM: Number.NaN,
    sizeCovered: false,
    sizeError: Number.NaN,
  }
  if (hit === undefined || event === undefined) return none
  const { network } = scenario
  const length = (pipe: string): number => network.edges.lengthM[network.edges.numberOf.get(pipe) ?? -1] ?? 0
  let searchM = 0
  let rank = 0
  let seen = false
  for (const [i, { pipe }] of hit.candidates.entries()) {
    if (pipe === event.pipe) {
      seen = true
      rank = i + 1
      searchM += length(pipe) / 2
      break
    }
    searchM += length(pipe)
  }
  if (!seen) {
    // Whatever is left of the zone is searched without order.
    const listed = new Set(hit.candidates.map((candidate) => candidate.pipe))
    const zone = network.zones.numberOf.get(event.zone) ?? -1
    let left = 0
    network.document.pipes.forEach((pipe, i) => {
      if (network.edges.zone[i] === zone && !listed.has(pipe.id)) left += pipe.length_m
    })
    searchM += left / 2
    rank = hit.candidates.length + 1
  }
  let mass = 0
  let regionM = 0
  let covered = false
  for (const { pipe, probability } of hit.candidates) {
    mass += probability
    regionM += length(pipe)
    covered ||= pipe === event.pipe
    if (mass >= 0.9) break
  }
  const { p05, p50, p95 } = hit.standardFlow
  const truth = event.standard_flow_m3_s
  return {
    ...none,
    found: true,
    delayH: ((hit.detectedAt ?? 0) - event.started_at) / 3_600_000,
    rank,
    searchM,
    covered,
    regionM,
    distanceM: distanceAlong(network, hit.candidates[0]?.pipe ?? '', event.pipe, event.fraction),
    sizeCovered: p05 <= truth && truth <= p95,
    sizeError: Math.abs(p50 - truth) / truth,
  }
}

/** Metres along pipes from the middle of one pipe to a place on another. */
function distanceAlong(network: Network, named: string, pipe: string, fraction: number): number {
  const { edges, adjacency, nodes } = network
  const a = edges.numberOf.get(named) ?? -1
  const b = edges.numberOf.get(pipe) ?? -1
  if (a < 0 || b < 0) return Number.NaN
  const lengthOf = (edge: number): number => (edges.lengthM[edge] as number) || 0
  if (a === b) return Math.abs(0.5 - fraction) * lengthOf(a)
  const far = new Float64Array(nodes.count).fill(Number.POSITIVE_INFINITY)
  far[edges.from[a] as number] = lengthOf(a) / 2
  far[edges.to[a] as number] = lengthOf(a) / 2
  const done = new Uint8Array(nodes.count)
  for (;;) {
    let at = -1
    for (let node = 0; node < nodes.count; node++)
      if (done[node] === 0 && (far[node] as number) < (at < 0 ? Number.POSITIVE_INFINITY : (far[at] as number)))
        at = node
    if (at < 0) break
    done[at] = 1
    for (let i = adjacency.start[at] as number; i < (adjacency.start[at + 1] as number); i++) {
      const edge = adjacency.item[i] as number
      const next = (edges.from[edge] === at ? edges.to[edge] : edges.from[edge]) as number
      far[next] = Math.min(far[next] as number, (far[at] as number) + lengthOf(edge))
    }
  }
  return Math.min(
    (far[edges.from[b] as number] as number) + fraction * lengthOf(b),
    (far[edges.to[b] as number] as number) + (1 - fraction) * lengthOf(b),
  )
}
