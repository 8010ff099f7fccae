import { type DeviceStatus, UPDATE_OUTCOMES } from '@gastwin/twin'

/** What a meter says of its firmware in a frame with identifier B013: what runs, and how an order to run another ended. */
export type FirmwareWord = Pick<DeviceStatus, 'firmware' | 'update'>

/** Bytes before the name: outcome and number of the order. */
const HEAD = 5
const NO_UPDATE = 0xff
const MOST_NAME = 32
const NAME = /^[\x21-\x7e]*$/

/** Reads the word, low byte first (docs/CJT188-PROFILE.md §4). Undefined when it cannot be read. */
export function readFirmwareWord(payload: Uint8Array): FirmwareWord | undefined {
  if (payload.length < HEAD || payload.length > HEAD + MOST_NAME) return undefined
  const code = payload[0] as number
  const outcome = UPDATE_OUTCOMES[code]
  const name = Buffer.from(payload.subarray(HEAD)).toString('latin1')
  if (!NAME.test(name) || (outcome === undefined && code !== NO_UPDATE)) return undefined
  const id = new DataView(payload.buffer, payload.byteOffset + 1, 4).getUint32(0, true)
  return { ...(name !== '' && { firmware: name }), ...(outcome && { update: { id, outcome } }) }
}

/** Mirror of `readFirmwareWord`. A name longer than 32 characters is cut. */
export function writeFirmwareWord({ firmware = '', update }: FirmwareWord): Uint8Array {
  const name = Buffer.from(firmware.slice(0, MOST_NAME), 'latin1')
  const payload = new Uint8Array(HEAD + name.length)
  payload[0] = update === undefined ? NO_UPDATE : UPDATE_OUTCOMES.indexOf(update.outcome)
  new DataView(payload.buffer).setUint32(1, update?.id ?? 0, true)
  payload.set(name, HEAD)
  return payload
}
