type Pause = [from: number, to: number]

const NONE: readonly Pause[] = []

/** When no gas came to a node, Unix ms; the last pause of a node may still be open. */
export class NodeOutages {
  readonly #pauses = new Map<number, Pause[]>()

  of(node: number): readonly (readonly [number, number])[] {
    return this.#pauses.get(node) ?? NONE
  }

  isOut(node: number): boolean {
    return this.#pauses.get(node)?.at(-1)?.[1] === Number.POSITIVE_INFINITY
  }

  begin(node: number, at: number): void {
    if (this.isOut(node)) return
    const list = this.#pauses.get(node)
    if (list === undefined) this.#pauses.set(node, [[at, Number.POSITIVE_INFINITY]])
    else list.push([at, Number.POSITIVE_INFINITY])
  }

  end(node: number, at: number): void {
    const last = this.#pauses.get(node)?.at(-1)
    if (last !== undefined && last[1] === Number.POSITIVE_INFINITY) last[1] = at
  }

  get count(): number {
    return this.#pauses.size
  }
}
