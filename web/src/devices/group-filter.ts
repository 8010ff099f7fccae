import type { CampaignFilter } from '@gastwin/server/contract'
import { wordFor } from '../text/language.ts'
import type { ListFilter } from './device-api.ts'
import type { useDeviceText } from './device-text.ts'

/** Meters that somebody looked at in the list and wants to order something of. */
export type GroupFilter = Pick<CampaignFilter, 'zone' | 'query' | 'profile' | 'mark' | 'conditions'>

let given: GroupFilter | undefined

/** Hands the filter of the list on to the form of a campaign: only meters count there. */
export function giveGroup({ query, zone, profile, mark, conditions }: ListFilter): void {
  given = {
    ...(query !== '' && { query }),
    ...(zone !== '' && { zone }),
    ...(profile !== '' && { profile }),
    ...(mark !== '' && { mark }),
    ...(conditions.length > 0 && { conditions: [...conditions] }),
  }
}

/** What was handed on, once. */
export function takeGroup(): GroupFilter | undefined {
  const taken = given
  given = undefined
  return taken
}

/** A filter in words, for people. */
export function filterWords(
  { query, zone, profile, mark, conditions = [] }: GroupFilter,
  t: ReturnType<typeof useDeviceText>,
): string {
  const parts = [query, zone, profile, mark, ...conditions.map((name) => wordFor(t.condition, name))]
  return parts.filter((part) => part !== undefined).join(' · ') || t.all
}
