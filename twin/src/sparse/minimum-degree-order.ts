/**
 * Elimination order that keeps a sparse symmetric factor small: minimum approximate degree on the quotient graph, with element
 * absorption, mass elimination and merging of indistinguishable nodes.
 *
 * @param size     number of nodes
 * @param pointer  Int32Array[size + 1], start of each node's neighbours
 * @param index    neighbours, every edge listed at both ends, without self-loops or repetition
 * @returns Int32Array[size]: the node eliminated first, second, …; ties are broken by number, so the result is deterministic
 * @source Amestoy, Davis, Duff: An approximate minimum degree ordering algorithm, SIAM J. Matrix Anal. Appl. 17 (1996), section 4
 */
export function minimumDegreeOrder(size: number, pointer: Int32Array, index: Int32Array): Int32Array {
  const order = new Int32Array(size)
  const graph = new QuotientGraph(size, pointer, index)
  let placed = 0
  while (placed < size) {
    const pivot = graph.takeSmallest()
    graph.eliminate(pivot)
    for (let node = pivot; node >= 0; node = graph.nextMember(node)) order[placed++] = node
  }
  return order
}

const none: readonly number[] = []

class QuotientGraph {
  readonly #size: number
  /** Per live node: neighbours not covered by an element. Per element: its boundary nodes. */
  readonly #nodes: number[][]
  readonly #elements: number[][]
  /** Nodes represented; 0 when merged into another node or eliminated. */
  readonly #weight: Int32Array
  readonly #degree: Int32Array
  readonly #isElement: Uint8Array
  readonly #mark: Int32Array
  /** For an element: weight of its boundary outside the present one, plus the stamp. */
  readonly #outside: Float64Array
  readonly #first: Int32Array
  readonly #next: Int32Array
  readonly #previous: Int32Array
  readonly #memberNext: Int32Array
  readonly #memberLast: Int32Array
  #stamp = 0
  #outsideStamp = 0
  #widest = 0
  #lowest = 0
  #remaining: number

  constructor(size: number, pointer: Int32Array, index: Int32Array) {
    this.#size = size
    this.#remaining = size
    this.#nodes = new Array(size)
    this.#elements = new Array(size)
    this.#weight = new Int32Array(size).fill(1)
    this.#degree = new Int32Array(size)
    this.#isElement = new Uint8Array(size)
    this.#mark = new Int32Array(size)
    this.#outside = new Float64Array(size)
    this.#first = new Int32Array(size + 1).fill(-1)
    this.#next = new Int32Array(size).fill(-1)
    this.#previous = new Int32Array(size).fill(-1)
    this.#memberNext = new Int32Array(size).fill(-1)
    this.#memberLast = new Int32Array(size)
    for (let i = size - 1; i >= 0; i--) {
      const neighbours: number[] = []
      for (let p = at(pointer, i); p < at(pointer, i + 1); p++) neighbours.push(at(index, p))
      this.#nodes[i] = neighbours
      this.#elements[i] = []
      this.#memberLast[i] = i
      this.#degree[i] = neighbours.length
      this.#insert(i)
    }
  }

  nextMember(node: number): number {
    return at(this.#memberNext, node)
  }

  takeSmallest(): number {
    while (at(this.#first, this.#lowest) < 0) this.#lowest++
    const node = at(this.#first, this.#lowest)
    this.#remove(node)
    return node
  }

  /** Turns a node into an element whose boundary is everything it touched, and updates the degrees there. */
  eliminate(pivot: number): void {
    const boundary = this.#boundaryOf(pivot)
    const pivotWeight = at(this.#weight, pivot)
    this.#weight[pivot] = 0
    this.#isElement[pivot] = 1
    this.#remaining -= pivotWeight
    let boundaryWeight = 0
    for (const i of boundary) boundaryWeight += at(this.#weight, i)
    this.#measureOverlaps(boundary)
    const byHash = new Map<number, number[]>()
    for (const i of boundary) {
      this.#remove(i)
      const { external, hash } = this.#compact(i, pivot)
      if (external === 0) {
        // Only the new element is left: it can be eliminated together with the pivot.
        this.#remaining -= at(this.#weight, i)
        boundaryWeight -= at(this.#weight, i)
        this.#merge(i, pivot)
        continue
      }
      this.#degree[i] = Math.min(at(this.#degree, i), external)
      const bucket = byHash.get(hash)
      if (bucket === undefined) byHash.set(hash, [i])
      else bucket.push(i)
    }
    for (const bucket of byHash.values()) if (bucket.length > 1) this.#mergeTwins(bucket)
    const kept: number[] = []
    for (const i of boundary) {
      const weight = at(this.#weight, i)
      if (weight === 0) continue
      kept.push(i)
      const bound = at(this.#degree, i) + boundaryWeight - weight
      this.#degree[i] = Math.max(0, Math.min(bound, this.#remaining - weight))
      this.#insert(i)
    }
    this.#nodes[pivot] = kept
    this.#degree[pivot] = boundaryWeight
    this.#elements[pivot] = []
  }

  #boundaryOf(pivot: number): number[] {
    const stamp = ++this.#stamp
    const boundary: number[] = []
    this.#mark[pivot] = stamp
    const add = (i: number): void => {
      if (at(this.#weight, i) > 0 && at(this.#mark, i) !== stamp) {
        this.#mark[i] = stamp
        boundary.push(i)
      }
    }
    for (const i of this.#nodes[pivot] ?? none) add(i)
    for (const e of this.#elements[pivot] ?? none) {
      if (this.#isElement[e] === 0) continue
      for (const i of this.#nodes[e] ?? none) add(i)
      this.#absorb(e)
    }
    return boundary
  }

  #absorb(element: number): void {
    this.#isElement[element] = 0
    this.#nodes[element] = []
  }

  #measureOverlaps(boundary: readonly number[]): void {
    this.#outsideStamp += this.#widest + 1
    const base = this.#outsideStamp
    let widest = 0
    for (const i of boundary) {
      const weight = at(this.#weight, i)
      for (const e of this.#elements[i] ?? none) {
        if (this.#isElement[e] === 0) continue
        if ((this.#outside[e] ?? 0) < base) this.#outside[e] = base + at(this.#degree, e)
        widest = Math.max(widest, at(this.#degree, e))
        this.#outside[e] = (this.#outside[e] ?? 0) - weight
      }
    }
    this.#widest = widest
  }

  /** Drops what the new element covers from a boundary node; the degree it keeps outside the element, and a fingerprint. */
  #compact(i: number, pivot: number): { external: number; hash: number } {
    const base = this.#outsideStamp
    const elements: number[] = []
    let external = 0
    let hash = pivot
    for (const e of this.#elements[i] ?? none) {
      if (this.#isElement[e] === 0) continue
      const outside = (this.#outside[e] ?? 0) - base
      if (outside <= 0) {
        this.#absorb(e)
        continue
      }
      external += outside
      hash += e
      elements.push(e)
    }
    const nodes: number[] = []
    for (const j of this.#nodes[i] ?? none) {
      const weight = at(this.#weight, j)
      if (weight === 0 || at(this.#mark, j) === this.#stamp) continue
      external += weight
      hash += j
      nodes.push(j)
    }
    elements.push(pivot)
    this.#elements[i] = elements
    this.#nodes[i] = nodes
    return { external, hash }
  }

  #mergeTwins(bucket: number[]): void {
    for (let a = 0; a < bucket.length; a++) {
      const i = bucket[a] ?? -1
      if (at(this.#weight, i) === 0) continue
      for (let b = a + 1; b < bucket.length; b++) {
        const j = bucket[b] ?? -1
        if (at(this.#weight, j) === 0 || !this.#sameLists(i, j)) continue
        this.#weight[i] = at(this.#weight, i) + at(this.#weight, j)
        this.#merge(j, i)
      }
    }
  }

  #sameLists(i: number, j: number): boolean {
    return (
      sameSet(this.#elements[i] ?? none, this.#elements[j] ?? none) &&
      sameSet(this.#nodes[i] ?? none, this.#nodes[j] ?? none)
    )
  }

  #merge(node: number, into: number): void {
    this.#weight[node] = 0
    this.#memberNext[at(this.#memberLast, into)] = node
    this.#memberLast[into] = at(this.#memberLast, node)
    this.#nodes[node] = []
    this.#elements[node] = []
  }

  #insert(node: number): void {
    const degree = Math.min(at(this.#degree, node), this.#size)
    const head = at(this.#first, degree)
    this.#next[node] = head
    this.#previous[node] = -1
    if (head >= 0) this.#previous[head] = node
    this.#first[degree] = node
    if (degree < this.#lowest) this.#lowest = degree
  }

  #remove(node: number): void {
    const before = at(this.#previous, node)
    const after = at(this.#next, node)
    if (before >= 0) this.#next[before] = after
    else this.#first[at(this.#degree, node)] = after
    if (after >= 0) this.#previous[after] = before
  }
}

function sameSet(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((x) => b.includes(x))
}

function at(array: Int32Array, i: number): number {
  return array[i] ?? 0
}
