// Runs dependency-cruiser and refuses an empty result: with a compiler it cannot use, it sees no module and reports success.
import { spawnSync } from 'node:child_process'
import path from 'node:path'

const bin = path.resolve('node_modules/dependency-cruiser/bin/dependency-cruise.mjs')
const folders = ['twin/src', 'analytics/src', 'server/src', 'web/src', 'datasets/src', 'e2e'].filter(
  (f) => spawnSync('test', ['-d', f]).status === 0,
)
const run = spawnSync(
  process.execPath,
  [bin, '--config', '.dependency-cruiser.mjs', '--output-type', 'json', ...folders],
  {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  },
)
if (!run.stdout) {
  console.error(run.stderr)
  process.exit(1)
}
const { summary, modules } = JSON.parse(run.stdout)
const own = modules.filter((m) => /^(twin|analytics|server|web|datasets)\/src/.test(m.source)).length
for (const v of summary.violations) {
  console.error(`${v.rule.severity} ${v.rule.name}: ${v.from} → ${v.to}`)
}
console.log(`${own} modules of our own cruised, ${summary.violations.length} violations`)
process.exit(own === 0 || summary.violations.length > 0 ? 1 : 0)
