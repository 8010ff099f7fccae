import type { Logger } from 'pino'
import type { Config } from '../config/config.ts'
import { DtlsThread } from '../dtls/dtls-thread.ts'
import type { EventLog } from '../log/event-log.ts'
import { packNumbers } from '../log/packed-numbers.ts'
import { entryOf } from '../log/platform-events.ts'
import type { TrustBook } from '../trust/trust-book.ts'
import type { SecureOnlyEvent } from '../trust/trust-events.ts'
import { listening } from './listening.ts'

/** Numbers in one record of the log. */
const NUMBERS_PER_EVENT = 5_000
const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024

export interface SecureDeskParts {
  readonly config: Pick<Config, 'coapHost' | 'dtlsPort' | 'dtlsKeys' | 'dtlsAssociations'>
  readonly rootKey: Uint8Array
  readonly trust: TrustBook
  readonly log: EventLog
  readonly now: () => number
  readonly logger: Logger
  /** Somebody used an identity of this device and did not know its key. */
  readonly onWrongKey: (device: number, address: string, port: number) => void
  /** `trouble` is another than before. */
  readonly onTrouble: () => void
}

/** What a dispatcher should know of DTLS. */
export interface SecureTrouble {
  /** It should run and does not. */
  readonly isDown: boolean
  /** How often its thread died since the start of the service. */
  readonly deaths: number
  /** Lines of the file of keys that are wrong; the former keys stay. */
  readonly mistakes: number
}

/** DTLS as far as the service has to do with it: the thread, and on record which devices are believed over it only. */
export class SecureDesk {
  readonly #parts: SecureDeskParts
  #thread: DtlsThread | undefined
  #mistakes = 0
  /** Events in their turn: what the file says last is on record last. */
  #recorded: Promise<unknown> = Promise.resolve()

  private constructor(parts: SecureDeskParts) {
    this.#parts = parts
  }

  /**
   * Opens DTLS where a port is set. When it returns, the log says of all devices what the file of keys says.
   * @throws (rejects) UsageError CFG_INVALID when the port or the file of keys cannot be used; StoreError LOG_FULL
   */
  static async open(parts: SecureDeskParts): Promise<SecureDesk> {
    const desk = new SecureDesk(parts)
    const { coapHost: host, dtlsPort: port, dtlsKeys: keysFile, dtlsAssociations: associations } = parts.config
    if (keysFile === null) desk.#adopt(new Float64Array())
    if (port !== null && keysFile !== null) {
      const { rootKey, logger } = parts
      const opening = DtlsThread.open({
        ...{ host, port, keysFile, rootKey, associations, receiveBufferBytes: RECEIVE_BUFFER_BYTES },
        onKeys: (identities, only) => {
          logger.info({ identities, only: only.length }, 'keys of DTLS were read')
          desk.#adopt(only)
          desk.#noteMistakes(0)
        },
        onKeysRefused: (mistakes) => {
          logger.error({ mistakes }, 'the file of DTLS keys is broken: the former keys stay')
          desk.#noteMistakes(mistakes.length)
        },
        onWrongKey: (devices, address, from) => {
          const [device] = devices
          if (device !== undefined) parts.onWrongKey(device, address, from)
        },
        onFailure: (error) => logger.error({ err: error }, 'the thread of DTLS failed and is started again'),
        onHealth: () => parts.onTrouble(),
      })
      desk.#thread = await listening('dtlsPort', host, port, opening)
    }
    await desk.#recorded
    return desk
  }

  /** What brings requests of proven peers; undefined when there is no DTLS. */
  get link(): DtlsThread | undefined {
    return this.#thread
  }

  /** UDP port; null when there is none. */
  get port(): number | null {
    return this.#thread?.port ?? null
  }

  /** Counters of about a second ago, for whoever plots them; empty without DTLS. */
  get counters(): Readonly<Record<string, number>> {
    if (this.#thread === undefined) return {}
    const { snapshot, health } = this.#thread
    return { ...snapshot, running: health.running ? 1 : 0, deaths: health.deaths }
  }

  get trouble(): SecureTrouble {
    const { running, deaths } = this.#thread?.health ?? { running: true, deaths: 0 }
    return { isDown: !running, deaths, mistakes: this.#mistakes }
  }

  async stop(): Promise<void> {
    await this.#thread?.stop()
    await this.#recorded.catch(() => {})
  }

  #noteMistakes(count: number): void {
    this.#mistakes = count
    this.#parts.onTrouble()
  }

  #adopt(only: Float64Array): void {
    const next = this.#recorded.then(() => this.#record(only))
    this.#recorded = next
    next.catch((error: unknown) => {
      this.#parts.logger.error({ err: error }, 'which devices are believed over DTLS only could not be recorded')
    })
  }

  async #record(only: Float64Array): Promise<void> {
    const { trust, log, now } = this.#parts
    const before = trust.secure.now()
    const events = [...this.#events(only, before, true, now()), ...this.#events(before, only, false, now())]
    if (events.length === 0) return
    // Directly behind the append: a report that comes behind it is read with it.
    await log.append(events.map(entryOf)).then((first) => {
      for (const [i, event] of events.entries()) trust.hold(event, first + i)
    })
  }

  /** Events for the numbers of `these` that are not in `those`. */
  *#events(these: Float64Array, those: Float64Array, only: boolean, at: number): Generator<SecureOnlyEvent> {
    const known = new Set(those)
    const fresh = these.filter((number) => !known.has(number))
    for (let i = 0; i < fresh.length; i += NUMBERS_PER_EVENT)
      yield { type: 'trust_secure', at, only, devices: packNumbers(fresh.subarray(i, i + NUMBERS_PER_EVENT)) }
  }
}
