export interface Arc {
  readonly to: number
  readonly length: number
  readonly edge: number
}

export interface PathTree {
  /** m from the nearest start; Infinity where unreachable. */
  readonly distance: Float64Array
  /** Node before this one on the way from the start; −1 at starts. */
  readonly before: Int32Array
  /** Edge by which this node is reached; −1 at starts. */
  readonly edge: Int32Array
  /** Nodes in order of distance. */
  readonly order: number[]
}

/** Dijkstra from several starts at once. @param arcs arcs leaving each node */
export function shortestPaths(arcs: readonly (readonly Arc[])[], starts: Iterable<number>): PathTree {
  const n = arcs.length
  const distance = new Float64Array(n).fill(Infinity)
  const before = new Int32Array(n).fill(-1)
  const edge = new Int32Array(n).fill(-1)
  const done = new Uint8Array(n)
  const order: number[] = []
  const heap: [number, number][] = []
  for (const s of starts) {
    distance[s] = 0
    push(heap, [0, s])
  }
  for (let top = pop(heap); top !== undefined; top = pop(heap)) {
    const [d, u] = top
    if (done[u] === 1) continue
    done[u] = 1
    order.push(u)
    for (const arc of arcs[u] ?? []) {
      const through = d + arc.length
      if (through >= (distance[arc.to] ?? 0)) continue
      distance[arc.to] = through
      before[arc.to] = u
      edge[arc.to] = arc.edge
      push(heap, [through, arc.to])
    }
  }
  return { distance, before, edge, order }
}

function push(heap: [number, number][], item: [number, number]): void {
  let i = heap.push(item) - 1
  while (i > 0) {
    const up = (i - 1) >> 1
    const parent = heap[up]
    if (parent === undefined || parent[0] <= item[0]) break
    heap[i] = parent
    i = up
  }
  heap[i] = item
}

function pop(heap: [number, number][]): [number, number] | undefined {
  const top = heap[0]
  const last = heap.pop()
  if (top === undefined || last === undefined || heap.length === 0) return top
  let i = 0
  for (;;) {
    let k = 2 * i + 1
    if (k >= heap.length) break
    if (k + 1 < heap.length && (heap[k + 1]?.[0] ?? 0) < (heap[k]?.[0] ?? 0)) k++
    const child = heap[k]
    if (child === undefined || child[0] >= last[0]) break
    heap[i] = child
    i = k
  }
  heap[i] = last
  return top
}
