import { SectionReader, sectionsOf } from '@gastwin/twin'

type Numbers = Float64Array | Float32Array

/** The named arrays that a balance keeps, saved and loaded together. */
export class Memory {
  readonly #arrays = new Map<string, Numbers>()
  readonly #copies = new Map<string, Uint8Array>()
  /** Small things that are no numbers, as JSON. */
  note: unknown = null

  f64(name: string, length: number, fill = 0): Float64Array {
    const array = new Float64Array(length)
    if (fill !== 0) array.fill(fill)
    this.#arrays.set(name, array)
    return array
  }
  f32(name: string, length: number, fill = 0): Float32Array {
    const array = new Float32Array(length)
    if (fill !== 0) array.fill(fill)
    this.#arrays.set(name, array)
    return array
  }

  get byteLength(): number {
    return [...this.#arrays.values()].reduce((sum, array) => sum + array.byteLength, 0)
  }

  /** As it is at the call: the arrays are copied then, the pieces are made when they are asked for; good until the next call. */
  save(): Iterable<Uint8Array> {
    const head = { arrays: [...this.#arrays].map(([name, array]) => [name, array.byteLength]), note: this.note }
    const text = letters(JSON.stringify(head))
    const copies = Array.from(this.#arrays, ([name, array]) => this.#copyOf(name, array))
    return (function* () {
      yield* sectionsOf(1, 0, text)
      for (const [index, array] of copies.entries()) yield* sectionsOf(2, index, array)
      yield* sectionsOf(3, 0, new Uint8Array(0))
    })()
  }

  /** @returns why the bytes cannot be taken, or nothing. After a fault the arrays are not to be used */
  load(pieces: Iterable<Uint8Array>): string | undefined {
    let headBytes = new Uint8Array(0)
    let targets: readonly Uint8Array[] | undefined
    let ended = false
    const reader = new SectionReader(
      ({ kind, index, offset, bytes }) => {
        if (kind === 1) {
          const longer = new Uint8Array(offset + bytes)
          longer.set(headBytes)
          headBytes = longer
          return longer.subarray(offset)
        }
        targets ??= this.#targets(headBytes)
        if (targets === undefined) return 'saved for another network'
        if (kind === 3) return new Uint8Array(0)
        return targets[index]?.subarray(offset, offset + bytes) ?? 'an array that the head does not name'
      },
      ({ kind }) => {
        ended = kind === 3
        return undefined
      },
    )
    for (const piece of pieces) reader.push(piece)
    return reader.fault ?? (ended && reader.whole ? undefined : 'the saved balance is cut off')
  }

  /** Fresh memory costs several times what the copying does, and somebody waits: a copy's memory is kept for the next. */
  #copyOf(name: string, array: Numbers): Uint8Array {
    const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength)
    const known = this.#copies.get(name)
    if (known !== undefined && known.length === bytes.length) {
      known.set(bytes)
      return known
    }
    const copy = bytes.slice()
    this.#copies.set(name, copy)
    return copy
  }

  /** Our arrays in the saved order; nothing when they are not the same ones. */
  #targets(headBytes: Uint8Array<ArrayBuffer>): readonly Uint8Array[] | undefined {
    const text = Array.from(new Uint16Array(headBytes.buffer), (code) => String.fromCharCode(code)).join('')
    const head = JSON.parse(text) as { arrays: [string, number][]; note: unknown }
    this.note = head.note
    const arrays = head.arrays.flatMap(([name, bytes]) => {
      const array = this.#arrays.get(name)
      return array?.byteLength === bytes ? [new Uint8Array(array.buffer, array.byteOffset, bytes)] : []
    })
    return arrays.length === head.arrays.length && arrays.length === this.#arrays.size ? arrays : undefined
  }
}

function letters(text: string): Uint16Array {
  return Uint16Array.from(text, (letter) => letter.charCodeAt(0))
}
