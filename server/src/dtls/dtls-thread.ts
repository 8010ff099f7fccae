import { UsageError } from '@gastwin/twin'
import { entryPath } from '../entry.ts'
import type { SecureLink, SecurePeer } from '../ingest/secure-link.ts'
import { KeptThread } from '../kept-thread.ts'
import type { DtlsOrder, DtlsSnapshot, FromDtls, ToDtls } from './dtls-messages.ts'
import { ContentPacker, unpackContents } from './packed-contents.ts'

export interface DtlsThreadOptions extends DtlsOrder {
  /** The file of keys was read, at the start and whenever it was written. @param only devices believed over DTLS only, rising */
  readonly onKeys: (identities: number, only: Float64Array) => void
  readonly onKeysRefused: (mistakes: readonly string[]) => void
  /** Somebody used an identity of these devices and did not know its key. */
  readonly onWrongKey: (devices: readonly number[], address: string, port: number) => void
  readonly onFailure: (error: unknown) => void
  /** It died, or runs again. */
  readonly onHealth: (health: DtlsHealth) => void
}

/** How the thread fares. */
export interface DtlsHealth {
  readonly running: boolean
  /** How often it died since the start of the service. */
  readonly deaths: number
  /** Its last words; null while it never died, or died without any. */
  readonly why: string | null
}

const NO_SNAPSHOT: Partial<DtlsSnapshot> = {}

/**
 * The DTLS server as the service sees it: a link over which CoAP comes with a proven identity. The thread is started again when it
 * dies; its associations are gone then, and clients make new ones.
 */
export class DtlsThread implements SecureLink {
  readonly #options: DtlsThreadOptions
  readonly #thread: KeptThread<FromDtls, ToDtls>
  readonly #peers = new Map<number, SecurePeer>()
  readonly #answers = new ContentPacker()
  #take: (bytes: Buffer, peer: SecurePeer) => void = () => {}
  #isDue = false
  #port: number
  #snapshot = NO_SNAPSHOT
  #health: DtlsHealth = { running: false, deaths: 0, why: null }
  #isStopping = false
  #settle: ((failure: unknown) => void) | undefined

  private constructor(options: DtlsThreadOptions) {
    this.#options = options
    this.#port = options.port
    const { host, keysFile, rootKey, associations, receiveBufferBytes } = options
    this.#thread = new KeptThread({
      file: entryPath(import.meta.url, './dtls-main.js'),
      order: () => ({ host, port: this.#port, keysFile, rootKey, associations, receiveBufferBytes }),
      onMessage: (message) => this.#hear(message),
      onError: (error) => this.#failed(error),
      onExit: () => this.#gone(),
      stopWithinMs: 1_000,
      firstPauseMs: 200,
      longestPauseMs: 10_000,
    })
  }

  /**
   * @throws (rejects) UsageError CFG_INVALID when the file of keys has mistakes; the system's error when the address cannot be bound
   */
  static async open(options: DtlsThreadOptions): Promise<DtlsThread> {
    const thread = new DtlsThread(options)
    await new Promise<void>((resolve, reject) => {
      thread.#settle = (failure) => (failure === undefined ? resolve() : reject(failure))
      thread.#thread.start()
    })
    return thread
  }

  get port(): number {
    return this.#port
  }

  /** Counters of about a second ago; empty before the first. */
  get snapshot(): Partial<DtlsSnapshot> {
    return this.#snapshot
  }

  get health(): DtlsHealth {
    return this.#health
  }

  listen(take: (bytes: Buffer, peer: SecurePeer) => void): void {
    this.#take = take
  }

  send(association: number, bytes: Uint8Array): void {
    this.#answers.add(association, bytes)
    if (this.#isDue) return
    this.#isDue = true
    setImmediate(() => {
      this.#isDue = false
      this.#thread.tell({ type: 'answers', packed: this.#answers.take() })
    })
  }

  stop(): Promise<void> {
    this.#isStopping = true
    return this.#thread.stop()
  }

  #gone(): void {
    this.#peers.clear()
    this.#snapshot = { ...this.#snapshot, associations: 0, underWay: 0 }
    const { deaths, why } = this.#health
    if (!this.#isStopping) this.#set({ running: false, deaths: deaths + 1, why })
  }

  #set(health: DtlsHealth): void {
    this.#health = health
    this.#options.onHealth(health)
  }

  #failed(error: Error): void {
    this.#health = { ...this.#health, why: error.message }
    this.#options.onFailure(error)
  }

  #hear(message: FromDtls): void {
    switch (message.type) {
      case 'contents': {
        const count = unpackContents(message.packed, (association, content) => {
          const peer = this.#peers.get(association)
          if (peer !== undefined) this.#take(content, peer)
        })
        this.#thread.tell({ type: 'taken', count })
        return
      }
      case 'opened': {
        const { number: association, identity, devices, address, port } = message
        this.#peers.set(association, { address, port, association, proven: { identity, devices } })
        return
      }
      case 'moved': {
        const peer = this.#peers.get(message.number)
        const { address, port } = message
        if (peer !== undefined) this.#peers.set(message.number, { ...peer, address, port })
        return
      }
      case 'closed':
        this.#peers.delete(message.number)
        return
      case 'wrong_key':
        this.#options.onWrongKey(message.devices, message.address, message.port)
        return
      case 'keys':
        this.#options.onKeys(message.identities, message.only)
        return
      case 'keys_refused':
        this.#options.onKeysRefused(message.mistakes)
        return
      case 'snapshot':
        this.#thread.did()
        this.#snapshot = message.snapshot
        return
      case 'listening':
        this.#port = message.port
        this.#set({ ...this.#health, running: true })
        this.#settle?.(undefined)
        this.#settle = undefined
        return
      case 'failed':
        this.#fail(message.why, message.isSetting)
    }
  }

  #fail(why: string, isSetting: boolean): void {
    const error = isSetting ? new UsageError('CFG_INVALID', why) : new Error(why)
    if (this.#settle === undefined) {
      this.#failed(error)
      return
    }
    this.#thread.giveUp()
    this.#settle(error)
    this.#settle = undefined
  }
}
