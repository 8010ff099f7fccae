/** The writer in a thread of its own: rows are built here, so that the service's thread never waits for them. */
import { setTimeout as pause } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'
import { giveWay } from '../../give-way.ts'
import { readMark } from '../../log/durable-mark.ts'
import { openLogReader } from '../../log/log-reader.ts'
import { Database } from '../database.ts'
import { batchStore } from './batch-store.ts'
import { DeviceDirectory } from './device-directory.ts'
import { frameDecoder } from './frame-decoder.ts'
import { recordToRows } from './record-rows.ts'
import { writeLog } from './write-log.ts'
import type { FromWriter, ToWriter, WriterOrder } from './writer-messages.ts'

giveWay(10)
const order = workerData as WriterOrder
const stop = new AbortController()
const database = new Database(order.database, order.endpoint)
const decoder = frameDecoder(order.masterKey, order.profiles, order.trust, order.fittings, order.points)
const reader = openLogReader(order.logDirectory)
let toRows = recordToRows(decoder, directoryOf(order.devices))

parentPort?.on('message', (message: ToWriter) => {
  if (message.type === 'stop') stop.abort()
  else if (message.type === 'endpoint') database.connect(message.endpoint)
  else toRows = recordToRows(decoder, directoryOf(message.devices))
})

await writeLog({
  log: await logIdentity(),
  source: {
    begin: () => reader.begin(),
    end: () => reader.end(),
    read: async function* (from, options) {
      await decoder.moveTo(reader, from)
      yield* reader.read(from, options)
    },
  },
  store: batchStore(database, order.cluster),
  toRows: () => toRows,
  limits: order.limits,
  signal: stop.signal,
  onProgress: (progress) => parentPort?.postMessage({ type: 'progress', progress } satisfies FromWriter),
})
await database.close()
parentPort?.close()

/** The log's own id, once its first record is durable. */
async function logIdentity(): Promise<string> {
  while (!stop.signal.aborted) {
    const mark = await readMark(order.logDirectory)
    if (mark !== undefined) return Buffer.from(mark.logId).toString('hex')
    await pause(order.limits.pollMs, undefined, { signal: stop.signal }).catch(() => undefined)
  }
  return ''
}

function directoryOf(devices: WriterOrder['devices']): DeviceDirectory {
  const directory = new DeviceDirectory(devices)
  for (const { points } of order.points ?? []) directory.add(points)
  return directory
}
