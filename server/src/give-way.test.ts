import { readdirSync, readFileSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import { expect, test } from 'vitest'
import { entryPath } from './entry.ts'

const linux = process.platform === 'linux'

test.skipIf(!linux)('a thread that gives way leaves the priority of the others as it was', async () => {
  const before = nices()
  const source = entryPath(import.meta.url, './give-way.js')
  const worker = new Worker(
    `import(${JSON.stringify(source)}).then(({ giveWay }) => { giveWay(7); require('node:worker_threads').parentPort.postMessage('done'); setInterval(() => {}, 1000) })`,
    { eval: true, execArgv: [] },
  )
  await new Promise((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
  })
  expect(nices().filter((nice) => nice === 7)).toHaveLength(1)
  expect(nices().filter((nice) => nice === (before[0] ?? 0)).length).toBeGreaterThanOrEqual(before.length)
  await worker.terminate()
})

/** The nice of every thread of this process; the 19th field, counted behind the name in brackets. */
function nices(): number[] {
  return readdirSync('/proc/self/task').map((task) => {
    const stat = readFileSync(`/proc/self/task/${task}/stat`, 'utf8')
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16])
  })
}
