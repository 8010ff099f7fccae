import { deviceKey } from '../protocol/index.ts'

const MOST_KEYS = 200_000

/**
 * SM4 keys of devices, derived from the master key when first needed.
 * @param masterKey 16 bytes; empty: no device has a key, and encrypted frames are `no-key`
 */
export function deviceKeys(masterKey: Uint8Array): (device: number) => Uint8Array | undefined {
  if (masterKey.length === 0) return () => undefined
  const keys = new Map<number, Uint8Array>()
  return (device) => {
    const known = keys.get(device)
    if (known !== undefined) return known
    const key = deviceKey(masterKey, device)
    // Bounded: forged device numbers must not fill memory. A key costs one block of SM4 to make again.
    if (keys.size >= MOST_KEYS) keys.clear()
    keys.set(device, key)
    return key
  }
}

/** A key as settings hold it, 32 hexadecimal digits or nothing, as bytes. */
export const keyBytes = (hex: string | null): Uint8Array => (hex === null ? new Uint8Array(0) : Buffer.from(hex, 'hex'))
