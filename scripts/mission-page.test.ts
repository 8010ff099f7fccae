import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const page = readFileSync(new URL('../docs/MISSION.md', import.meta.url), 'utf8')
const STATES = ['done', 'partly', 'not built', 'hardware only']
const rows = [...page.matchAll(/^\| (S\d-\d+[a-z]?) \| ([^|]*) \| ([^|]*) \| ([^|]*) \| ([^|]*) \|$/gm)].map(
  ([, id = '', state = '', what = '', where = '', tests = '']) => ({ id, state, what, where, tests }),
)
const files = (cell: string): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, file = '']) => file)

/** `S0: 01…23 30 36a` as ids. */
function statedIds(): string[] {
  const stated = /^All ids — (.+)\.$/m.exec(page)?.[1] ?? ''
  return stated.split(' · ').flatMap((part) => {
    const [seed = '', numbers = ''] = part.split(': ')
    return numbers.split(' ').flatMap((item) => {
      const [first = '', last = first] = item.split('…')
      if (!/^\d+$/.test(item) && first === last) return [`${seed}-${item}`]
      const count = Number(last) - Number(first) + 1
      return Array.from({ length: count }, (_, i) => `${seed}-${String(Number(first) + i).padStart(2, '0')}`)
    })
  })
}

test('every id of the founding documents has one row and a known state', () => {
  const ids = rows.map(({ id }) => id)
  expect(ids.length).toBeGreaterThan(190)
  expect(new Set(ids).size).toBe(ids.length)
  expect(ids.toSorted()).toEqual(statedIds().toSorted())
  expect(page.match(/^\| S/gm)).toHaveLength(rows.length)
  expect(rows.filter(({ state }) => !STATES.includes(state))).toEqual([])
  for (const state of STATES) {
    const count = rows.filter((row) => row.state === state).length
    expect(page).toContain(`${count} ${state}`)
  }
})

test('every file it names exists, and what is done or works partly says where and by which test', () => {
  const named = rows.flatMap(({ where, tests }) => [...files(where), ...files(tests)])
  const missing = named.filter((file) => !existsSync(new URL(`../${file}`, import.meta.url)))
  expect(missing).toEqual([])
  expect(rows.flatMap(({ tests }) => files(tests)).filter((file) => !/\.test\.tsx?$/.test(file))).toEqual([])
  const bare = rows.filter((row) => row.state === 'done' && (files(row.where).length === 0 || !row.tests.includes('`')))
  expect(bare).toEqual([])
  const vague = rows.filter(
    (row) => row.state === 'partly' && (row.what.trim() === '' || files(row.where).length === 0),
  )
  expect(vague).toEqual([])
})
