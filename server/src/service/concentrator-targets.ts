import { type ConcentratorBook, UsageError } from '@gastwin/twin'
import type { CampaignFilter } from '../contract/index.ts'
import type { Archive } from '../devices/archive.ts'

/**
 * Numbers of the concentrators that a filter finds, rising: by zone, by part of number or id, by what the archive has under their
 * number, or by name.
 * @throws UsageError API_INPUT for what only meters have
 */
export function concentratorTargets(
  { zone, query, mark, devices, profile, conditions }: CampaignFilter,
  book: ConcentratorBook,
  archive: Archive,
): Float64Array {
  if (profile !== undefined || (conditions?.length ?? 0) > 0)
    throw new UsageError('API_INPUT', 'filter: concentrators have no profile of a maker and no conditions')
  const wanted = query?.trim().toLowerCase()
  const named = devices && new Set(devices.map(Number))
  const marked = mark === undefined ? undefined : archive.devicesWith(mark)
  const found = book.twins.filter(({ archive: { number, id, zone: where } }) => {
    if (zone !== undefined && where !== zone) return false
    if (named?.has(number) === false || marked?.has(number) === false) return false
    return wanted === undefined || String(number).includes(wanted) || id.toLowerCase().includes(wanted)
  })
  return Float64Array.from(found, (twin) => twin.archive.number).sort()
}
