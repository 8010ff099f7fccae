import type { Malformed } from '@gastwin/twin'
import { malformed } from '../bytes/malformed.ts'
import type { DeviceLookup } from '../report/lookup.ts'
import { type CbcOpener, cbcOpener } from '../sm4/modes.ts'
import { GASTWIN_CIPHER, unsealFrame } from './cipher.ts'
import type { FoundFrame } from './frame.ts'

/** Opens the frames of one exchange one after the other with the key of their device, set up once. */
export function unsealer(lookup: DeviceLookup): (frame: FoundFrame) => FoundFrame | Malformed {
  let device = Number.NaN
  let open: CbcOpener | undefined
  return (frame) => {
    const { address } = frame
    if (address !== device) {
      const key = lookup.keyOf(address)
      open = key && cbcOpener(key)
      device = address
    }
    if (!open) return malformed('no-key', frame.at + 2, 'no key is known for this device')
    return unsealFrame(lookup.profileOf?.(address)?.cipher ?? GASTWIN_CIPHER, open, frame)
  }
}
