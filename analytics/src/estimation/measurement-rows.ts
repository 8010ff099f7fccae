import type { LinearNetwork } from './linear-network.ts'
import type { ParameterLayout } from './parameters.ts'
import { FLOW_SENSOR, type Sensors } from './sensors.ts'

/**
 * Derivatives of every sensor's reading by every parameter at the linearised state: one adjoint each.
 *
 * @param fixedError  Float64Array[sensors], the present estimate of each sensor's fixed error
 * @param commonPart  Float64Array[nodes], kg/s that follow the common error of a node's zone
 * @param out         Float64Array[sensors · layout.size]; overwritten, zero for sensors where no gas is
 */
export function measurementRows(
  linear: LinearNetwork,
  layout: ParameterLayout,
  sensors: Sensors,
  fixedError: Float64Array,
  commonPart: Float64Array,
  out: Float64Array,
): void {
  const weight = new Float64Array(linear.nodes)
  const multiplier = new Float64Array(linear.nodes)
  out.fill(0)
  for (let k = 0; k < sensors.count; k++) {
    const row = out.subarray(k * layout.size, (k + 1) * layout.size)
    const place = sensors.place[k] as number
    if (sensors.kind[k] === FLOW_SENSOR) {
      quantityRow(linear, layout, -1, place, commonPart, weight, multiplier, row)
      const gain = 1 + (fixedError[k] as number)
      for (let j = 0; j < row.length; j++) row[j] = (row[j] as number) * gain
      row[layout.sensorAt + k] = linear.massFlow[place] as number
    } else {
      if (Number.isNaN(linear.pressure[place])) continue
      quantityRow(linear, layout, place, -1, commonPart, weight, multiplier, row)
      row[layout.sensorAt + k] = 1
    }
  }
}

/**
 * Derivatives of one pressure (Pa, `node` ≥ 0) or one flow (kg/s, `edge` ≥ 0) by every parameter.
 * @param weight, multiplier  Float64Array[nodes], scratch
 * @param row  Float64Array[layout.size], zero on entry
 */
export function quantityRow(
  linear: LinearNetwork,
  layout: ParameterLayout,
  node: number,
  edge: number,
  commonPart: Float64Array,
  weight: Float64Array,
  multiplier: Float64Array,
  row: Float64Array,
): void {
  const { from, to } = linear.model
  weight.fill(0)
  let watched = -1
  if (node >= 0) weight[node] = 1 / (linear.slope[node] as number)
  else if ((linear.holdingPlace[edge] as number) >= 0) watched = edge
  else {
    const g = linear.conductance[edge] as number
    if (g === 0) return
    weight[from[edge] as number] = g
    weight[to[edge] as number] = -g
    row[layout.frictionAt + edge] = -(linear.lostByFriction[edge] as number)
  }
  linear.adjoint(weight, watched, multiplier)
  for (let i = 0; i < linear.nodes; i++) {
    const byWithdrawal = -(multiplier[i] as number)
    if (byWithdrawal === 0) continue
    row[i] = byWithdrawal
    const group = layout.commonAt + (layout.groupOf[i] as number)
    row[group] = (row[group] as number) + byWithdrawal * (commonPart[i] as number)
  }
  // By squared pressure at nodes where it is given.
  const given = weight
  for (let i = 0; i < linear.nodes; i++) if (linear.fixed[i] === 0) given[i] = 0
  for (let e = 0; e < linear.edges; e++) {
    const g = linear.conductance[e] as number
    if (g === 0) continue
    const a = from[e] as number
    const b = to[e] as number
    const across = (multiplier[a] as number) - (multiplier[b] as number)
    const at = layout.frictionAt + e
    row[at] = (row[at] as number) + (linear.lostByFriction[e] as number) * across
    if (linear.fixed[a] === 1) given[a] = (given[a] as number) - g * across
    if (linear.fixed[b] === 1) given[b] = (given[b] as number) + g * across
  }
  const { sourceNode } = linear.model
  for (let s = 0; s < sourceNode.length; s++) {
    const at = sourceNode[s] as number
    row[layout.sourceAt + s] = (given[at] as number) * (linear.slope[at] as number)
  }
  for (const { order, outlet, share } of linear.holding)
    row[layout.outletAt + order] = (given[outlet] as number) * (linear.slope[outlet] as number) * share
}
