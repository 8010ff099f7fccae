import { members } from '../network/csr.ts'
import { METER_CLASSES, METER_KINDS } from '../network/meter-table.ts'
import type { Network } from '../network/network.ts'
import type { CutOff } from './isolation-plan.ts'

const COMMERCIAL = METER_CLASSES.indexOf('commercial')
const INDUSTRIAL = METER_CLASSES.indexOf('industrial')

/**
 * Lists who loses supply.
 * @param lost    Uint8Array[nodes], 1 for a node that loses it
 * @param demand  Float64Array[nodes], kg/s taken out, when known
 */
export function cutOffOf(network: Network, lost: Uint8Array, demand: Float64Array | undefined): CutOff {
  const { edges, meters, metersAt } = network
  const nodes = indicesOf(lost)
  const pipes: number[] = []
  for (let edge = 0; edge < edges.countOf.pipe; edge++) {
    if (lost[edges.from[edge] ?? -1] === 1 || lost[edges.to[edge] ?? -1] === 1) pipes.push(edge)
  }
  const fluid = METER_KINDS.indexOf(network.document.fluid.kind)
  const lostMeters: number[] = []
  const shielded: { meter: string; kind: string }[] = []
  let commercial = 0
  let industrial = 0
  let taken = 0
  for (const node of nodes) {
    taken += demand?.[node] ?? 0
    for (const meter of members(metersAt, node)) {
      if (meters.kind[meter] !== fluid) continue
      lostMeters.push(meter)
      if (meters.class[meter] === COMMERCIAL) commercial += 1
      if (meters.class[meter] === INDUSTRIAL) industrial += 1
      const protection = meters.words.protection[meters.protection[meter] ?? 0] ?? ''
      if (protection !== '') shielded.push({ meter: meters.idOf(meter), kind: protection })
    }
  }
  return {
    nodes,
    pipes: Int32Array.from(pipes),
    meters: Int32Array.from(lostMeters),
    commercial,
    industrial,
    protected: shielded,
    demandKgS: demand === undefined ? null : taken,
  }
}

/** Customers at each node, Float64Array[nodes]: its meters, protected ones counting many times, or one where only a demand is known. */
export function customersPerNode(network: Network, demand: Float64Array | undefined): Float64Array {
  const { meters } = network
  const fluid = METER_KINDS.indexOf(network.document.fluid.kind)
  const customers = new Float64Array(network.nodes.count)
  for (let meter = 0; meter < meters.count; meter++) {
    const node = meters.node[meter] ?? -1
    if (node < 0 || meters.kind[meter] !== fluid) continue
    customers[node] = (customers[node] ?? 0) + (meters.protection[meter] === 0 ? 1 : PROTECTED_COUNTS_AS)
  }
  demand?.forEach((taken, node) => {
    if (taken > 0 && customers[node] === 0) customers[node] = 1
  })
  return customers
}

const PROTECTED_COUNTS_AS = 50

export function indicesOf(flags: Uint8Array): Int32Array {
  let count = 0
  for (const flag of flags) count += flag
  const indices = new Int32Array(count)
  let k = 0
  for (let i = 0; i < flags.length; i++) if (flags[i] === 1) indices[k++] = i
  return indices
}
