/** One array of numbers of a model, with the shape it is used in. */
export interface ModelArray {
  readonly shape: readonly number[]
  readonly values: Float32Array | Int32Array
}

/** What a model file holds: facts (JSON) and named arrays. */
export interface ModelContainer {
  readonly facts: Readonly<Record<string, unknown>>
  readonly arrays: ReadonlyMap<string, ModelArray>
}

interface ArrayHead {
  readonly name: string
  readonly type: 'f32' | 'i32'
  readonly shape: readonly number[]
}

/**
 * A model as bytes: length of the head (uint32, little endian), head as JSON, then the arrays one after the other,
 * 4 bytes a number, little endian.
 */
export function encodeModel({ facts, arrays }: ModelContainer): Uint8Array {
  const heads: ArrayHead[] = []
  let numbers = 0
  for (const [name, { shape, values }] of arrays) {
    heads.push({ name, type: values instanceof Float32Array ? 'f32' : 'i32', shape })
    numbers += values.length
  }
  const head = encodeText(JSON.stringify({ facts, arrays: heads }))
  const bytes = new Uint8Array(4 + head.length + 4 * numbers)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, head.length, true)
  bytes.set(head, 4)
  let at = 4 + head.length
  for (const { values } of arrays.values()) {
    for (const value of values) {
      if (values instanceof Float32Array) view.setFloat32(at, value, true)
      else view.setInt32(at, value, true)
      at += 4
    }
  }
  return bytes
}

/** The model that bytes hold; a sentence saying what is wrong when they hold none. */
export function decodeModel(bytes: Uint8Array): ModelContainer | string {
  if (bytes.length < 4) return 'it is shorter than its head'
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const headLength = view.getUint32(0, true)
  if (4 + headLength > bytes.length) return 'it ends within its head'
  let head: { readonly facts: Record<string, unknown>; readonly arrays: ArrayHead[] }
  try {
    head = JSON.parse(decodeText(bytes.subarray(4, 4 + headLength)))
  } catch {
    return 'its head is not JSON'
  }
  if (typeof head?.facts !== 'object' || !Array.isArray(head.arrays)) return 'its head names no arrays'
  const arrays = new Map<string, ModelArray>()
  let at = 4 + headLength
  for (const { name, type, shape } of head.arrays) {
    const count = shape.reduce((product, side) => product * side, 1)
    if (at + 4 * count > bytes.length) return `it ends within "${name}"`
    const values = type === 'f32' ? new Float32Array(count) : new Int32Array(count)
    for (let i = 0; i < count; i++, at += 4)
      values[i] = type === 'f32' ? view.getFloat32(at, true) : view.getInt32(at, true)
    arrays.set(name, { shape, values })
  }
  return at === bytes.length ? { facts: head.facts, arrays } : 'it goes on after its last array'
}

/** Every letter beyond ASCII is escaped, so that a letter is a byte. */
function encodeText(json: string): Uint8Array {
  const ascii = json.replaceAll(/[\u0080-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
  return Uint8Array.from(ascii, (c) => c.charCodeAt(0))
}

function decodeText(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(byte)
  return text
}
