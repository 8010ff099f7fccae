import { type Network, REFERENCE_PRESSURE_PA } from '@gastwin/twin'
import type { PatternInput, PatternModel } from './pattern-model.ts'
import { FLOW, PRESSURE, type SlotBook } from './slot-book.ts'

/** What is known of a stretch of slots beside what its RTUs measured. */
export interface StretchUse {
  /** Float64Array[nodes], kg/s. */
  readonly metered: Float64Array
  /** What the homes of each zone take, m³/s at the reference state. */
  readonly homes: readonly number[]
  /** Float64Array[nodes]: shares of homes within their zone, in any unit. */
  readonly weights: Float64Array
  /** kg/m³ at the reference state. */
  readonly density: number
  readonly valveOpen: Uint8Array
}

/** Input of the pattern model from the slots from ≤ slot < to; nothing when the use of some zone is not known. */
export function patternInput(
  model: PatternModel,
  book: Pick<SlotBook, 'mean'>,
  from: number,
  to: number,
  use: StretchUse,
): PatternInput | undefined {
  if (use.homes.some(Number.isNaN)) return undefined
  const homes = homesByNode(model.network, use)
  const measured = new Float64Array(model.rows)
  const samples = new Float64Array(model.rows)
  model.rtus.forEach((rtu, r) => {
    const flow = r >= model.pressureNodes.length
    const value = book.mean(rtu, flow ? FLOW : PRESSURE, from, to)
    measured[r] = flow ? value.mean * use.density : value.mean
    samples[r] = value.samples
  })
  const sources = model.network.document.sources
  const sourcePressure = new Float64Array(sources.length)
  const sourceSigma = new Float64Array(sources.length)
  model.sourceRtus.forEach((rtu, s) => {
    const value = rtu < 0 ? undefined : book.mean(rtu, PRESSURE, from, to)
    const document = sources[s]?.pressure_pa ?? REFERENCE_PRESSURE_PA
    const known = value !== undefined && value.samples > 0
    sourcePressure[s] = known ? value.mean : document
    sourceSigma[s] = known ? Math.hypot(model.sourceNoise(s, value.samples), 3) : 0.003 * document
  })
  return {
    metered: use.metered,
    homes,
    sourcePressure,
    sourceSigma,
    measured,
    samples,
    valveOpen: use.valveOpen.slice(),
  }
}

function homesByNode(network: Network, { homes: uses, weights, density }: StretchUse): Float64Array {
  const { nodes } = network
  const sums = new Float64Array(uses.length)
  for (let node = 0; node < nodes.count; node++) {
    const zone = nodes.zone[node] as number
    if (zone >= 0) sums[zone] = (sums[zone] as number) + (weights[node] as number)
  }
  const homes = new Float64Array(nodes.count)
  for (let node = 0; node < nodes.count; node++) {
    const zone = nodes.zone[node] as number
    if (zone < 0 || !((sums[zone] as number) > 0)) continue
    const use = Math.max(0, uses[zone] as number) * density
    homes[node] = (use * (weights[node] as number)) / (sums[zone] as number)
  }
  return homes
}
