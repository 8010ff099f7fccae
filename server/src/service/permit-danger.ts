import type { RuleId } from '@gastwin/analytics'
import type { Shutoff } from '@gastwin/twin'
import type { CityState } from '../pipeline/city-state.ts'

/** Alarms of a meter while which its valve stays as it is. */
const DANGEROUS: ReadonlySet<RuleId> = new Set([
  'gas_detected',
  'unverified_alarm',
  'over_flow',
  'prolonged_small_flow',
  'tamper',
])

/** Why gas must stay off at a metering point: its zone is being shut off, or an alarm of the meter stands. @param slot its row */
export function dangerAt(city: CityState, openShutoffs: readonly Shutoff[], slot: number): string | undefined {
  const { network, fleet, views, book } = city
  const zone = network.zones.ids[fleet.columns.zone[slot] ?? -1]
  const shutoff = openShutoffs.find((one) => one.zone === null || one.zone === zone)
  if (shutoff !== undefined) return `shut-off ${shutoff.id} is under way in zone ${zone}`
  const asset = views.assetId(slot)
  const alarm = book.list().find(({ rule, asset: of }) => of.id === asset && DANGEROUS.has(rule))
  return alarm && `the alarm ${alarm.rule} of this meter stands`
}
