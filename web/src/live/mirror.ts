import type { Frame, LayerName, StateMeta } from '@gastwin/server/contract'
import { LAYERS } from '@gastwin/server/contract'

/** Frames kept while an earlier one is missing; the service keeps as many for re-asking. */
const MAX_HELD = 64
/** How long a missing frame may take before the whole state is fetched instead, ms. */
const RESEND_PATIENCE_MS = 1000

export const LAYER_NAMES = Object.keys(LAYERS) as readonly LayerName[]

export type MirrorRequest =
  | { readonly kind: 'resend'; readonly layer: LayerName; readonly from: number; readonly to: number }
  | { readonly kind: 'state' }
  | { readonly kind: 'geometry' }

interface LayerMirror {
  /** State byte per object, by its number in the geometry. */
  states: Uint8Array
  /** NaN = none; only of layers that carry values. */
  values: Float32Array
  seq: number
  /** Rises with every change, so that a reader knows whether it has seen this. */
  version: number
  dirtyFrom: number
  dirtyTo: number
  readonly held: Map<number, Frame>
  askedAt: number | undefined
}

export type LayerSizes = Readonly<Record<LayerName, number>>

/**
 * The truth about the map on this side of the wire: states of every object in typed arrays, kept whole by sequence numbers.
 * Frames may be lost, doubled, swapped or late; the mirror applies each once and in order, and says what it must ask for.
 */
export class MapMirror {
  readonly #layers: Readonly<Record<LayerName, LayerMirror>>
  #snapshot: number
  #loaded = false
  /** Objects whose state was set by frames since the last `takeApplied`. */
  #applied = 0

  constructor(snapshot: number, sizes: LayerSizes) {
    this.#snapshot = snapshot
    const layer = (size: number): LayerMirror => ({
      states: new Uint8Array(size),
      values: new Float32Array(size).fill(Number.NaN),
      seq: 0,
      version: 0,
      dirtyFrom: Number.POSITIVE_INFINITY,
      dirtyTo: -1,
      held: new Map(),
      askedAt: undefined,
    })
    this.#layers = {
      meters: layer(sizes.meters),
      pipes: layer(sizes.pipes),
      rtus: layer(sizes.rtus),
      zones: layer(sizes.zones),
      valves: layer(sizes.valves),
    }
  }

  get snapshot(): number {
    return this.#snapshot
  }

  /** False until the first state columns came: states are unknown, frames are only kept. */
  get loaded(): boolean {
    return this.#loaded
  }

  states(layer: LayerName): Uint8Array {
    return this.#layers[layer].states
  }

  values(layer: LayerName): Float32Array {
    return this.#layers[layer].values
  }

  version(layer: LayerName): number {
    return this.#layers[layer].version
  }

  sizeOf(layerNumber: number): number {
    const name = LAYER_NAMES.find((n) => LAYERS[n] === layerNumber)
    return name === undefined ? 0 : this.#layers[name].states.length
  }

  /** Rows changed since the last call, as `[from, to)`; undefined when none. */
  takeDirty(layer: LayerName): readonly [from: number, to: number] | undefined {
    const mirror = this.#layers[layer]
    if (mirror.dirtyTo < 0) return undefined
    const range = [mirror.dirtyFrom, mirror.dirtyTo + 1] as const
    mirror.dirtyFrom = Number.POSITIVE_INFINITY
    mirror.dirtyTo = -1
    return range
  }

  /** How many changes frames brought since the last call. */
  takeApplied(): number {
    const applied = this.#applied
    this.#applied = 0
    return applied
  }

  /** @param now any steady clock, ms */
  receive(frame: Frame, now: number): MirrorRequest | undefined {
    if (frame.snapshot !== this.#snapshot) return { kind: 'geometry' }
    const name = LAYER_NAMES.find((n) => LAYERS[n] === frame.layer)
    if (name === undefined) return undefined
    const mirror = this.#layers[name]
    if (frame.seq <= mirror.seq) return undefined
    if (this.#loaded && frame.seq === mirror.seq + 1) {
      this.#apply(mirror, frame)
      this.#drain(mirror)
      return undefined
    }
    if (mirror.held.size >= MAX_HELD) return this.#overflow(mirror, frame)
    mirror.held.set(frame.seq, frame)
    return this.#loaded ? this.#ask(name, mirror, now) : undefined
  }

  /** Says what is overdue: call a few times a second. */
  poll(now: number): MirrorRequest | undefined {
    const overdue = LAYER_NAMES.some((name) => {
      const { askedAt } = this.#layers[name]
      return askedAt !== undefined && now - askedAt > RESEND_PATIENCE_MS
    })
    return overdue ? { kind: 'state' } : undefined
  }

  /**
   * Replaces all states by the service's columns and goes on with the frames that are newer.
   * @throws RangeError when a column has another length than the geometry says
   */
  load(columns: Readonly<Record<string, ArrayLike<number>>>, meta: StateMeta, now: number): MirrorRequest | undefined {
    if (meta.snapshot !== this.#snapshot) return { kind: 'geometry' }
    let request: MirrorRequest | undefined
    this.#loaded = true
    for (const name of LAYER_NAMES) {
      const mirror = this.#layers[name]
      replace(mirror.states, columns[`${name}_state`], name)
      const values = columns[`${name}_value`]
      if (values !== undefined) replace(mirror.values, values, name)
      mirror.seq = meta.seq[name]
      mirror.askedAt = undefined
      touch(mirror, 0, mirror.states.length - 1)
      for (const seq of [...mirror.held.keys()]) if (seq <= mirror.seq) mirror.held.delete(seq)
      this.#drain(mirror)
      if (mirror.held.size > 0) request ??= this.#ask(name, mirror, now)
    }
    return request
  }

  /** After the socket was lost: what was held back belongs to another conversation. */
  forgetHeld(): void {
    for (const name of LAYER_NAMES) {
      this.#layers[name].held.clear()
      this.#layers[name].askedAt = undefined
    }
  }

  /** What to ask after a reconnect: frames between what is applied and what the service has sent meanwhile. */
  missedUntil(seq: Readonly<Record<LayerName, number>>, snapshot: number, now: number): readonly MirrorRequest[] {
    if (snapshot !== this.#snapshot) return [{ kind: 'geometry' }]
    if (!this.#loaded) return [{ kind: 'state' }]
    const requests: MirrorRequest[] = []
    for (const name of LAYER_NAMES) {
      const mirror = this.#layers[name]
      const missing = seq[name] - mirror.seq
      // A lower number than ours means that the service began again.
      if (missing < 0 || missing > MAX_HELD) return [{ kind: 'state' }]
      if (missing > 0) {
        mirror.askedAt = now
        requests.push({ kind: 'resend', layer: name, from: mirror.seq + 1, to: seq[name] })
      }
    }
    return requests
  }

  #ask(layer: LayerName, mirror: LayerMirror, now: number): MirrorRequest | undefined {
    if (mirror.askedAt !== undefined) return undefined
    mirror.askedAt = now
    return { kind: 'resend', layer, from: mirror.seq + 1, to: Math.min(...mirror.held.keys()) - 1 }
  }

  #overflow(mirror: LayerMirror, frame: Frame): MirrorRequest | undefined {
    if (this.#loaded) return { kind: 'state' }
    // Before the columns came only the newest frames can matter: the columns include the older ones.
    mirror.held.delete(Math.min(...mirror.held.keys()))
    mirror.held.set(frame.seq, frame)
    return undefined
  }

  #drain(mirror: LayerMirror): void {
    for (let next = mirror.held.get(mirror.seq + 1); next !== undefined; next = mirror.held.get(mirror.seq + 1)) {
      mirror.held.delete(next.seq)
      this.#apply(mirror, next)
    }
    if (mirror.held.size === 0) mirror.askedAt = undefined
  }

  #apply(mirror: LayerMirror, frame: Frame): void {
    const { ids, states, values } = frame
    const n = ids.length
    for (let i = 0; i < n; i++) mirror.states[ids[i] as number] = states[i] as number
    if (values !== undefined) for (let i = 0; i < n; i++) mirror.values[ids[i] as number] = values[i] as number
    mirror.seq = frame.seq
    this.#applied += n
    if (n > 0) touch(mirror, ids[0] as number, ids[n - 1] as number)
  }
}

function touch(mirror: LayerMirror, from: number, to: number): void {
  if (to < from) return
  mirror.version++
  mirror.dirtyFrom = Math.min(mirror.dirtyFrom, from)
  mirror.dirtyTo = Math.max(mirror.dirtyTo, to)
}

function replace(target: Uint8Array | Float32Array, column: ArrayLike<number> | undefined, layer: string): void {
  if (column === undefined) return
  if (column.length !== target.length)
    throw new RangeError(`${layer}: ${column.length} states for ${target.length} objects`)
  target.set(column)
}
