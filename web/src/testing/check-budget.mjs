// node web/src/testing/check-budget.mjs: gzipped JavaScript of the first screen ≤ 400 kB, no chunk > 300 kB.
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { gzipSync } from 'node:zlib'

const FIRST_SCREEN = 400_000
const CHUNK = 300_000
const dist = path.resolve(process.argv[2] ?? path.join(import.meta.dirname, '../../dist'))

/** What a chunk imports at once; dynamic imports are loaded later and do not count. */
function staticImports(code) {
  return [...code.matchAll(/(?:^|[;}])\s*import\s*(?:[\w{}\s,$*]+from\s*)?"(\.\/[^"]+\.js)"/g)].map((m) => m[1])
}

const html = readFileSync(path.join(dist, 'index.html'), 'utf8')
const waiting = [...html.matchAll(/(?:src|href)="\.\/(assets\/[^"]+\.js)"/g)].map((m) => m[1])
const sizes = new Map()
for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
  if (sizes.has(file)) continue
  const code = readFileSync(path.join(dist, file))
  sizes.set(file, gzipSync(code, { level: 9 }).length)
  waiting.push(...staticImports(code.toString()).map((name) => path.posix.join('assets', name)))
}
// Of the two languages the first screen waits for one.
const words = readdirSync(path.join(dist, 'assets')).filter((name) => /^(zh|en)-.*\.js$/.test(name))
const largest = Math.max(
  0,
  ...words.map((name) => gzipSync(readFileSync(path.join(dist, 'assets', name)), { level: 9 }).length),
)
if (words.length !== 2) throw new Error(`two dictionaries expected, found ${words.join(', ')}`)
sizes.set('words of one language', largest)
const total = [...sizes.values()].reduce((sum, n) => sum + n, 0)
for (const [file, size] of sizes) console.log(`${(size / 1000).toFixed(1).padStart(7)} kB  ${file}`)
console.log(`${(total / 1000).toFixed(1).padStart(7)} kB  first screen, of ${FIRST_SCREEN / 1000}`)
if (total > FIRST_SCREEN || Math.max(...sizes.values()) > CHUNK) process.exit(1)
