import type { MapGeometry } from '../map/geometry.ts'
import type { Selection } from '../state/selection.ts'

/** What of the geometry tells where things lie. */
type Places = Pick<MapGeometry, 'meta' | 'meters' | 'pipes' | 'pipeNumber'>

/** The zone of what is selected: itself, or the one a meter or a pipe lies in; undefined when that is not told. */
export function zoneOfSelection(selection: Selection | null, places: Places | undefined): string | undefined {
  if (selection?.kind === 'zone') return selection.id
  if (places === undefined) return undefined
  const { meta, meters, pipes, pipeNumber } = places
  const zone =
    selection?.kind === 'meter'
      ? meters.zone[meters.number.indexOf(Number(selection.id))]
      : selection?.kind === 'pipe'
        ? pipes.zone[pipeNumber.get(selection.id) ?? -1]
        : undefined
  return meta.zones[zone ?? -1]?.id
}
