// `npm test`: installs and builds what is missing, then runs all tests, the browser's included. Arguments go to vitest.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { checkNode, ensureBuilt, ensureInstalled, root } from './ensure.mjs'

checkNode()
ensureInstalled()
ensureBuilt()
const report = path.join(mkdtempSync(path.join(tmpdir(), 'gastwin-test-')), 'report.json')
const result = spawnSync(
  process.execPath,
  [
    path.join(root, 'node_modules/vitest/vitest.mjs'),
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
    ...process.argv.slice(2),
  ],
  { cwd: root, stdio: 'inherit', env: { ...process.env, LANG: process.env.LANG ?? 'C.UTF-8' } },
)
let line = 'no report was written'
let failed = 1
try {
  const summary = JSON.parse(readFileSync(report, 'utf8'))
  failed = summary.numFailedTests + (summary.numFailedTestSuites > 0 && summary.numFailedTests === 0 ? 1 : 0)
  line = `${summary.numPassedTests} passed, ${failed} failed, ${summary.numPendingTests + summary.numTodoTests} skipped`
} catch {}
console.log(line)
process.exit(result.status === 0 && failed === 0 ? 0 : 1)
