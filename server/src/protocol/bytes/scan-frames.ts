import type { Malformed } from '@gastwin/twin'

interface Found {
  readonly kind: 'frame'
  /** Offset after the last byte of the frame. */
  readonly end: number
}

/**
 * All frames of a complete buffer, in order, each after any number of `FE`.
 *
 * Bytes that are no frame give one `Malformed` per run, with the reason of its first start byte. After a bad frame the search
 * goes on at its second byte: a broken length must not cost the next good frame, and a `68` inside data is never looked at
 * while its frame is good.
 * @param readFrame reads the frame that starts at an offset
 */
export function scanWith<F extends Found>(
  bytes: Uint8Array,
  readFrame: (bytes: Uint8Array, at: number) => F | Malformed,
): (F | Malformed)[] {
  const found: (F | Malformed)[] = []
  let at = 0
  let lost: Malformed | undefined
  while (at < bytes.length) {
    if (bytes[at] === 0xfe) {
      at++
      continue
    }
    const frame = readFrame(bytes, at)
    if (frame.kind === 'frame') {
      if (lost) found.push(lost)
      lost = undefined
      found.push(frame)
      at = frame.end
    } else {
      if (!lost || (lost.reason === 'bad-start' && frame.reason !== 'bad-start')) lost = frame
      at++
    }
  }
  if (lost) found.push(lost)
  if (found.length === 0) found.push({ kind: 'malformed', reason: 'truncated', at, detail: 'no byte of a frame' })
  return found
}
