/** The embedded engine in a process of its own: a crash of it touches nothing else, and it ends when its parent does. */
import { mkdirSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { version } from 'chdb'
import { giveWay } from '../../give-way.ts'
import { EngineLanes } from './engine-lanes.ts'
import type { FromEngine, OpenEngine } from './engine-messages.ts'
import { createFront } from './http-front.ts'

const MAX_BODY_BYTES = 256 * 1024 * 1024

giveWay(5)

// A parent killed by signal 9 says nothing; the channel closes. No running statement may hold us back.
process.on('disconnect', () => process.exit())
process.on('SIGINT', () => {}) // Ctrl+C reaches the whole group; the parent decides when the engine ends.
process.once('message', (message) => open(message as OpenEngine))

const tell = (message: FromEngine, then = () => {}) => process.send?.(message, then)

function open(order: OpenEngine): void {
  try {
    mkdirSync(order.directory, { recursive: true })
    const lanes = new EngineLanes({
      directory: order.directory,
      readers: order.readers,
      maxWaiting: 64,
      base: {
        max_execution_time: '60',
        max_threads: String(order.maxThreads),
        max_memory_usage: String(order.maxMemoryBytes),
      },
    })
    const front = createFront({
      lanes,
      password: order.password,
      maxBodyBytes: MAX_BODY_BYTES,
      stalledReaderMs: 30_000,
    })
    front.listen(0, '127.0.0.1', () => {
      const { port } = front.address() as AddressInfo
      tell({ type: 'ready', port, version: version().libchdb.replaceAll('"', '') })
    })
    process.once('SIGTERM', () => {
      front.close()
      front.closeIdleConnections()
      void lanes.close().finally(() => process.exit(0))
    })
  } catch (error) {
    process.exitCode = 1
    const detail = error instanceof Error ? error.message : String(error)
    tell({ type: 'failed', detail }, () => process.disconnect())
  }
}
