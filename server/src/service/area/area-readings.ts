import { ratesOf } from '@gastwin/analytics'
import { UsageError } from '@gastwin/twin'
import type { ReadingRate, ReadingRates } from '../../contract/index.ts'
import type { ReadingApplication } from '../../http/reading-application.ts'
import type { AreaParts } from './area-parts.ts'
import { askedFirst } from './asked-first.ts'

const ALL = Number.MAX_SAFE_INTEGER

/** How well the meters of an area are read, and its concentrators. */
export function areaReadings({
  application: all,
  reach,
}: Pick<AreaParts, 'application' | 'reach'>): ReadingApplication {
  const own = reach.requireConcentrator.bind(reach)
  return {
    readingRates: (query) => {
      if (query.zone !== undefined) {
        reach.requireZone(query.zone)
        return all.readingRates(query)
      }
      // Of a city without zones nothing is anybody's, and still the answer says which days were asked for.
      const none = all.readingRates({ ...query, zone: undefined })
      const rates = [...reach.zones].map((zone) => all.readingRates({ ...query, zone }))
      return { ...none, ...summed(rates) }
    },
    missingReadings: ({ limit, cursor, ...query }) => {
      if (query.concentrator !== undefined) own(query.concentrator)
      if (query.meter !== undefined) reach.requireDevice(query.meter)
      const from = cursor === undefined ? 0 : Number(cursor)
      if (!Number.isSafeInteger(from) || from < 0)
        throw new UsageError('API_INPUT', `cursor "${cursor}" is not one of ours`)
      const found = all.missingReadings({ ...query, limit: ALL }).items.filter(({ meter }) => reach.seesDevice(meter))
      const next = from + limit < found.length ? String(from + limit) : null
      return { items: found.slice(from, from + limit), next, total: found.length }
    },
    ...askedFirst(
      all,
      own,
      'concentrator',
      'concentratorMeters',
      'readThroughConcentrator',
      'planReadings',
      'formNetwork',
    ),
    concentrators: () => all.concentrators().filter(({ number }) => reach.seesConcentrator(number)),
  }
}

/** Rates of several zones as one. */
function summed(rates: readonly ReadingRates[]): Pick<ReadingRates, 'items' | 'all'> {
  const groups = new Map<string, ReadingRate[]>()
  for (const { items } of rates) for (const one of items) groups.set(one.group, [...(groups.get(one.group) ?? []), one])
  return {
    items: [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([group, parts]) => together(group, parts)),
    all: together(
      '',
      rates.map((one) => one.all),
    ),
  }
}

function together(group: string, parts: readonly ReadingRate[]): ReadingRate {
  const sum = (of: (one: ReadingRate) => number) => parts.reduce((all, one) => all + of(one), 0)
  const [meters, due, inTime] = [sum((one) => one.meters), sum((one) => one.due), sum((one) => one.in_time)]
  const [read, accurate] = [sum((one) => one.read), sum((one) => one.accurate)]
  const { success, completeness, accuracy } = ratesOf({ due, inTime, read, accurate })
  return { group, meters, due, in_time: inTime, read, accurate, success, completeness, accuracy }
}
