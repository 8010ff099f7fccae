import dgram from 'node:dgram'
import { once } from 'node:events'
import { type CoapMessage, encodeMessage, type MessageToSend, parseMessage } from '../../protocol/index.ts'

/** A bare UDP socket beside the endpoint under test: sends what it is told and keeps what comes back. */
export class UdpPeer {
  readonly #socket: dgram.Socket
  readonly #port: number
  readonly #host: string
  readonly #received: Buffer[] = []
  #wake: (() => void) | undefined

  private constructor(socket: dgram.Socket, host: string, port: number) {
    this.#socket = socket
    this.#host = host
    this.#port = port
    socket.on('message', (bytes) => {
      this.#received.push(bytes)
      this.#wake?.()
    })
  }

  static async open(port: number, host = '127.0.0.1'): Promise<UdpPeer> {
    const socket = dgram.createSocket(host.includes(':') ? 'udp6' : 'udp4')
    socket.bind(0, host)
    await once(socket, 'listening')
    return new UdpPeer(socket, host, port)
  }

  /** From which it speaks. */
  get localPort(): number {
    return this.#socket.address().port
  }

  send(bytes: Uint8Array): void {
    this.#socket.send(bytes, this.#port, this.#host)
  }

  sendMessage(message: MessageToSend): void {
    this.send(encodeMessage(message))
  }

  /** The next datagram that came back, or undefined after `ms` of silence. */
  async next(ms = 2_000): Promise<Buffer | undefined> {
    if (this.#received.length === 0) {
      const timer = setTimeout(() => this.#wake?.(), ms)
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
      clearTimeout(timer)
      this.#wake = undefined
    }
    return this.#received.shift()
  }

  /** The next message that came back; throws when none comes or it is malformed. */
  async nextMessage(): Promise<CoapMessage> {
    const bytes = await this.next()
    if (!bytes) throw new Error('no answer came')
    const message = parseMessage(bytes)
    if (message.kind === 'malformed') throw new Error(`malformed answer: ${message.detail}`)
    return message
  }

  close(): void {
    this.#socket.close()
  }
}
