import type { Logger } from 'pino'
import type { WebSocket } from 'ws'
import type { ClientMessage, LayerName, ServerMessage } from '../contract/index.ts'
import { type Principal, type Sessions, scopeOf } from '../http/auth/sessions.ts'
import type { MapLayers } from './map-layers.ts'

const SLOW_BYTES = 1 << 20
const CAUGHT_UP_BYTES = 1 << 16
const HELLO_WITHIN_MS = 5_000
/** How a line is closed: who it is is not known, it said nothing in time (a slow browser: it may come back), there are too many. */
const CLOSED = { unknown: 4401, silent: 4408, crowded: 4429 } as const
const MOST_CONSOLES = 1_000
const MOST_RESENDS_PER_S = 10

/** What somebody of an area is told of what all are told. */
export interface LiveView {
  /** undefined: nothing. */
  message(message: ServerMessage): ServerMessage | undefined
  frame(bytes: Uint8Array): Uint8Array
}

interface Console {
  readonly socket: WebSocket
  readonly user: string
  /** undefined for the whole city. */
  readonly view: LiveView | undefined
  slow: boolean
  resends: number
}

export interface HubOptions {
  readonly sessions: Sessions
  readonly layers: MapLayers
  readonly now: () => number
  readonly version: string
  readonly logger: Logger
  /** What a console is told after its welcome: alarms, shut-offs, zones, in full. */
  readonly greeting: () => readonly ServerMessage[]
  /** The view of who has an area, undefined for the whole city; without it such callers are refused. */
  readonly viewFor?: (principal: Principal) => LiveView | undefined
}

/**
 * The consoles that listen. Every frame is made once and sent to all, cut once for each area; a console that falls behind gets no more deltas, never a
 * growing queue, and one `resync` when its line is free again.
 */
export class ConsoleHub {
  readonly #options: HubOptions
  readonly #consoles = new Set<Console>()
  #refused = 0

  constructor(options: HubOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#consoles.size
  }

  get slow(): number {
    let n = 0
    for (const c of this.#consoles) if (c.slow) n++
    return n
  }

  get refused(): number {
    return this.#refused
  }

  accept(socket: WebSocket): void {
    socket.on('error', () => socket.terminate())
    const timer = setTimeout(() => socket.close(CLOSED.silent, 'hello expected'), HELLO_WITHIN_MS)
    socket.once('message', (data, binary) => {
      clearTimeout(timer)
      const message = binary ? undefined : parse(String(data))
      const principal = message?.type === 'hello' ? this.#mayListen(message.token) : undefined
      if (principal === undefined || this.#consoles.size >= MOST_CONSOLES) {
        this.#refused++
        socket.close(
          principal === undefined ? CLOSED.unknown : CLOSED.crowded,
          principal === undefined ? 'sign in again' : 'too many consoles',
        )
        return
      }
      const view = this.#options.viewFor?.(principal)
      this.#welcome({ socket, user: principal.user, view, slow: false, resends: 0 })
    })
    socket.once('close', () => clearTimeout(timer))
  }

  /** Sends a message to every console that keeps up. */
  broadcast(message: ServerMessage): void {
    if (this.#consoles.size === 0) return
    const textFor = once((view) => {
      const told = view === undefined ? message : view.message(message)
      return told === undefined ? undefined : JSON.stringify(told)
    })
    for (const console of this.#consoles) {
      if (!this.#ready(console)) continue
      const text = textFor(console.view)
      if (text !== undefined) console.socket.send(text)
    }
  }

  broadcastFrame(bytes: Uint8Array): void {
    const frameFor = once((view) => (view === undefined ? bytes : view.frame(bytes)))
    for (const console of this.#consoles) if (this.#ready(console)) console.socket.send(frameFor(console.view))
  }

  /** Once a second: resend budgets are renewed. */
  renewBudgets(): void {
    for (const console of this.#consoles) console.resends = 0
  }

  close(): void {
    for (const { socket } of this.#consoles) socket.close(1001, 'service stops')
    this.#consoles.clear()
  }

  #welcome(console: Console): void {
    const { layers, now, version, greeting } = this.#options
    this.#consoles.add(console)
    console.socket.on('close', () => this.#consoles.delete(console))
    console.socket.on('message', (data, binary) => {
      const message = binary ? undefined : parse(String(data))
      if (message?.type === 'resend') this.#resend(console, message.layer, message.from, message.to)
    })
    const welcome: ServerMessage = { type: 'welcome', snapshot: layers.snapshot, seq: layers.seq, now: now(), version }
    this.#tell(console, [welcome, ...greeting()])
  }

  #ready(console: Console): boolean {
    const waiting = console.socket.bufferedAmount
    if (console.slow && waiting <= CAUGHT_UP_BYTES) {
      console.slow = false
      const { greeting } = this.#options
      const resync: ServerMessage = { type: 'resync', reason: 'slow' }
      this.#tell(console, [resync, ...greeting()])
    } else if (!console.slow && waiting > SLOW_BYTES) {
      console.slow = true
      this.#options.logger.warn({ user: console.user, waiting }, 'console is slow: deltas stopped')
    }
    return !console.slow
  }

  #resend(console: Console, name: LayerName, from: number, to: number): void {
    const layer = this.#options.layers.layers[name]
    if (
      layer === undefined ||
      !Number.isInteger(from) ||
      !Number.isInteger(to) ||
      ++console.resends > MOST_RESENDS_PER_S
    )
      return
    const frames = layer.resend(from, to)
    if (frames === undefined)
      console.socket.send(JSON.stringify({ type: 'resync', reason: 'snapshot' } satisfies ServerMessage))
    else for (const bytes of frames) console.socket.send(console.view === undefined ? bytes : console.view.frame(bytes))
  }

  #tell({ socket, view }: Console, messages: readonly ServerMessage[]): void {
    for (const message of messages) {
      const told = view === undefined ? message : view.message(message)
      if (told !== undefined) socket.send(JSON.stringify(told))
    }
  }

  /** Who holds a token, unless their area could not be kept. */
  #mayListen(token: string): Principal | undefined {
    const { sessions, viewFor } = this.#options
    const principal = sessions.find(token)
    return principal === undefined || (scopeOf(principal) !== undefined && viewFor === undefined)
      ? undefined
      : principal
  }
}

/** What is made for a view, made once for all who share it. */
function once<T>(make: (view: LiveView | undefined) => T): (view: LiveView | undefined) => T {
  const made = new Map<LiveView | undefined, T>()
  return (view) => {
    const known = made.get(view)
    if (known !== undefined || made.has(view)) return known as T
    const fresh = make(view)
    made.set(view, fresh)
    return fresh
  }
}

function parse(text: string): ClientMessage | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && 'type' in value ? (value as ClientMessage) : undefined
  } catch {
    return undefined
  }
}
