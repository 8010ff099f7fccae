import type { NetworkDocument, Pipe } from '@gastwin/twin'

/** What closing the remote valves around a trunk pipe means. */
export interface TrunkSection {
  readonly valves: readonly string[]
  /** Meters that lose their gas. */
  readonly metersLost: number
}

/** The section between remote valves that holds a trunk pipe. */
export function trunkSection(document: NetworkDocument, pipe: Pipe): TrunkSection {
  const remote = new Map(document.valves.filter((v) => v.actuator === 'remote' && v.open).map((v) => [v.id, v]))
  const around = new Map<string, { readonly id: string; readonly other: string }[]>()
  const join = (id: string, from: string, to: string): void => {
    around.set(from, [...(around.get(from) ?? []), { id, other: to }])
  }
  for (const e of [...document.pipes, ...document.valves.filter((v) => v.open)]) {
    if (e.zone !== pipe.zone) continue
    join(e.id, e.from, e.to)
    join(e.id, e.to, e.from)
  }
  const inside = new Set([pipe.from, pipe.to])
  const valves = new Set<string>()
  for (const node of inside)
    for (const { id, other } of around.get(node) ?? []) {
      if (remote.has(id)) valves.add(id)
      else inside.add(other)
    }
  return { valves: [...valves], metersLost: metersWithout(document, valves) }
}

function metersWithout(document: NetworkDocument, closed: ReadonlySet<string>): number {
  const next = new Map<string, string[]>()
  const join = (from: string, to: string): void => {
    const list = next.get(from)
    if (list === undefined) next.set(from, [to])
    else list.push(to)
  }
  for (const e of [...document.pipes, ...document.valves.filter((v) => v.open && !closed.has(v.id))]) {
    join(e.from, e.to)
    join(e.to, e.from)
  }
  for (const r of document.regulators) join(r.from, r.to)
  const fed = new Set(document.sources.map((s) => s.node))
  for (const node of fed) for (const other of next.get(node) ?? []) fed.add(other)
  return document.meters.filter((m) => !fed.has(m.node)).length
}
