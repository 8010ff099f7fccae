import type { Loose } from '../fields.ts'
import type { Notes } from '../imported.ts'
import type { InpConditions } from './conditions.ts'
import { powerCurve } from './pump-curve.ts'
import { type InpLine, type InpSections, numberAt } from './sections.ts'
import type { InpUnits } from './units.ts'

/** Length of a throttle that is nothing but a minor loss. */
const THROTTLE_LENGTH_M = 1e-3
const WIDE_OPEN_PA = 1e9

export interface Links {
  readonly pipes: readonly Loose[]
  readonly valves: readonly Loose[]
  readonly regulators: readonly Loose[]
  readonly compressors: readonly Loose[]
}

interface Drafts {
  readonly pipes: Loose[]
  readonly valves: Loose[]
  readonly regulators: Loose[]
  readonly compressors: Loose[]
}

export interface LinkContext {
  readonly sections: InpSections
  readonly units: InpUnits
  readonly conditions: InpConditions
  /** Pa of one metre of head. */
  readonly perMetre: number
  /** kg/m³. */
  readonly density: number
  /** Whether pumps and valves end at nodes that exist. */
  readonly notes: Notes
}

/** Pipes, pumps and valves; what is closed becomes a closed valve of the same id. */
export function linksOf(context: LinkContext): Links {
  const drafts: Drafts = { pipes: [], valves: [], regulators: [], compressors: [] }
  for (const line of context.sections.get('PIPES') ?? []) addPipe(context, line, drafts)
  for (const line of context.sections.get('PUMPS') ?? []) addPump(context, line, drafts)
  for (const line of context.sections.get('VALVES') ?? []) addValve(context, line, drafts)
  return drafts
}

function endsOf(line: InpLine) {
  return { id: line[0] ?? '', from: line[1] ?? '', to: line[2] ?? '' }
}

function addPipe({ units, conditions }: LinkContext, line: InpLine, drafts: Drafts): void {
  const edge = endsOf(line)
  const length = (numberAt(line, 3) ?? 0) * units.length
  const diameter = (numberAt(line, 4) ?? 0) * units.diameter
  const roughness = numberAt(line, 5) ?? 0
  const words = line.slice(6).map((word) => word.toUpperCase())
  const own = words.find((word) => ['OPEN', 'CLOSED', 'CV'].includes(word)) ?? 'OPEN'
  const word = own === 'CV' ? own : (conditions.status.get(edge.id) ?? own)
  if (word === 'CLOSED') drafts.valves.push({ ...edge, open: false, length_m: length, diameter_m: diameter })
  else
    drafts.pipes.push({
      ...edge,
      length_m: length,
      diameter_m: diameter,
      loss_coefficient: numberAt(line, 6) ?? 0,
      ...frictionFields(units, roughness, diameter),
      ...(own === 'CV' ? { one_way: true } : {}),
    })
}

/** The roughness column by headloss formula. Manning's n makes a factor that depends on the pipe alone. */
function frictionFields(units: InpUnits, roughness: number, diameter: number): Loose {
  if (units.headloss === 'H-W') return { hazen_williams_c: roughness }
  if (units.headloss === 'D-W') return { roughness_m: roughness * units.roughness }
  // h = 4.66 n² L q²/d^5.33 in feet and ft³/s against h = λ L/d · 8 q²/(π² g d⁴).
  const feet = diameter / 0.3048
  return { friction_factor: (4.66 * roughness ** 2 * Math.PI ** 2 * 32.174 * feet ** (5 - 5.33)) / 8 }
}

function addPump(context: LinkContext, line: InpLine, drafts: Drafts): void {
  const { sections, units, conditions, perMetre, density, notes } = context
  const edge = endsOf(line)
  const words = line.slice(3)
  const after = (key: string) => words[words.findIndex((word) => word.toUpperCase() === key) + 1]
  const has = (key: string) => words.some((word) => word.toUpperCase() === key)
  const status = conditions.status.get(edge.id)
  let speed = has('SPEED') ? Number(after('SPEED')) : 1
  if (has('PATTERN')) speed *= conditions.pattern(after('PATTERN'))
  if (status !== undefined && status !== 'OPEN' && status !== 'CLOSED') speed = Number(status)
  if (status === 'CLOSED' || speed === 0) {
    drafts.valves.push({ ...edge, open: false })
    return
  }
  const points = (sections.get('CURVES') ?? [])
    .filter((row) => has('HEAD') && row[0] === after('HEAD'))
    .map((row) => [(numberAt(row, 1) ?? 0) * units.flow, (numberAt(row, 2) ?? 0) * units.length] as const)
  const curve = powerCurve(points)
  if (curve === undefined) {
    notes.add('pumps without a falling head curve (constant power and others) are taken as closed', edge.id)
    drafts.valves.push({ ...edge, open: false })
    return
  }
  if (points.length > 3) notes.add('pump curves of more than three points are taken as a power function', edge.id)
  drafts.compressors.push({
    ...edge,
    ratio: 1,
    pressure_lift_pa: curve.shutoff * perMetre * speed ** 2,
    lift_loss: {
      // Affinity: the curve of another speed is stretched by it in flow and by its square in head.
      coefficient: (curve.coefficient * perMetre * speed ** (2 - curve.exponent)) / density ** curve.exponent,
      exponent: curve.exponent,
    },
  })
}

function addValve({ units, conditions, perMetre, density, notes }: LinkContext, line: InpLine, drafts: Drafts): void {
  const edge = endsOf(line)
  const diameter = (numberAt(line, 3) ?? 0) * units.diameter
  const kind = line[4]?.toUpperCase() ?? ''
  const status = conditions.status.get(edge.id)
  const set = Number(status !== undefined && status !== 'OPEN' && status !== 'CLOSED' ? status : line[5])
  const minor = numberAt(line, 6) ?? 0
  const throttle = (loss: number) => {
    if (loss > 0)
      drafts.pipes.push({
        ...edge,
        length_m: THROTTLE_LENGTH_M,
        diameter_m: diameter,
        loss_coefficient: loss,
        ...(units.headloss === 'H-W' ? { hazen_williams_c: 1e3 } : {}),
        ...(units.headloss === 'C-M' ? { friction_factor: 0.01 } : {}),
      })
    else drafts.valves.push({ ...edge, open: true })
  }
  if (status === 'CLOSED') drafts.valves.push({ ...edge, open: false })
  else if (kind === 'TCV') throttle(status === 'OPEN' ? minor : set)
  else if (status === 'OPEN') throttle(minor)
  else if (kind === 'PRV')
    drafts.regulators.push({ ...edge, outlet_pressure_pa: 101_325 + set * units.head * perMetre })
  else if (kind === 'FCV')
    drafts.regulators.push({
      ...edge,
      outlet_pressure_pa: WIDE_OPEN_PA,
      max_mass_flow_kg_s: set * units.flow * density,
    })
  else {
    notes.add(`valves of type ${kind} are taken as wide open`, edge.id)
    throttle(minor)
  }
  if (minor > 0 && (kind === 'PRV' || kind === 'FCV') && status !== 'OPEN')
    notes.add('the minor loss of pressure and flow controls is not used', edge.id)
}
