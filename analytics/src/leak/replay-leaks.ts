import type { Network } from '@gastwin/twin'
import { findAsset, type TelemetryPlace } from '../telemetry/find-asset.ts'
import { TELEMETRY_QUANTITIES, type Telemetry } from '../telemetry/telemetry.ts'
import type { LeakSettings } from './leak-settings.ts'
import { LeakWatch } from './leak-watch.ts'

/**
 * Lets a watch see an archive row by row in its order of arrival, as it would have been seen live.
 * @returns the watch after the last row, and how many rows named nothing of the network
 */
export function replayLeaks(
  network: Network,
  telemetry: Telemetry,
  settings: Partial<LeakSettings> = {},
): { readonly watch: LeakWatch; readonly unknown: number } {
  const watch = new LeakWatch(network, settings)
  const kinds = TELEMETRY_QUANTITIES.length
  const places = new Map<number, TelemetryPlace | undefined>()
  let unknown = 0
  for (let row = 0; row < telemetry.rows; row++) {
    const asset = telemetry.asset[row] as number
    const quantity = TELEMETRY_QUANTITIES[telemetry.quantity[row] as number]
    if (quantity === undefined || quantity === 'event') continue
    const key = asset * kinds + (telemetry.quantity[row] as number)
    if (!places.has(key)) places.set(key, findAsset(network, telemetry.assets[asset] as string, quantity))
    const place = places.get(key)
    if (place === undefined) unknown += 1
    else watch.observe(telemetry.time[row] as number, place, quantity, telemetry.value[row] as number)
  }
  watch.finish()
  return { watch, unknown }
}
