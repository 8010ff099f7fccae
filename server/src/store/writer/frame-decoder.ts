import { type DeviceLookup, decodeReport, deviceKey } from '../../protocol/index.ts'
import type { FrameDecoder } from './record-rows.ts'

/**
 * Reads payloads as the pipeline does.
 * @param masterKey device keys are derived from it; empty: encrypted frames are `no-key`
 */
export function frameDecoder(masterKey: Uint8Array): FrameDecoder {
  const lookup: DeviceLookup = {
    keyOf: (device) => (masterKey.length === 0 ? undefined : deviceKey(masterKey, device)),
    statusProfileOf: () => 'unknown',
  }
  return (contentFormat, payload) => decodeReport(contentFormat, payload, lookup)
}
