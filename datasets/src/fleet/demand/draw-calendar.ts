/** Changes of flow at nodes in the order of time, for one local day: what a step of the physics needs, without asking homes. */
export class DrawCalendar {
  readonly #seconds: Uint32Array
  readonly #nodes: Uint32Array
  readonly #changes: Float64Array
  #next = 0

  private constructor(seconds: Uint32Array, nodes: Uint32Array, changes: Float64Array) {
    this.#seconds = seconds
    this.#nodes = nodes
    this.#changes = changes
  }

  static readonly empty = (): DrawCalendar =>
    new DrawCalendar(new Uint32Array(0), new Uint32Array(0), new Float64Array(0))

  static sorted(draft: CalendarDraft): DrawCalendar {
    const { count, seconds, nodes, changes } = draft
    const first = new Uint32Array(86_402)
    for (let i = 0; i < count; i++) first[(seconds[i] ?? 0) + 1] = (first[(seconds[i] ?? 0) + 1] ?? 0) + 1
    for (let s = 1; s < first.length; s++) first[s] = (first[s] ?? 0) + (first[s - 1] ?? 0)
    const made = [new Uint32Array(count), new Uint32Array(count), new Float64Array(count)] as const
    for (let i = 0; i < count; i++) {
      const second = seconds[i] ?? 0
      const at = first[second] ?? 0
      first[second] = at + 1
      made[0][at] = second
      made[1][at] = nodes[i] ?? 0
      made[2][at] = changes[i] ?? 0
    }
    return new DrawCalendar(...made)
  }

  /**
   * Applies the changes up to and including a second of the day.
   * @param slope  m³/s at each node; updated
   * @param volume m³ of each node in the running interval, already filled with slope × length; updated
   * @param until  seconds after midnight, end of the interval
   */
  advance(until: number, slope: Float64Array, volume: Float64Array): void {
    while (this.#next < this.#seconds.length) {
      const second = this.#seconds[this.#next] as number
      if (second > until) break
      const node = this.#nodes[this.#next] as number
      const change = this.#changes[this.#next] as number
      slope[node] = (slope[node] as number) + change
      volume[node] = (volume[node] as number) + change * (until - second)
      this.#next += 1
    }
  }
}

/** Collects draws in any order. */
export class CalendarDraft {
  count = 0
  seconds = new Uint32Array(1 << 16)
  nodes = new Uint32Array(1 << 16)
  changes = new Float64Array(1 << 16)

  add(node: number, from: number, to: number, flow: number): void {
    this.#put(node, from, flow)
    this.#put(node, to, -flow)
  }

  #put(node: number, second: number, change: number): void {
    if (this.count === this.seconds.length) {
      const grow = <A extends Uint32Array | Float64Array>(old: A, made: A): A => {
        made.set(old)
        return made
      }
      this.seconds = grow(this.seconds, new Uint32Array(this.count * 2))
      this.nodes = grow(this.nodes, new Uint32Array(this.count * 2))
      this.changes = grow(this.changes, new Float64Array(this.count * 2))
    }
    this.seconds[this.count] = second
    this.nodes[this.count] = node
    this.changes[this.count] = change
    this.count += 1
  }
}
