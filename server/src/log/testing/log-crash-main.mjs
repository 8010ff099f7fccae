// Appends as fast as it can until it is killed, and says on stdout what was acknowledged: `position number count` a line.
// Arguments: directory, first number. Entry bodies are derived from their number, so that the parent can check every byte.
import fs from 'node:fs'
import { openSegmentLog } from '../../../dist/log/segment-log.js'

const [dir, first] = process.argv.slice(2)
const log = await openSegmentLog(dir, { segmentBytes: 400_000, groupBytes: 20_000 })
let number = Number(first)

/** Same rule as in crash-harness.ts. */
function crashBody(n) {
  const body = Buffer.alloc(8 + ((n * 7919) % 300), n % 251)
  body.writeDoubleLE(n, 0)
  return body
}

async function appendForEver() {
  for (;;) {
    const count = 1 + (number % 13)
    const from = number
    number += count
    const entries = Array.from({ length: count }, (_, i) => ({
      kind: 1,
      receivedAt: from + i,
      body: crashBody(from + i),
    }))
    const position = await log.append(entries)
    fs.writeSync(1, `${position} ${from} ${count}\n`)
  }
}
await Promise.all(Array.from({ length: 8 }, appendForEver))
