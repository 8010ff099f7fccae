import { type DeviceLookup, deviceKey, type StatusProfile } from '../protocol/index.ts'

const MOST_KEYS = 200_000

/** Keys derived from the master key, made when first needed; one reading of the status word for all until makers have profiles. */
export function deviceLookup(masterKeyHex: string | null, statusProfile: StatusProfile): DeviceLookup {
  if (masterKeyHex === null) return { keyOf: () => undefined, statusProfileOf: () => statusProfile }
  const master = Buffer.from(masterKeyHex, 'hex')
  const keys = new Map<number, Uint8Array>()
  return {
    keyOf: (device) => {
      const known = keys.get(device)
      if (known !== undefined) return known
      const key = deviceKey(master, device)
      // Bounded: forged device numbers must not fill memory. A key costs one block of SM4 to make again.
      if (keys.size >= MOST_KEYS) keys.clear()
      keys.set(device, key)
      return key
    },
    statusProfileOf: () => statusProfile,
  }
}
