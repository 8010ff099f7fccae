import { type EventEmitter, once } from 'node:events'
import { createRequire } from 'node:module'

interface NodeDtlsSocket extends EventEmitter {
  send(content: Buffer): void
  close(): void
}
interface NodeDtls {
  readonly dtls: {
    createSocket(options: {
      readonly type: 'udp4'
      readonly address: string
      readonly port: number
      readonly psk: Readonly<Record<string, string>>
      readonly timeout: number
    }): NodeDtlsSocket
  }
}

/** The DTLS client of node-coap-client: it knows no extended master secret and no connection ids. */
const fromCoapClient = createRequire(createRequire(import.meta.url).resolve('node-coap-client'))

/** An association of node-dtls-client. @param key as text: its bytes are the key */
export async function openNodeDtls(port: number, identity: string, key: string): Promise<NodeDtlsSocket> {
  const { dtls } = fromCoapClient('node-dtls-client') as NodeDtls
  const socket = dtls.createSocket({
    ...{ type: 'udp4', address: '127.0.0.1', port, psk: { [identity]: key }, timeout: 5_000 },
  })
  await once(socket, 'connected')
  return socket
}

/** The next message of a socket within two seconds. */
export async function nextMessage(socket: EventEmitter): Promise<Buffer> {
  const [bytes] = (await once(socket, 'message', { signal: AbortSignal.timeout(2_000) })) as [Buffer]
  return bytes
}
