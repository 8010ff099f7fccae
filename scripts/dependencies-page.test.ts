import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const read = (file: string): string => readFileSync(new URL(`../${file}`, import.meta.url), 'utf8')
interface Manifest {
  readonly name: string
  readonly version: string
  readonly workspaces?: readonly string[]
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly overrides?: Readonly<Record<string, string>>
}
const manifest = (folder: string): Manifest => JSON.parse(read(`${folder}package.json`)) as Manifest

const root = manifest('')
const packages = (root.workspaces ?? []).map((folder) => manifest(`${folder}/`))
const GROUPS = ['dependencies', 'devDependencies', 'overrides'] as const
const asked = [root, ...packages].flatMap((of) =>
  GROUPS.flatMap((group) =>
    Object.entries(of[group] ?? {}).map(([dependency, version]) => ({ of: of.name, group, dependency, version })),
  ),
)
const own = new Map(packages.map(({ name, version }) => [name, version]))

test('docs/decisions/0002-dependencies.md has every dependency in one line, and none that is gone', () => {
  const page = read('docs/decisions/0002-dependencies.md')
  const rows = [...page.matchAll(/^\| ([^|]+) \| [^|]+ \| [^|]+ \|$/gm)].slice(1)
  const named = rows.flatMap(([, packagesOfRow = '']) => packagesOfRow.split(', '))
  expect(new Set(named).size).toBe(named.length)
  // What only an override asks for is a dependency of a dependency: it is named in the reason of another line.
  const overridden = Object.keys(root.overrides ?? {})
  const direct = asked.filter(({ group, dependency }) => group !== 'overrides' && !own.has(dependency))
  expect(named.toSorted()).toEqual([...new Set(direct.map(({ dependency }) => dependency))].toSorted())
  for (const name of overridden) expect(page).toContain(name)
})

test('versions are pinned exactly, and the same package has one version', () => {
  const loose = asked.filter(({ dependency, version }) =>
    own.has(dependency) ? version !== own.get(dependency) : !/^\d+\.\d+\.\d+$/.test(version),
  )
  expect(loose).toEqual([])
  const versions = new Map<string, Set<string>>()
  for (const { dependency, version } of asked)
    versions.set(dependency, (versions.get(dependency) ?? new Set()).add(version))
  expect([...versions].filter(([, known]) => known.size > 1)).toEqual([])
})
