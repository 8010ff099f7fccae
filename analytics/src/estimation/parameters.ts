import type { HydraulicModel, Network } from '@gastwin/twin'
import type { LowRankGaussian } from './calibration.ts'
import type { Sensors } from './sensors.ts'
import type { Snapshot } from './snapshot.ts'

const USUAL_BOUNDARY_SHARE = 0.01

/**
 * All that is uncertain, as one vector: each node's own withdrawal (kg/s), each zone's common error (relative), the logarithm of
 * each edge's friction factor, each sensor's fixed error, each source's and each regulator's pressure (Pa).
 */
export interface ParameterLayout {
  readonly size: number
  readonly nodes: number
  readonly groups: number
  readonly edges: number
  readonly sensors: number
  /** First parameter of each kind; own withdrawals begin at 0. */
  readonly commonAt: number
  readonly frictionAt: number
  readonly sensorAt: number
  readonly sourceAt: number
  readonly outletAt: number
  /** Group of each node: its zone, the last for nodes without one. */
  readonly groupOf: Int32Array
}

export function parameterLayout(network: Network, model: HydraulicModel, sensors: Sensors): ParameterLayout {
  const nodes = model.nodes
  const groups = network.zones.count + 1
  const commonAt = nodes
  const frictionAt = commonAt + groups
  const sensorAt = frictionAt + model.edges
  const sourceAt = sensorAt + sensors.count
  const outletAt = sourceAt + model.sourceNode.length
  return {
    size: outletAt + model.regulators.length,
    nodes,
    groups,
    edges: model.edges,
    sensors: sensors.count,
    commonAt,
    frictionAt,
    sensorAt,
    sourceAt,
    outletAt,
    groupOf: network.nodes.zone.map((zone) => (zone < 0 ? groups - 1 : zone)),
  }
}

/** Mean and standard deviation of every parameter, and what calibration knows besides. */
export interface Prior {
  readonly mean: Float64Array
  readonly sigma: Float64Array
  /** Of (friction, sensors), which lie side by side. */
  readonly known: LowRankGaussian | undefined
}

/** Writes what a snapshot says beforehand into a prior; friction and sensors are left as they are. */
export function takeSnapshot(layout: ParameterLayout, model: HydraulicModel, snapshot: Snapshot, prior: Prior): void {
  const { mean, sigma } = prior
  mean.set(snapshot.withdrawal, 0)
  sigma.set(snapshot.withdrawalSigma, 0)
  for (let group = 0; group < layout.groups; group++) {
    mean[layout.commonAt + group] = 0
    sigma[layout.commonAt + group] = snapshot.commonSigma?.[group] ?? 0
  }
  const pressures = snapshot.sourcePressure ?? model.sourcePressure
  for (let k = 0; k < model.sourceNode.length; k++) {
    const pressure = pressures[k] as number
    mean[layout.sourceAt + k] = pressure
    sigma[layout.sourceAt + k] = snapshot.sourceSigma?.[k] ?? USUAL_BOUNDARY_SHARE * pressure
  }
  const outlets = snapshot.outletPressure ?? model.outletPressure
  for (let k = 0; k < model.regulators.length; k++) {
    const pressure = outlets[model.regulators[k] as number] as number
    mean[layout.outletAt + k] = pressure
    sigma[layout.outletAt + k] = (snapshot.outletSigma ?? USUAL_BOUNDARY_SHARE) * pressure
  }
}

/**
 * Rows of H C for rows of H: the covariance of every parameter with each row's quantity.
 *
 * @param rows  Float64Array[count · size]
 * @param out   Float64Array[count · size]; overwritten
 */
export function timesCovariance(
  layout: ParameterLayout,
  prior: Prior,
  rows: Float64Array,
  count: number,
  out: Float64Array,
): void {
  const { size, frictionAt } = layout
  const { sigma, known } = prior
  for (let k = 0; k < count; k++) {
    const base = k * size
    for (let j = 0; j < size; j++) {
      const s = sigma[j] as number
      out[base + j] = s * s * (rows[base + j] as number)
    }
    if (known === undefined) continue
    const at = base + frictionAt
    for (let r = 0; r < known.rank; r++) {
      const v = r * known.size
      let along = 0
      for (let j = 0; j < known.size; j++) {
        const direction = known.directions[v + j] as number
        if (direction !== 0) along += direction * (sigma[frictionAt + j] as number) * (rows[at + j] as number)
      }
      along *= known.known[r] as number
      if (along === 0) continue
      for (let j = 0; j < known.size; j++) {
        const direction = known.directions[v + j] as number
        if (direction !== 0)
          out[at + j] = (out[at + j] as number) - direction * (sigma[frictionAt + j] as number) * along
      }
    }
  }
}

/** C^½ z: parameters that a vector of independent unit parameters stands for. @param out Float64Array[size]; overwritten */
export function rootTimes(layout: ParameterLayout, prior: Prior, unit: Float64Array, out: Float64Array): void {
  const { frictionAt } = layout
  const { sigma, known } = prior
  out.set(unit)
  if (known !== undefined)
    for (let r = 0; r < known.rank; r++) {
      const v = r * known.size
      let along = 0
      for (let j = 0; j < known.size; j++)
        along += (known.directions[v + j] as number) * (unit[frictionAt + j] as number)
      if (along === 0) continue
      along *= 1 - Math.sqrt(1 - (known.known[r] as number))
      for (let j = 0; j < known.size; j++)
        out[frictionAt + j] = (out[frictionAt + j] as number) - (known.directions[v + j] as number) * along
    }
  for (let j = 0; j < out.length; j++) out[j] = (out[j] as number) * (sigma[j] as number)
}
