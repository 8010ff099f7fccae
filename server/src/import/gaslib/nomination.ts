import type { Notes } from '../imported.ts'
import { attribute, childrenOf, parseXml, siValue } from './xml.ts'

/** What a nomination asks of one node: m³/s at normal conditions, in at entries and out at exits; Pa absolute. */
export interface NominatedNode {
  readonly id: string
  readonly entry: boolean
  readonly flow: number
  readonly highestPressure: number | undefined
}

/** Reads the first scenario of a `.scn` file. @throws ImportFault when it is no XML or a unit is not known */
export function readNomination(text: string, notes: Notes): readonly NominatedNode[] {
  const root = childrenOf(parseXml(text), 'boundaryValue')[0]
  const scenarios = childrenOf(root, 'scenario')
  if (scenarios.length > 1)
    notes.add('only the first scenario of the nomination is used', attribute(scenarios[0] ?? {}, 'id') ?? '')
  return childrenOf(scenarios[0], 'node').map((node) => {
    const id = attribute(node, 'id') ?? ''
    const bound = (kind: string, wanted: string, unit: string) =>
      childrenOf(node, kind)
        .filter((element) => [wanted, 'both'].includes(attribute(element, 'bound') ?? 'both'))
        .map((element) => siValue(element, unit))[0]
    const lower = bound('flow', 'lower', '1000m_cube_per_hour')
    const upper = bound('flow', 'upper', '1000m_cube_per_hour')
    if (lower !== upper) notes.add('flows nominated as a range are taken in its middle', id)
    return {
      id,
      entry: attribute(node, 'type') === 'entry',
      flow: ((lower ?? upper ?? 0) + (upper ?? lower ?? 0)) / 2,
      highestPressure: bound('pressure', 'upper', 'bar'),
    }
  })
}
