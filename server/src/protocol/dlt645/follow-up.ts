import type { Malformed } from '@gastwin/twin'
import { concatBytes } from '../bytes/concat.ts'
import { malformed } from '../bytes/malformed.ts'
import { CONTROL, functionOf, type Generation, generationOf, READ, READ_NEXT } from './control.table.ts'
import { identifierBytes } from './decode.ts'
import type { FoundFrame } from './frame.ts'

/**
 * Puts the parts of long answers together: the first answer and the answers to "read next" of the same meter become one frame of
 * the first kind, as if the data had fitted. Frames that are whole pass through.
 * @returns `Malformed` when a part is missing, comes twice, or is of another identifier
 */
export function joinFollowUps(
  frames: readonly FoundFrame[],
  generation: Generation,
): readonly FoundFrame[] | Malformed {
  const joined: FoundFrame[] = []
  let open: { frame: FoundFrame; parts: Uint8Array[]; next: number } | undefined
  for (const frame of frames) {
    const spoken = generationOf(frame.control) ?? generation
    const head = identifierBytes(spoken)
    const more = (frame.control & CONTROL.MORE) !== 0
    const code = frame.control & CONTROL.FUNCTION
    const isNext = (frame.control & CONTROL.ANSWER) !== 0 && code === READ_NEXT[spoken]
    if (!isNext) {
      if (open) return malformed('truncated', frame.at, 'a long answer lacks its last part')
      if (!more || code !== READ[spoken]) joined.push(frame)
      else open = { frame, parts: [frame.data], next: 1 }
      continue
    }
    const counted = functionOf(frame.control, spoken)?.answer.counted === true
    if (!open || frame.address !== open.frame.address)
      return malformed('unsupported', frame.at, 'a part without its first')
    const end = frame.data.length - (counted ? 1 : 0)
    if (end < head || !sameIdentifier(frame.data, open.frame.data, head))
      return malformed('unsupported', frame.at, 'a part of another identifier')
    if (counted && frame.data[end] !== open.next) return malformed('unsupported', frame.at, 'parts are not in order')
    open.parts.push(frame.data.subarray(head, end))
    open.next += 1
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

function sameIdentifier(a: Uint8Array, b: Uint8Array, count: number): boolean {
  for (let i = 0; i < count; i++) if (a[i] !== b[i]) return false
  return true
}
