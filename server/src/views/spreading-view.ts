import { NIGHT, planSpreading, reattach, type SpreadMeter, spreadForReattach, USUAL } from '@gastwin/analytics'
import { DEVICE_KINDS, UsageError } from '@gastwin/twin'
import type { SpreadingProposal } from '../contract/index.ts'
import type { CityState } from '../pipeline/city-state.ts'

const METER = DEVICE_KINDS.indexOf('meter')
/** Bundles of two hours of a meter that reads often. */
const BUNDLES_A_DAY = 12
const MINUTES_A_DAY = 1440

/**
 * What the meters of a radio cell should be set to, from when they were heard last.
 * @param capacityPerMinute messages a minute that the cell takes
 * @throws UsageError API_NOT_FOUND when no meter was heard from the cell
 */
export function proposeSpreading(city: CityState, pci: number, capacityPerMinute: number): SpreadingProposal {
  const { fleet, calendar, concentrators } = city
  const c = fleet.columns
  const meters: SpreadMeter[] = []
  let bundles = 0
  for (let slot = 0; slot < fleet.count; slot++) {
    if (c.kind[slot] !== METER || c.pci[slot] !== pci) continue
    const device = c.number[slot] ?? 0
    if (concentrators.ofMeter(device) !== undefined) continue
    if ((c.readEveryMinutes[slot] ?? MINUTES_A_DAY) < 120) bundles += 1
    else meters.push({ device, x: ownSeconds(device, (c.receivedAt[slot] ?? 0) * 1000, calendar) })
  }
  if (meters.length === 0) throw new UsageError('API_NOT_FOUND', `no daily meter was heard from cell ${pci}`)
  const minutes = NIGHT.lengthS / 60
  const others = Array.from({ length: minutes }, () => (bundles * BUNDLES_A_DAY) / MINUTES_A_DAY)
  const plan = planSpreading(meters, { others, capacityPerMinute })
  const terminals = meters.length + bundles
  const spreadMinutes = spreadForReattach(terminals, capacityPerMinute)
  const back = (spread: number) => {
    const { peakAttempts, minutes: took } = reattach(terminals, capacityPerMinute, spread)
    return { peak_per_minute: peakAttempts, minutes: Number.isNaN(took) ? null : took }
  }
  return {
    pci,
    meters: meters.length,
    capacity_per_minute: capacityPerMinute,
    window_from_s: NIGHT.fromS,
    window_s: NIGHT.lengthS,
    before: [...plan.before],
    after: [...plan.after],
    peak_before: plan.peakBefore,
    peak_after: plan.peakAfter,
    over_before: plan.overBefore,
    over_after: plan.overAfter,
    groups: plan.assignments.map(({ meters: group, spreading }) => ({
      report_base_s: spreading.baseS,
      report_spread_s: spreading.k * 60,
      meters: group.map(String),
    })),
    outage: { spread_minutes: spreadMinutes, at_once: back(0), spread: back(spreadMinutes) },
  }
}

/** The seconds a meter adds to its slot by itself, as heard; in the middle when it was last heard at another time. */
function ownSeconds(device: number, heardAt: number, calendar: CityState['calendar']): number {
  const second = Math.floor((heardAt - calendar.dayStart(heardAt)) / 1000)
  const x = second - USUAL.baseS - (device % 100) * USUAL.k * 60
  return x >= 0 && x < NIGHT.mostX ? x : NIGHT.mostX / 2
}
