import type { Loose } from '../fields.ts'
import type { Notes } from '../imported.ts'
import { attribute, childrenOf, quantity } from './xml.ts'

/** A resistor is a pipe without length worth speaking of, whose drag is a minor loss. */
const RESISTOR_LENGTH_M = 1e-3
const UNBOUNDED_PRESSURE_PA = 1e9

/** Edges of a GasLib network; what has no counterpart is said. */
export function connectionsOf(connections: Loose | undefined, notes: Notes) {
  const pipes: Loose[] = []
  const valves: Loose[] = []
  const regulators: Loose[] = []
  const compressors: Loose[] = []
  const ends = (element: Loose) => ({
    id: attribute(element, 'id') ?? '',
    from: attribute(element, 'from') ?? '',
    to: attribute(element, 'to') ?? '',
  })
  for (const element of childrenOf(connections, 'pipe'))
    pipes.push({
      ...ends(element),
      length_m: quantity(element, 'length', 'km'),
      diameter_m: quantity(element, 'diameter', 'mm'),
      roughness_m: quantity(element, 'roughness', 'mm') ?? null,
    })
  for (const element of childrenOf(connections, 'resistor')) {
    const drag = Number(attribute(childrenOf(element, 'dragFactor')[0] ?? {}, 'value') ?? Number.NaN)
    const diameter = quantity(element, 'diameter', 'mm')
    if (drag >= 0 && diameter !== undefined)
      pipes.push({ ...ends(element), length_m: RESISTOR_LENGTH_M, diameter_m: diameter, loss_coefficient: drag })
    else {
      notes.add('resistors with a constant pressure loss are taken as open valves', ends(element).id)
      valves.push({ ...ends(element), open: true })
    }
  }
  for (const element of childrenOf(connections, 'shortPipe'))
    valves.push({ ...ends(element), open: true, operable: false })
  for (const element of childrenOf(connections, 'valve')) {
    notes.add('valves are taken as open: the file gives them no position', ends(element).id)
    valves.push({ ...ends(element), open: true })
  }
  for (const element of childrenOf(connections, 'controlValve')) {
    notes.add(
      'control valves hold the highest outlet pressure allowed: the file gives no set pressure',
      ends(element).id,
    )
    const highest = quantity(element, 'pressureOutMax', 'bar') ?? UNBOUNDED_PRESSURE_PA
    regulators.push({ ...ends(element), outlet_pressure_pa: highest })
  }
  for (const element of childrenOf(connections, 'compressorStation')) {
    notes.add(
      'compressor stations run at ratio 1 (bypass): the file names no ratio, --compressor-ratio sets one',
      ends(element).id,
    )
    compressors.push({ ...ends(element), ratio: 1 })
  }
  const dragged = [...childrenOf(connections, 'compressorStation'), ...childrenOf(connections, 'controlValve')].filter(
    (element) => Object.keys(element).some((key) => /^(pressureLoss|dragFactor)/.test(key)),
  )
  if (dragged.length > 0)
    notes.add(
      'losses at the inlets and outlets of stations are not used',
      ...dragged.map((element) => ends(element).id),
    )
  return { pipes, valves, regulators, compressors }
}
