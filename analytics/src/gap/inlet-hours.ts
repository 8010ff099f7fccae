import type { Network, ZoneInlet } from '@gastwin/twin'
import type { TelemetrySeries } from '../telemetry/telemetry.ts'
import { type CountedHours, homesShape } from './homes-shape.ts'
import { measuredFlows } from './measured-flows.ts'
import type { PeriodGrid } from './period-grid.ts'
import { type FilledFlow, fillSpells } from './spell-filling.ts'
import { lineGuess, type MeasuredFlow, needGuess, usualGuess } from './spell-guesses.ts'

/** Gas through one metered edge by the hour, from→to, m³ at the reference state; hours that nobody measured are filled. */
export interface EdgeHours extends FilledFlow {
  readonly edge: number
}

/** An inlet that was never measured carries its part of what the zone needs, which may be wrong by this share of it. */
const NEVER_MEASURED = 0.5

/**
 * Hours of all edges that are inlets of a zone. An hour that was not measured is told by the hours around, by the same hour of the days
 * around, or by what the zone behind counted, whichever did best where the truth is known.
 * @param counted per zone
 */
export function inletHours(
  network: Network,
  series: readonly TelemetrySeries[],
  grid: PeriodGrid,
  counted: readonly CountedHours[],
): Map<number, EdgeHours> {
  const { inlets } = network.zones
  const flows = measuredFlows(network, series, grid)
  const shape = homesShape(inlets, flows, counted)
  const found = new Map<number, EdgeHours>()
  const begun = new Set<number>()
  // What a zone passes on is a part of its need: the zones behind it come first.
  const fillZone = (zone: number) => {
    if (begun.has(zone)) return
    begun.add(zone)
    const own = inlets[zone] ?? []
    for (const { edge, sign } of own) if (sign < 0) fillZone(receiverOf(inlets, edge))
    const use = counted[zone]
    if (use === undefined) return
    const need = use.business.map((v, h) => v + (use.homes[h] as number) * (shape[h % 24] as number))
    for (const { edge, sign } of own) if (sign < 0) addAll(need, (found.get(edge) ?? flows.get(edge))?.volume, 1)
    const entering = own.flatMap(({ edge, sign }) => (sign > 0 ? [edge] : []))
    const unheard = entering.filter((edge) => flows.get(edge)?.measured.includes(1) !== true).length
    const usual = new Map(entering.map((edge) => [edge, filledByUsual(flows.get(edge) as MeasuredFlow)]))
    for (const edge of entering) {
      const rest = need.slice()
      for (const [other, volume] of usual) if (other !== edge) addAll(rest, volume, -1)
      const flow = flows.get(edge) as MeasuredFlow
      found.set(edge, { edge, ...filled(flow, use.business, rest, Math.max(1, unheard)) })
    }
  }
  for (const zone of inlets.keys()) fillZone(zone)
  // What leaves the city, or enters a zone that nobody counts.
  for (const [edge, flow] of flows)
    if (!found.has(edge)) found.set(edge, { edge, ...filled(flow, new Float64Array(grid.hours), undefined, 1) })
  return withScale(found)
}

/** @param rest what the zone behind needs beside its other inlets @param unheard inlets that share it and were never measured */
function filled(flow: MeasuredFlow, beside: Float64Array, rest: Float64Array | undefined, unheard: number): FilledFlow {
  const { measured } = flow
  if (measured.includes(1)) {
    const plain = new Float64Array(measured.length)
    const guesses = [lineGuess(flow, plain), usualGuess(flow)]
    if (rest !== undefined) guesses.push(lineGuess(flow, beside), needGuess(flow, rest))
    return fillSpells(flow, guesses)
  }
  const volume = (rest ?? flow.volume).map((v) => Math.max(0, v) / unheard)
  return { measured, volume, deviation: volume.map((v) => NEVER_MEASURED * v), spells: [[0, measured.length]] }
}

/** An inlet that was never measured, and behind which nobody counts anything, may carry as much as all the others together. */
function withScale(edges: Map<number, EdgeHours>): Map<number, EdgeHours> {
  const total = [...edges.values()].reduce(
    (sum, { volume }) => sum + volume.reduce((own, v) => own + Math.abs(v), 0) / Math.max(1, volume.length),
    1,
  )
  return new Map(
    [...edges].map(([edge, one]) => [
      edge,
      one.measured.includes(1) || one.deviation.some((v) => v > 0)
        ? one
        : { ...one, deviation: one.volume.map(() => total) },
    ]),
  )
}

/** For what the other inlets of a zone leave to one: what was measured, and else the usual flow of the hour of the day; 0 where none is known. */
function filledByUsual(flow: MeasuredFlow): Float64Array {
  const usual = usualGuess(flow)
  return flow.volume.map((v, h) => (flow.measured[h] === 1 ? v : (usual(h, h + 1)?.[0] ?? 0)))
}

const receiverOf = (inlets: readonly (readonly ZoneInlet[])[], edge: number): number =>
  inlets.findIndex((own) => own.some((inlet) => inlet.edge === edge && inlet.sign > 0))

function addAll(to: Float64Array, volume: Float64Array | undefined, factor: number): void {
  if (volume === undefined) return
  for (let h = 0; h < to.length; h++) to[h] = (to[h] as number) + factor * (volume[h] as number)
}
