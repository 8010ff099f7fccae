import { METER_KINDS } from '@gastwin/twin'
import type { LineReach } from '../command/line-commands.ts'
import type { DeviceLookup, LineTerms } from '../protocol/index.ts'
import type { CityState } from './city-state.ts'

/** What is known of meters on lines beside the ledger; the same live and read again from the log. */
export function lineReach(city: CityState, lookup: () => DeviceLookup, authority: LineTerms['authority']): LineReach {
  const { meters } = city.network
  return {
    profileOf: (device) => lookup().profileOf?.(device),
    mediumOf: (point) => METER_KINDS[meters.kind[meters.meterOfDevice(point)] ?? 0] ?? 'gas',
    authority,
  }
}
