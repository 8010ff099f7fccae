import { randomInt } from 'node:crypto'
import { createRequire } from 'node:module'
import { isIP } from 'node:net'
import path from 'node:path'
import { CommandError, InvariantError } from '@gastwin/twin'
import type { CoapClient } from 'node-coap-client'
import { COAP_TYPE, CONTENT_FORMAT, parseMessage } from '../protocol/index.ts'

/** Where a device listens: an IP address (no name) and a UDP port. */
export interface CoapTarget {
  readonly host: string
  readonly port: number
}

/** What came back: class of the code (2 is success), the code as text, and the payload. */
export interface CoapAnswer {
  readonly codeClass: number
  readonly code: string
  readonly payload: Uint8Array
}

type Library = typeof CoapClient
/** The part of a connection of node-coap-client that has to be reached around its types. */
interface Connection {
  readonly socket: NodeJS.EventEmitter
  lastMsgId: number
}

const load = createRequire(import.meta.url)

/**
 * A private copy of node-coap-client for one exchange at a time.
 *
 * The library keeps everything in statics: one outstanding request for the whole program, so one silent valve would hold up all
 * others for a minute; message ids from 1 for every peer in one table, so two peers overwrite each other's retransmissions. A
 * copy of its modules for each lane makes lanes independent. Other habits of it are covered here: it lets a socket error or a
 * garbled datagram end the process, listens to anybody, never answers after a Reset, and can only say that a payload is JSON.
 */
export class CoapLane {
  readonly #library: Library
  readonly #formats: Record<string, number>
  #fail: (error: CommandError) => void = () => {}

  constructor() {
    const entry = load.resolve('node-coap-client')
    const folder = path.dirname(entry) + path.sep
    for (const file of Object.keys(load.cache)) if (file.startsWith(folder)) delete load.cache[file]
    this.#library = (load(entry) as { CoapClient: Library }).CoapClient
    const { ContentFormats } = load(`${folder}ContentFormats.js`) as { ContentFormats: Record<string, number> }
    this.#formats = ContentFormats
  }

  /**
   * Sends a confirmable POST and waits for its answer; retransmission is the library's.
   * @param timeoutMs after which the wait ends, whatever the library still tries
   * @throws CommandError CMD_TIMEOUT when no answer came in time, CMD_DEVICE when the device reset the exchange or the socket failed
   */
  async post(
    target: CoapTarget,
    resource: string,
    payload: Uint8Array,
    timeoutMs: number,
    contentFormat: number = CONTENT_FORMAT.CBOR,
  ): Promise<CoapAnswer> {
    const { host, port } = target
    // One exchange at a time: what the library calls JSON is what this one carries.
    this.#formats['application_json'] = contentFormat
    if (isIP(host) === 0 || !(port > 0 && port <= 0xffff)) {
      throw new InvariantError('TWN_INVARIANT', `not an IP address and a UDP port: ${host} ${port}`)
    }
    const url = `coap://${isIP(host) === 6 ? `[${host}]` : host}:${port}/${resource}`
    let timer: NodeJS.Timeout | undefined
    const failure = new Promise<never>((_, reject) => {
      this.#fail = reject
      timer = setTimeout(() => {
        reject(new CommandError('CMD_TIMEOUT', `no answer from ${url} within ${timeoutMs} ms`))
      }, timeoutMs)
    })
    try {
      await Promise.race([this.#connect(url, target), failure])
      // The library rejects with a text, also after nobody waits any more.
      const request = this.#library.request(url, 'post', Buffer.from(payload)).catch((reason: unknown): never => {
        throw new CommandError('CMD_TIMEOUT', `no answer from ${url}: ${String(reason)}`)
      })
      const answer = await Promise.race([request, failure])
      return { codeClass: answer.code.major, code: answer.code.toString(), payload: answer.payload ?? new Uint8Array() }
    } finally {
      clearTimeout(timer)
    }
  }

  /** Closes the sockets and forgets what is pending. To be called after each exchange; the lane can be used again. */
  reset(): void {
    this.#library.reset()
  }

  /** Opens the socket to a target, unless it is open, and puts a guard before the library's ears. */
  async #connect(url: string, target: CoapTarget): Promise<void> {
    const connected = await this.#library.tryToConnect(url)
    if (connected !== true) throw new CommandError('CMD_DEVICE', `no socket for ${url}: ${String(connected)}`)
    const { connections } = this.#library as unknown as { connections: Map<string, Connection> }
    for (const connection of connections.values()) {
      const { socket } = connection
      if (socket.listenerCount('error') > 0) continue
      // A device remembers (address, port, message id) for minutes: a fixed first id could be taken for a repetition.
      connection.lastMsgId = randomInt(0xffff)
      socket.on('error', (error: Error) => this.#fail(new CommandError('CMD_DEVICE', `socket: ${error.message}`)))
      const listeners = socket.listeners('message')
      socket.removeAllListeners('message')
      socket.on('message', (datagram: Buffer, from: { address: string; port: number }) => {
        if (from.port !== target.port || !isSameHost(from.address, target.host)) return
        const message = parseMessage(datagram)
        if (message.kind === 'malformed') return
        if (message.type === COAP_TYPE.RST) this.#fail(new CommandError('CMD_DEVICE', `${url} reset the exchange`))
        else for (const listener of listeners) listener(datagram, from)
      })
    }
  }
}

/** An IPv4 address may come mapped into IPv6. */
const isSameHost = (a: string, b: string): boolean => a.replace(/^::ffff:/, '') === b.replace(/^::ffff:/, '')
