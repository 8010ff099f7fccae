import type { DelegationScope } from './delegation.ts'

/**
 * Where a person or program may look and act: as the scope of a delegation, without single devices. Both together narrow. Marks
 * are words of the archive (`group:G`, `tag:T`).
 */
export type Area = Pick<DelegationScope, 'zones' | 'marks'>

/** An area from the words of a command line; undefined for the whole city. */
export function areaOf(zones: string | undefined, groups: string | undefined): Area | undefined {
  const [inZones, inGroups] = [wordsOf(zones), wordsOf(groups)]
  if (inZones === undefined && inGroups === undefined) return undefined
  return {
    ...(inZones && { zones: inZones }),
    ...(inGroups && { marks: inGroups.map((group) => `group:${group}`) }),
  }
}

const wordsOf = (text: string | undefined): readonly string[] | undefined =>
  text
    ?.split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '')

/** In words for people. */
export function areaWords(area: DelegationScope | undefined): string {
  if (area === undefined) return 'whole city'
  const parts = [
    ...(area.zones === undefined ? [] : [`zones ${area.zones.join(', ')}`]),
    ...(area.marks === undefined ? [] : [area.marks.map((mark) => mark.replace(':', ' ')).join(' or ')]),
    ...(area.devices === undefined ? [] : [`${area.devices.length} devices`]),
  ]
  return parts.join(' and ')
}
