import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const there = (file: string): boolean => existsSync(new URL(`../${file}`, import.meta.url))
const read = (file: string): string => readFileSync(new URL(`../${file}`, import.meta.url), 'utf8')

const pagesIn = (folder: string): string[] =>
  readdirSync(new URL(`../${folder}`, import.meta.url))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `${folder}${name}`)
const PAGES = ['', 'docs/', 'docs/decisions/', 'datasets/'].flatMap(pagesIn)
/** Folders of the repository whose names a path begins with; `server/trust` is short for `server/src/trust`. */
const PATH = /^(twin|analytics|server|web|datasets|e2e|scripts|docs|docker)\/(\S*[^\s/.,])\/?$/

/** Words in code marks that look like paths of the repository, whole or as arguments of a command. */
const pathsOf = (page: string): string[] =>
  [...page.matchAll(/`([^`\n]+)`/g)]
    .flatMap(([, code = '']) => code.split(' '))
    .filter((word) => PATH.test(word) && !/[*…{<]/.test(word))
    .map((word) => word.replace(/\/$/, ''))
const isThere = (file: string): boolean => there(file) || there(file.replace('/', '/src/'))

test('every path of the repository that a page names exists', () => {
  expect(PAGES.length).toBeGreaterThan(40)
  const named = PAGES.flatMap((page) => pathsOf(read(page)).map((file) => [page, file] as const))
  expect(named.length).toBeGreaterThan(400)
  expect(named.filter(([, file]) => !isThere(file))).toEqual([])
})

test('every page and decision that a page points to exists', () => {
  const decisions = new Set(pagesIn('docs/decisions/').map((file) => file.split('/')[2]?.slice(0, 4)))
  for (const page of PAGES) {
    const text = read(page)
    const folder = page.includes('/') ? page.slice(0, page.lastIndexOf('/') + 1) : ''
    const links = [...text.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(
      ([, link = '']) => new URL(link, `file:///${folder}`),
    )
    const pages = [...text.matchAll(/\bdocs\/[A-Z][A-Z0-9-]*\.md\b/g)].map(([name]) => name)
    expect([
      page,
      [...links.map(({ pathname }) => pathname.slice(1)), ...pages].filter((file) => !there(file)),
    ]).toEqual([page, []])
    const numbers = [...text.matchAll(/\bdecisions\/(\d{4})/g)].map(([, number]) => number)
    expect([page, numbers.filter((number) => !decisions.has(number))]).toEqual([page, []])
  }
})

test('every script and benchmark that a page runs exists', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Readonly<Record<string, string>> }
  const benches = read('scripts/bench.mjs')
  for (const page of PAGES) {
    const text = read(page)
    const run = [...text.matchAll(/\bnpm run ([a-z:]+)/g)].map(([, name = '']) => name)
    expect([page, run.filter((name) => !(name in scripts))]).toEqual([page, []])
    const measured = [...text.matchAll(/\b(?:npm run bench --|gastwin bench) ([a-z][a-z-]*)/g)].map(([, name]) => name)
    expect([page, measured.filter((name) => !new RegExp(`^  '?${name}'?: '`, 'm').test(benches))]).toEqual([page, []])
  }
})

test('docs/ARCHITECTURE.md places every folder of analytics and server, and README.md names every page', () => {
  const map = read('docs/ARCHITECTURE.md').split('\n')
  const isPlaced = (of: string, name: string): boolean =>
    map.some((line) => line.startsWith(`| \`${of}/`) && new RegExp(`\`(${of}/)?${name}\``).test(line))
  for (const of of ['analytics', 'server']) {
    const entries = readdirSync(new URL(`../${of}/src`, import.meta.url), { withFileTypes: true })
    const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
    expect(folders.length).toBeGreaterThan(10)
    expect(folders.filter((name) => !isPlaced(of, name))).toEqual([])
  }
  const readme = read('README.md')
  expect(pagesIn('docs/').filter((page) => !readme.includes(`(${page})`))).toEqual([])
})
