/**
 * `GMD1`: one binary frame of state changes of one map layer, little-endian, sent once to every console.
 *
 * | at | type | field |
 * |---|---|---|
 * | 0 | 4 bytes | `47 4d 44 31` "GMD1" |
 * | 4 | u8 | version 1 |
 * | 5 | u8 | layer, see LAYERS |
 * | 6 | u8 | flags: bit 0 values follow, others 0 |
 * | 7 | u8 | 0 |
 * | 8 | u32 | snapshot: the numbering that ids refer to |
 * | 12 | u32 | sequence, per layer, +1 each frame, heartbeats (n = 0) included |
 * | 16 | f64 | server time, Unix ms, whole |
 * | 24 | u32 | count n |
 * | 28 | f32, f32 | scale, offset: only with values |
 * | 28 or 36 | n × u16 | q, meaning q × scale + offset; 65535 = none: only with values |
 * | then | n × u8 | state |
 * | then | n varints | LEB128: first id, then the difference to the one before (≥ 1) |
 *
 * States are absolute: applying a frame twice is harmless.
 */
const MAGIC = 0x31444d47
const VERSION = 1
const WITH_VALUES = 0b1
const HEADER = 28
const HEADER_WITH_VALUES = 36
const LARGEST_VARINT = 5
const LAST_LAYER = 5
const NO_VALUE = 0xffff

interface FrameHead {
  readonly layer: number
  readonly snapshot: number
  readonly seq: number
  /** Server time, Unix ms, whole. */
  readonly at: number
}

/** Values of a frame: `value[i]` is NaN for none; others travel as steps of `scale` above `offset`. */
export interface FrameValues {
  readonly scale: number
  readonly offset: number
  readonly value: ArrayLike<number>
}

export interface FrameToSend extends FrameHead {
  /** Object numbers, strictly ascending. */
  readonly ids: Uint32Array
  readonly states: Uint8Array
  readonly values?: FrameValues
}

export interface Frame extends FrameHead {
  readonly ids: Uint32Array
  readonly states: Uint8Array
  /** NaN = none; absent when the frame carries states only. */
  readonly values: Float32Array | undefined
}

export type FrameRefusal =
  | 'magic'
  | 'version'
  | 'layer'
  | 'flags'
  | 'reserved'
  | 'time'
  | 'scale'
  | 'truncated'
  | 'left_over'
  | 'count'
  | 'varint'
  | 'difference_zero'
  | 'id_range'

export interface RefusedFrame {
  readonly refused: FrameRefusal
}

/**
 * @throws RangeError when ids do not ascend strictly or columns differ in length: such a frame must not leave the service
 */
export function encodeFrame(frame: FrameToSend): Uint8Array<ArrayBuffer> {
  const { ids, states, values } = frame
  const n = ids.length
  if (states.length !== n || (values !== undefined && values.value.length !== n))
    throw new RangeError(`frame columns differ in length: ${n} ids, ${states.length} states`)
  const start = values === undefined ? HEADER : HEADER_WITH_VALUES
  const bytes = new Uint8Array(start + n * (values === undefined ? 1 : 3) + n * LARGEST_VARINT)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, MAGIC, true)
  bytes[4] = VERSION
  bytes[5] = frame.layer
  bytes[6] = values === undefined ? 0 : WITH_VALUES
  view.setUint32(8, frame.snapshot, true)
  view.setUint32(12, frame.seq, true)
  view.setFloat64(16, frame.at, true)
  view.setUint32(24, n, true)
  let at = start
  if (values !== undefined) {
    view.setFloat32(28, values.scale, true)
    view.setFloat32(32, values.offset, true)
    for (let i = 0; i < n; i++, at += 2) view.setUint16(at, step(values, i), true)
  }
  bytes.set(states, at)
  at += n
  let before = -1
  for (let i = 0; i < n; i++) {
    const id = ids[i] ?? 0
    if (id <= before) throw new RangeError(`frame ids must ascend: ${id} after ${before}`)
    let rest = before < 0 ? id : id - before
    before = id
    for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes[at++] = (rest & 0x7f) | 0x80
    bytes[at++] = rest
  }
  return bytes.slice(0, at)
}

function step({ scale, offset, value }: FrameValues, i: number): number {
  const q = Math.round(((value[i] ?? Number.NaN) - offset) / scale)
  return Number.isNaN(q) ? NO_VALUE : Math.min(NO_VALUE - 1, Math.max(0, q))
}

/**
 * Reads a whole frame or refuses it whole; nothing is allocated before the count is known to fit.
 * @param layerSize objects in a layer of the present snapshot: a larger id is refused
 */
export function decodeFrame(bytes: Uint8Array, layerSize: (layer: number) => number): Frame | RefusedFrame {
  if (bytes.length < HEADER) return { refused: startsLikeFrame(bytes) ? 'truncated' : 'magic' }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const head = readHead(bytes, view)
  if ('refused' in head) return head
  const withValues = (bytes[6] ?? 0) === WITH_VALUES
  const start = withValues ? HEADER_WITH_VALUES : HEADER
  const n = view.getUint32(24, true)
  if (bytes.length < start) return { refused: 'truncated' }
  // The shortest possible row is one state, one byte of varint, and two of value.
  if (n > (bytes.length - start) / (withValues ? 4 : 2)) return { refused: 'count' }
  const values = withValues ? readValues(view, n) : undefined
  if (values === null) return { refused: 'scale' }
  const stateAt = start + (withValues ? 2 * n : 0)
  const ids = readIds(bytes, stateAt + n, n, layerSize(head.layer))
  if (typeof ids === 'string') return { refused: ids }
  return { ...head, ids, states: bytes.slice(stateAt, stateAt + n), values }
}

function startsLikeFrame(bytes: Uint8Array): boolean {
  return [0x47, 0x4d, 0x44, 0x31].every((byte, i) => i >= bytes.length || bytes[i] === byte)
}

function readHead(bytes: Uint8Array, view: DataView): FrameHead | RefusedFrame {
  if (view.getUint32(0, true) !== MAGIC) return { refused: 'magic' }
  if (bytes[4] !== VERSION) return { refused: 'version' }
  const layer = bytes[5] ?? 0
  if (layer < 1 || layer > LAST_LAYER) return { refused: 'layer' }
  if (((bytes[6] ?? 0) & ~WITH_VALUES) !== 0) return { refused: 'flags' }
  if (bytes[7] !== 0) return { refused: 'reserved' }
  const at = view.getFloat64(16, true)
  if (!Number.isSafeInteger(at)) return { refused: 'time' }
  return { layer, snapshot: view.getUint32(8, true), seq: view.getUint32(12, true), at }
}

function readValues(view: DataView, n: number): Float32Array | null {
  const scale = view.getFloat32(28, true)
  const offset = view.getFloat32(32, true)
  if (!Number.isFinite(scale) || !Number.isFinite(offset)) return null
  const values = new Float32Array(n)
  for (let i = 0; i < n; i++) {
    const q = view.getUint16(HEADER_WITH_VALUES + 2 * i, true)
    values[i] = q === NO_VALUE ? Number.NaN : q * scale + offset
  }
  return values
}

function readIds(bytes: Uint8Array, start: number, n: number, size: number): Uint32Array | FrameRefusal {
  const ids = new Uint32Array(n)
  let at = start
  let id = 0
  for (let i = 0; i < n; i++) {
    let difference = 0
    let factor = 1
    for (let length = 1; ; length++) {
      const byte = bytes[at++]
      if (byte === undefined) return 'truncated'
      difference += (byte & 0x7f) * factor
      if (byte < 0x80) break
      if (length === LARGEST_VARINT) return 'varint'
      factor *= 128
    }
    if (i > 0 && difference === 0) return 'difference_zero'
    id += difference
    if (id >= size) return 'id_range'
    ids[i] = id
  }
  return at === bytes.length ? ids : 'left_over'
}
