// `npm test`: installs and builds what is missing, then runs all tests, the browser's included. Arguments go to vitest.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { checkNode, ensureBuilt, ensureInstalled, root } from './ensure.mjs'

checkNode()
ensureInstalled()
ensureBuilt()
const folder = mkdtempSync(path.join(tmpdir(), 'gastwin-test-'))

/** One lane of tests; returns what it counted. */
function lane(name, args) {
  const report = path.join(folder, `${name}.json`)
  const vitest = path.join(root, 'node_modules/vitest/vitest.mjs')
  const result = spawnSync(
    process.execPath,
    [vitest, 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...args],
    { cwd: root, stdio: 'inherit', env: { ...process.env, LANG: process.env.LANG ?? 'C.UTF-8' } },
  )
  try {
    const summary = JSON.parse(readFileSync(report, 'utf8'))
    const brokenFiles = summary.numFailedTestSuites > 0 && summary.numFailedTests === 0 ? 1 : 0
    const silent = result.status === 0 || summary.numFailedTests + brokenFiles > 0 ? 0 : 1
    return {
      passed: summary.numPassedTests,
      failed: summary.numFailedTests + brokenFiles + silent,
      skipped: summary.numPendingTests + summary.numTodoTests,
    }
  } catch {
    return { passed: 0, failed: 1, skipped: 0 }
  }
}

const wanted = process.argv.slice(2)
// Whole programs and a browser one after the other: side by side they would only wait for each other's processor.
const lanes =
  wanted.length > 0
    ? [lane('wanted', wanted)]
    : [lane('units', ['--exclude', 'e2e/**']), lane('e2e', ['--no-file-parallelism', 'e2e/'])]
const sum = (key) => lanes.reduce((total, counted) => total + counted[key], 0)
console.log(`${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped`)
process.exit(sum('failed') === 0 && sum('passed') > 0 ? 0 : 1)
