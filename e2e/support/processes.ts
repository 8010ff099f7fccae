import { execFileSync } from 'node:child_process'

export interface Descendant {
  readonly pid: number
  readonly command: string
}

/** Every process that a process started, directly or not. */
export function descendantsOf(pid: number): readonly Descendant[] {
  const rows = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' })
    .split('\n')
    .flatMap((line) => {
      const found = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line)
      return found === null ? [] : [{ pid: Number(found[1]), parent: Number(found[2]), command: found[3] ?? '' }]
    })
  const wanted = new Set([pid])
  // Parents are not always listed before their children.
  for (let before = 0; before < wanted.size; ) {
    before = wanted.size
    for (const row of rows) if (wanted.has(row.parent)) wanted.add(row.pid)
  }
  return rows.filter((row) => row.pid !== pid && wanted.has(row.pid))
}

/** The one process below `pid` whose command line contains `part`. @throws when there is none */
export function descendant(pid: number, part: string): number {
  const all = descendantsOf(pid)
  const found = all.find(({ command }) => command.includes(part))
  if (found === undefined) throw new Error(`no ${part} among ${all.map((d) => d.command).join('; ')}`)
  return found.pid
}
