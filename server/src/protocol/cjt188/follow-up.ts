import type { Malformed } from '@gastwin/twin'
import { concatBytes } from '../bytes/concat.ts'
import { malformed } from '../bytes/malformed.ts'
import type { FoundFrame } from './frame.ts'
import { CONTROL } from './identifiers.ts'

/** Identifier and serial in front of each part. */
const HEAD = 3

/**
 * Puts the parts of long answers of 2018 meters together: an answer with D5 and the answers after it, of the same meter and
 * identifier, serials counting on, up to one without D5. Frames that are whole pass through.
 * Only for meters whose profile says 2018: in 2004 D5 is the maker's own.
 */
export function joinFollowUps(frames: readonly FoundFrame[]): readonly FoundFrame[] | Malformed {
  const joined: FoundFrame[] = []
  let open: { frame: FoundFrame; parts: Uint8Array[]; serial: number } | undefined
  for (const frame of frames) {
    const { data } = frame
    const more = (frame.control & CONTROL.MORE) !== 0 && (frame.control & CONTROL.ANSWER) !== 0
    if (!open) {
      if (!more || data.length < HEAD) joined.push(frame)
      else open = { frame, parts: [data], serial: data[2] as number }
      continue
    }
    const first = open.frame.data
    if (frame.address !== open.frame.address || data.length < HEAD || data[0] !== first[0] || data[1] !== first[1])
      return malformed('unsupported', frame.at, 'a long answer is followed by another')
    if (data[2] !== ((open.serial + 1) & 0xff)) return malformed('unsupported', frame.at, 'parts are not in order')
    open.serial = data[2]
    open.parts.push(data.subarray(HEAD))
    if (!more) {
      joined.push({
        ...open.frame,
        control: open.frame.control & ~CONTROL.MORE,
        data: concatBytes(open.parts),
        end: frame.end,
      })
      open = undefined
    }
  }
  return open ? malformed('truncated', open.frame.at, 'a long answer lacks its last part') : joined
}
