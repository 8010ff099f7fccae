/** DTLS in a thread of its own: what a record costs is not paid by the thread that closes valves. */
import type { AddressInfo } from 'node:net'
import { parentPort, workerData } from 'node:worker_threads'
import { bindUdp } from '../ingest/udp-socket.ts'
import { DTLS_LIMITS } from './dtls-limits.ts'
import type { DtlsOrder, FromDtls, ToDtls } from './dtls-messages.ts'
import { DtlsServer } from './dtls-server.ts'
import { KeyFileWatch } from './key-file-watch.ts'
import { ContentPacker, unpackContents } from './packed-contents.ts'
import { PskTable } from './psk-table.ts'

const TICK_MS = 1_000
/** Contents that the service was given and has not taken: more are dropped unread, and come again. */
const MOST_WAITING = 20_000
/** Wrong keys that are told of in a second: a guesser must not cost the service more than himself. */
const MOST_TOLD = 20

const order = workerData as DtlsOrder
const port = parentPort
if (port === null) throw new Error('this program is a thread of the service')
const tell = (message: FromDtls): void => port.postMessage(message)

async function run(order: DtlsOrder): Promise<void> {
  const watch = new KeyFileWatch(order.keysFile, order.rootKey)
  const first = watch.read()
  if (first === undefined || first.mistakes.length > 0) {
    tell({ type: 'failed', why: first?.mistakes.slice(0, 20).join('\n') ?? '', isSetting: true })
    return
  }
  const { socket, receiveBufferBytes } = await bindUdp(
    { family: order.host.includes(':') ? 'udp6' : 'udp4', host: order.host, port: order.port },
    order.receiveBufferBytes,
  )
  const packer = new ContentPacker()
  let waiting = 0
  let shed = 0
  let told = 0
  let isDue = false
  let keys = new PskTable(first.entries)
  const hand = (): void => {
    isDue = false
    if (packer.count === 0) return
    waiting += packer.count
    const packed = packer.take()
    port?.postMessage({ type: 'contents', packed } satisfies FromDtls, [packed.buffer])
  }
  /** What was said before goes before. */
  const tellInTurn = (message: FromDtls): void => {
    hand()
    tell(message)
  }
  const server = new DtlsServer(
    keys,
    {
      // A source to which nothing can be sent gets nothing.
      send: (bytes, address, to) => socket.send(bytes, to, address, () => {}),
      opened: (number, { entry, address, port }) =>
        tellInTurn({ type: 'opened', number, identity: entry.identity, devices: entry.devices, address, port }),
      moved: (number, { address, port }) => tellInTurn({ type: 'moved', number, address, port }),
      received: (number, content) => {
        packer.add(number, content)
        if (isDue) return
        isDue = true
        setImmediate(hand)
      },
      closed: (number) => tellInTurn({ type: 'closed', number }),
      wrongKey: (identity, address, port) => {
        if (told++ >= MOST_TOLD) return
        const devices = keys.named(identity)?.devices ?? []
        tell({ type: 'wrong_key', devices, address, port })
      },
    },
    { ...DTLS_LIMITS, associations: order.associations },
  )
  const useKeys = (entries: ConstructorParameters<typeof PskTable>[0]): void => {
    keys = new PskTable(entries)
    server.useKeys(keys)
    const only = Float64Array.from(new Set(entries.flatMap((entry) => (entry.only ? entry.devices : [])))).sort()
    tell({ type: 'keys', identities: entries.length, only })
  }
  socket.on('message', (bytes, from) => {
    if (waiting < MOST_WAITING) server.receive(bytes, from.address, from.port, performance.now())
    else shed++
  })
  socket.on('error', () => {})
  const timer = setInterval(() => {
    told = 0
    server.tick(performance.now())
    const news = watch.read()
    if (news !== undefined && news.mistakes.length > 0)
      tell({ type: 'keys_refused', mistakes: news.mistakes.slice(0, 20) })
    else if (news !== undefined) useKeys(news.entries)
    const { associations, handshakes: underWay } = server
    tell({ type: 'snapshot', snapshot: { ...server.counters, associations, underWay, identities: keys.size, shed } })
  }, TICK_MS)
  port?.on('message', (message: ToDtls) => {
    if (message.type === 'answers') unpackContents(message.packed, (number, content) => server.send(number, content))
    else if (message.type === 'taken') waiting -= message.count
    else {
      clearInterval(timer)
      socket.close()
      port?.close()
    }
  })
  useKeys(first.entries)
  tell({ type: 'listening', port: (socket.address() as AddressInfo).port, receiveBufferBytes })
}

run(order).catch((error: unknown) => tell({ type: 'failed', why: String(error), isSetting: false }))
