import { type ClientMessage, decodeFrame, type FrameRefusal, type ServerMessage } from '@gastwin/server/contract'
import type { MapMirror, MirrorRequest } from './mirror.ts'

/** Nothing heard for this long: what is on the screen is stale; then the link counts as lost. */
const STALE_MS = 3000
const LOST_MS = 10_000
const FIRST_WAIT_MS = 500
const LONGEST_WAIT_MS = 15_000

export type LinkPhase = 'connecting' | 'live' | 'stale' | 'offline'

export interface LinkState {
  readonly phase: LinkPhase
  /** Tries since the link was last live. */
  readonly attempt: number
  /** Changes that came while the link was away, shown once it is back. */
  readonly caughtUp: number | undefined
  /** The service speaks a newer contract than this page. */
  readonly outdated: boolean
  readonly refusedFrames: Readonly<Partial<Record<FrameRefusal, number>>>
}

export const FIRST_LINK_STATE: LinkState = {
  phase: 'connecting',
  attempt: 0,
  caughtUp: undefined,
  outdated: false,
  refusedFrames: {},
}

export interface LiveSocket {
  send(text: string): void
  close(): void
  onopen: (() => void) | null
  onmessage: ((event: { data: unknown }) => void) | null
  onclose: ((event: { code: number; reason: string }) => void) | null
}

export interface LinkOptions {
  readonly open: () => LiveSocket
  readonly token: string
  readonly version: string
  readonly mirror: () => MapMirror | undefined
  readonly onMessage: (message: ServerMessage) => void
  readonly onState: (change: (old: LinkState) => LinkState) => void
  /** Fetch the state columns, or everything after a new numbering. */
  readonly onRequest: (request: { readonly kind: 'state' | 'geometry' }) => void
  readonly onUnauthorised: () => void
  /** A steady clock, ms. */
  readonly steady: () => number
  readonly random: () => number
}

/** Keeps one WebSocket alive: greets, hands frames to the mirror, notices silence, comes back by sequence number. */
export class LiveLink {
  readonly #options: LinkOptions
  #socket: LiveSocket | undefined
  #watch: ReturnType<typeof setInterval> | undefined
  #retry: ReturnType<typeof setTimeout> | undefined
  #heardAt = 0
  #phase: LinkPhase = 'connecting'
  #attempt = 0
  #wasLive = false

  constructor(options: LinkOptions) {
    this.#options = options
  }

  start(): void {
    this.#heardAt = this.#options.steady()
    this.#watch = setInterval(() => this.#check(), 500)
    this.#connect()
  }

  stop(): void {
    clearInterval(this.#watch)
    clearTimeout(this.#retry)
    this.#drop()
  }

  /** Passes on what the mirror needs: frames again from the service, or columns from the caller. */
  ask(request: MirrorRequest | undefined): void {
    if (request === undefined) return
    if (request.kind === 'resend')
      this.#send({ type: 'resend', layer: request.layer, from: request.from, to: request.to })
    else this.#options.onRequest({ kind: request.kind })
  }

  #connect(): void {
    const socket = this.#options.open()
    this.#socket = socket
    socket.onopen = () => this.#send({ type: 'hello', token: this.#options.token, version: this.#options.version })
    socket.onmessage = ({ data }) => {
      if (this.#socket === socket) this.#hear(data)
    }
    socket.onclose = ({ code }) => {
      if (this.#socket !== socket) return
      // 1008 and 4401: the service does not accept who we are; coming back would not help.
      if (code === 1008 || code === 4401) this.#options.onUnauthorised()
      this.#again()
    }
  }

  #again(): void {
    this.#drop()
    this.#options.mirror()?.forgetHeld()
    this.#attempt++
    const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (this.#attempt - 1))
    this.#phaseIs(this.#wasLive || this.#attempt > 2 ? 'offline' : 'connecting')
    // Jitter: after a restart of the service two hundred consoles must not knock at the same moment.
    this.#retry = setTimeout(() => this.#connect(), wait * (0.5 + this.#options.random()))
  }

  #drop(): void {
    const socket = this.#socket
    this.#socket = undefined
    socket?.close()
  }

  #hear(data: unknown): void {
    this.#heardAt = this.#options.steady()
    if (typeof data === 'string') this.#hearMessage(JSON.parse(data) as ServerMessage)
    else if (data instanceof ArrayBuffer) this.#hearFrame(new Uint8Array(data))
    if (this.#phase === 'stale') this.#phaseIs('live')
  }

  #hearFrame(bytes: Uint8Array): void {
    const mirror = this.#options.mirror()
    if (mirror === undefined) return
    const frame = decodeFrame(bytes, (layer) => mirror.sizeOf(layer))
    if (!('refused' in frame)) {
      this.ask(mirror.receive(frame, this.#options.steady()))
      return
    }
    const { refused } = frame
    this.#options.onState((old) => ({
      ...old,
      refusedFrames: { ...old.refusedFrames, [refused]: (old.refusedFrames[refused] ?? 0) + 1 },
    }))
  }

  #hearMessage(message: ServerMessage): void {
    if (message.type === 'welcome') {
      const mirror = this.#options.mirror()
      const back = this.#wasLive
      this.#attempt = 0
      this.#wasLive = true
      mirror?.takeApplied()
      this.#options.onState((old) => ({
        ...old,
        phase: 'live',
        attempt: 0,
        caughtUp: back ? 0 : undefined,
        outdated: contractOf(message.version) !== contractOf(this.#options.version),
      }))
      this.#phase = 'live'
      if (mirror === undefined) this.#options.onRequest({ kind: 'geometry' })
      else
        for (const request of mirror.missedUntil(message.seq, message.snapshot, this.#options.steady()))
          this.ask(request)
    }
    // The columns tell whether the numbering is still ours; if not, the mirror asks for the geometry.
    if (message.type === 'resync') this.#options.onRequest({ kind: 'state' })
    this.#options.onMessage(message)
  }

  #check(): void {
    const silent = this.#options.steady() - this.#heardAt
    const mirror = this.#options.mirror()
    if (this.#phase === 'live' && silent > STALE_MS) this.#phaseIs('stale')
    if (this.#phase === 'stale' && silent > LOST_MS) this.#again()
    if (this.#phase === 'live' && mirror !== undefined) {
      this.ask(mirror.poll(this.#options.steady()))
      const applied = mirror.takeApplied()
      this.#options.onState((old) =>
        old.caughtUp === undefined || applied === 0 || old.caughtUp > 0 ? old : { ...old, caughtUp: applied },
      )
    }
  }

  #phaseIs(phase: LinkPhase): void {
    this.#phase = phase
    this.#options.onState((old) => ({ ...old, phase, attempt: this.#attempt }))
  }

  #send(message: ClientMessage): void {
    this.#socket?.send(JSON.stringify(message))
  }
}

/** Major and minor version: consoles and services of one minor version understand each other. */
export const contractOf = (version: string): string => version.split('.').slice(0, 2).join('.')

/** The browser's WebSocket, told to give binary messages as ArrayBuffer. */
export function openBrowserSocket(): LiveSocket {
  const address = new URL('./ws', document.baseURI)
  address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:'
  address.hash = ''
  address.search = ''
  const socket = new WebSocket(address)
  socket.binaryType = 'arraybuffer'
  return socket as unknown as LiveSocket
}
