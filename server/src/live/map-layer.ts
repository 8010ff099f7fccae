import { encodeFrame, LAYERS, type LayerName } from '../contract/index.ts'

const KEPT_FRAMES = 64

/** How a layer's values travel: q × scale + offset in 16 bits. */
export interface ValueScale {
  readonly scale: number
  readonly offset: number
}

/**
 * The present state of one map layer and what changed since the last frame. Setting is cheap and repeated settings between two
 * frames cost one change; frames are made once and shared by all consoles.
 */
export class MapLayer {
  readonly name: LayerName
  readonly state: Uint8Array
  readonly value: Float32Array | undefined
  readonly #scale: ValueScale | undefined
  readonly #dirty: Uint8Array
  readonly #changed: Uint32Array
  #changes = 0
  #seq = 0
  readonly #kept: { readonly seq: number; readonly bytes: Uint8Array<ArrayBuffer> }[] = []

  /** @param scale given for layers whose objects carry a value beside their state */
  constructor(name: LayerName, size: number, scale?: ValueScale) {
    this.name = name
    this.state = new Uint8Array(size)
    this.#scale = scale
    this.value = scale === undefined ? undefined : new Float32Array(size).fill(Number.NaN)
    this.#dirty = new Uint8Array(size)
    this.#changed = new Uint32Array(size)
  }

  get seq(): number {
    return this.#seq
  }

  set(id: number, state: number, value?: number): void {
    const before = this.value?.[id]
    const next = value ?? Number.NaN
    const sameValue = this.value === undefined || Object.is(Math.fround(next), before)
    if (this.state[id] === state && sameValue) return
    this.state[id] = state
    if (this.value !== undefined) this.value[id] = next
    if (this.#dirty[id] === 0) {
      this.#dirty[id] = 1
      this.#changed[this.#changes++] = id
    }
  }

  /** The next frame: changes since the last one, or a heartbeat (n = 0) when `heartbeat`; undefined when there is nothing to say. */
  takeFrame(snapshot: number, at: number, heartbeat: boolean): Uint8Array<ArrayBuffer> | undefined {
    if (this.#changes === 0 && !heartbeat) return undefined
    const ids = this.#changed.slice(0, this.#changes).sort()
    const states = new Uint8Array(ids.length)
    const values = this.value === undefined ? undefined : new Float32Array(ids.length)
    for (let i = 0; i < ids.length; i++) {
      const id = ids[i] ?? 0
      states[i] = this.state[id] ?? 0
      if (values !== undefined) values[i] = this.value?.[id] ?? Number.NaN
      this.#dirty[id] = 0
    }
    this.#changes = 0
    this.#seq++
    const head = { layer: LAYERS[this.name], snapshot, seq: this.#seq, at, ids, states }
    const bytes = encodeFrame(
      values === undefined || this.#scale === undefined ? head : { ...head, values: { ...this.#scale, value: values } },
    )
    this.#kept.push({ seq: this.#seq, bytes })
    if (this.#kept.length > KEPT_FRAMES) this.#kept.shift()
    return bytes
  }

  /** Frames from…to again, or undefined when one of them is no longer kept. */
  resend(from: number, to: number): readonly Uint8Array<ArrayBuffer>[] | undefined {
    const frames = this.#kept.filter((f) => f.seq >= from && f.seq <= to)
    return frames.length === to - from + 1 ? frames.map((f) => f.bytes) : undefined
  }
}
