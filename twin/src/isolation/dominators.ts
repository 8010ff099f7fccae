/**
 * The nearest vertex that lies on every way from the roots to each vertex, in a graph of linked arcs.
 *
 * @param first, next, to  arcs: first arc of each vertex, next arc of the same vertex, vertex an arc leads to
 * @returns per vertex its immediate dominator, −1 when there is none (roots, vertices reached from several roots, unreached ones),
 *          and the reached vertices, each after its dominator
 * @source Cooper, Harvey, Kennedy: A Simple, Fast Dominance Algorithm (2001)
 */
export function immediateDominators(
  count: number,
  first: Int32Array,
  next: readonly number[],
  to: readonly number[],
  roots: readonly number[],
): { readonly dominator: Int32Array; readonly order: readonly number[] } {
  // A vertex before all roots makes one graph of several sources.
  const top = count
  const order = reversePostorder(count, first, next, to, roots)
  const place = new Int32Array(count + 1).fill(-1)
  place[top] = 0
  order.forEach((vertex, k) => {
    place[vertex] = k + 1
  })
  const dominator = new Int32Array(count + 1).fill(-1)
  dominator[top] = top
  const isRoot = new Set(roots)
  const before: number[][] = Array.from({ length: count }, () => [])
  for (const vertex of order)
    for (let arc = first[vertex] ?? -1; arc >= 0; arc = next[arc] ?? -1) before[to[arc] ?? -1]?.push(vertex)
  const meet = (one: number, two: number): number => {
    let [a, b] = [one, two]
    while (a !== b) {
      while ((place[a] ?? 0) > (place[b] ?? 0)) a = dominator[a] ?? top
      while ((place[b] ?? 0) > (place[a] ?? 0)) b = dominator[b] ?? top
    }
    return a
  }
  for (let changed = true; changed; ) {
    changed = false
    for (const vertex of order) {
      let found = isRoot.has(vertex) ? top : -1
      for (const source of before[vertex] ?? [])
        if (dominator[source] !== -1) found = found === -1 ? source : meet(source, found)
      if (found !== dominator[vertex]) {
        dominator[vertex] = found
        changed = true
      }
    }
  }
  return { dominator: dominator.subarray(0, count).map((vertex) => (vertex === top ? -1 : vertex)), order }
}

function reversePostorder(
  count: number,
  first: Int32Array,
  next: readonly number[],
  to: readonly number[],
  roots: readonly number[],
): readonly number[] {
  const seen = new Uint8Array(count)
  const cursor = first.slice()
  const done: number[] = []
  for (const root of roots) {
    if (seen[root] === 1) continue
    seen[root] = 1
    const stack = [root]
    while (stack.length > 0) {
      const vertex = stack[stack.length - 1] ?? 0
      const arc = cursor[vertex] ?? -1
      if (arc < 0) {
        done.push(vertex)
        stack.pop()
        continue
      }
      cursor[vertex] = next[arc] ?? -1
      const reached = to[arc] ?? 0
      if (seen[reached] === 1) continue
      seen[reached] = 1
      stack.push(reached)
    }
  }
  return done.reverse()
}
