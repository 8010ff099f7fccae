/**
 * Cheapest set of arcs that separates a start from a goal in a directed graph with capacities (Dinic's blocking flows). Of
 * several equally cheap cuts it takes the one nearest the goal.
 */
export class MinimumCut {
  readonly #nodes: number
  readonly #head: number[] = []
  readonly #next: number[] = []
  readonly #capacity: number[] = []
  readonly #first: Int32Array
  readonly #level: Int32Array
  readonly #queue: Int32Array

  constructor(nodes: number) {
    this.#nodes = nodes
    this.#first = new Int32Array(nodes).fill(-1)
    this.#level = new Int32Array(nodes)
    this.#queue = new Int32Array(nodes)
  }

  /** An arc with its capacity, ≥ 0, and what may pass the other way. */
  add(from: number, to: number, capacity: number, backwards = 0): void {
    this.#half(from, to, capacity)
    this.#half(to, from, backwards)
  }

  #half(from: number, to: number, capacity: number): void {
    this.#head.push(to)
    this.#capacity.push(capacity)
    this.#next.push(this.#first[from] ?? -1)
    this.#first[from] = this.#head.length - 1
  }

  /**
   * @returns per node 1 when it lies on the goal's side of the cut, or undefined when only arcs of infinite capacity are left
   */
  goalSide(start: number, goal: number): Uint8Array | undefined {
    while (this.#levels(start, goal)) {
      const cursor = this.#first.slice()
      for (;;) {
        const pushed = this.#augment(start, goal, cursor)
        if (pushed === Number.POSITIVE_INFINITY) return undefined
        if (pushed === 0) break
      }
    }
    return this.#reaching(goal)
  }

  #levels(start: number, goal: number): boolean {
    this.#level.fill(-1)
    this.#level[start] = 0
    this.#queue[0] = start
    let length = 1
    for (let k = 0; k < length; k++) {
      const node = this.#queue[k] ?? 0
      for (let arc = this.#first[node] ?? -1; arc >= 0; arc = this.#next[arc] ?? -1) {
        const to = this.#head[arc] ?? 0
        if ((this.#capacity[arc] ?? 0) <= 0 || this.#level[to] !== -1) continue
        this.#level[to] = (this.#level[node] ?? 0) + 1
        this.#queue[length++] = to
      }
    }
    return this.#level[goal] !== -1
  }

  /** One augmenting path along rising levels; 0 when there is none. */
  #augment(start: number, goal: number, cursor: Int32Array): number {
    const path: number[] = []
    let node = start
    while (node !== goal) {
      const arc = cursor[node] ?? -1
      if (arc < 0) {
        if (path.length === 0) return 0
        this.#level[node] = -1
        const back = path.pop() ?? 0
        node = this.#head[back ^ 1] ?? 0
        continue
      }
      const to = this.#head[arc] ?? 0
      if ((this.#capacity[arc] ?? 0) > 0 && this.#level[to] === (this.#level[node] ?? 0) + 1) {
        path.push(arc)
        node = to
      } else cursor[node] = this.#next[arc] ?? -1
    }
    let narrowest = Number.POSITIVE_INFINITY
    for (const arc of path) narrowest = Math.min(narrowest, this.#capacity[arc] ?? 0)
    if (narrowest === Number.POSITIVE_INFINITY) return narrowest
    for (const arc of path) {
      this.#capacity[arc] = (this.#capacity[arc] ?? 0) - narrowest
      this.#capacity[arc ^ 1] = (this.#capacity[arc ^ 1] ?? 0) + narrowest
    }
    return narrowest
  }

  #reaching(goal: number): Uint8Array {
    const side = new Uint8Array(this.#nodes)
    side[goal] = 1
    this.#queue[0] = goal
    let length = 1
    for (let k = 0; k < length; k++) {
      const node = this.#queue[k] ?? 0
      for (let arc = this.#first[node] ?? -1; arc >= 0; arc = this.#next[arc] ?? -1) {
        const from = this.#head[arc] ?? 0
        if (side[from] === 1 || (this.#capacity[arc ^ 1] ?? 0) <= 0) continue
        side[from] = 1
        this.#queue[length++] = from
      }
    }
    return side
  }
}
