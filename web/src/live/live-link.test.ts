import { encodeFrame, LAYERS, type ServerMessage } from '@gastwin/server/contract'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { FIRST_LINK_STATE, type LinkState, LiveLink, type LiveSocket } from './live-link.ts'
import { MapMirror } from './mirror.ts'

class FakeSocket implements LiveSocket {
  onopen: (() => void) | null = null
  onmessage: ((event: { data: unknown }) => void) | null = null
  onclose: ((event: { code: number; reason: string }) => void) | null = null
  readonly sent: unknown[] = []
  closed = false
  send(text: string): void {
    this.sent.push(JSON.parse(text))
  }
  close(): void {
    this.closed = true
  }
}

const SIZES = { meters: 10, pipes: 5, rtus: 2, zones: 2, valves: 2 }
const NO_SEQ = { meters: 0, pipes: 0, rtus: 0, zones: 0, valves: 0 }

function setUp(mirror: MapMirror | undefined = new MapMirror(7, SIZES)) {
  const sockets: FakeSocket[] = []
  const requests: string[] = []
  let state: LinkState = FIRST_LINK_STATE
  let unauthorised = 0
  const link = new LiveLink({
    open: () => {
      const socket = new FakeSocket()
      sockets.push(socket)
      return socket
    },
    token: 'secret',
    version: '0.1.0',
    mirror: () => mirror,
    onMessage: () => {},
    onState: (change) => {
      state = change(state)
    },
    onRequest: ({ kind }) => requests.push(kind),
    onUnauthorised: () => unauthorised++,
    steady: () => Date.now(),
    random: () => 0.5,
  })
  link.start()
  const latest = () => sockets.at(-1) ?? new FakeSocket()
  const hear = (message: ServerMessage) => latest().onmessage?.({ data: JSON.stringify(message) })
  const welcome = (seq: Partial<typeof NO_SEQ> = {}, version = '0.1.7') => {
    latest().onopen?.()
    hear({ type: 'welcome', snapshot: 7, seq: { ...NO_SEQ, ...seq }, now: 0, version })
  }
  const frame = (seq: number, ids: number[]) =>
    latest().onmessage?.({
      data: encodeFrame({
        layer: LAYERS.meters,
        snapshot: 7,
        seq,
        at: 1,
        ids: Uint32Array.from(ids),
        states: new Uint8Array(ids.length).fill(4),
      }).buffer,
    })
  return {
    link,
    sockets,
    latest,
    hear,
    welcome,
    frame,
    requests,
    state: () => state,
    unauthorised: () => unauthorised,
    mirror,
  }
}

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

describe('a live link', () => {
  test('greets first, then asks for the states it does not have', () => {
    const { latest, welcome, requests, state } = setUp()
    welcome()
    expect(latest().sent[0]).toEqual({ type: 'hello', token: 'secret', version: '0.1.0' })
    expect(requests).toEqual(['state'])
    expect(state()).toMatchObject({ phase: 'live', outdated: false })
  })

  test('says when the service speaks another contract', () => {
    const { welcome, state } = setUp()
    welcome({}, '0.2.0')
    expect(state().outdated).toBe(true)
  })

  test('counts frames it refuses and applies nothing of them', () => {
    const { latest, welcome, state, frame } = setUp()
    welcome()
    latest().onmessage?.({ data: new ArrayBuffer(40) })
    frame(1, [99])
    expect(state().refusedFrames).toEqual({ magic: 1, id_range: 1 })
  })

  test('is stale after three seconds of silence and live again with the next word', () => {
    const { welcome, hear, state } = setUp()
    welcome()
    vi.advanceTimersByTime(3600)
    expect(state().phase).toBe('stale')
    hear({ type: 'resync', reason: 'slow' })
    expect(state().phase).toBe('live')
  })

  test('gives up a silent socket after ten seconds and comes back on another', () => {
    const { welcome, state, sockets } = setUp()
    welcome()
    vi.advanceTimersByTime(10_600)
    expect(state().phase).toBe('offline')
    expect(sockets[0]?.closed).toBe(true)
    vi.advanceTimersByTime(1000)
    expect(sockets.length).toBe(2)
  })
})

describe('coming back', () => {
  test('waits longer each time, never more than about fifteen seconds', () => {
    const { latest, sockets, state } = setUp()
    const waits: number[] = []
    for (let i = 0; i < 8; i++) {
      const before = sockets.length
      const begun = Date.now()
      latest().onclose?.({ code: 1006, reason: '' })
      while (sockets.length === before) vi.advanceTimersByTime(50)
      waits.push(Date.now() - begun)
    }
    expect(waits.slice(0, 4)).toEqual([500, 1000, 2000, 4000])
    expect(Math.max(...waits)).toBeLessThanOrEqual(15_000)
    expect(state()).toMatchObject({ phase: 'offline', attempt: 8 })
  })

  test('asks by sequence number for what it missed', () => {
    const mirror = new MapMirror(7, SIZES)
    mirror.load({ meters_state: new Uint8Array(10) }, { snapshot: 7, seq: { ...NO_SEQ, meters: 5 }, now: 0 }, 0)
    const { latest, welcome, requests, state, frame } = setUp(mirror)
    welcome({ meters: 5 })
    latest().onclose?.({ code: 1006, reason: '' })
    vi.advanceTimersByTime(600)
    welcome({ meters: 8 })
    expect(requests).toEqual([])
    expect(latest().sent.at(-1)).toEqual({ type: 'resend', layer: 'meters', from: 6, to: 8 })
    for (const seq of [6, 7, 8]) frame(seq, [seq])
    vi.advanceTimersByTime(600)
    expect(state()).toMatchObject({ phase: 'live', caughtUp: 3 })
    expect(mirror.states('meters')[8]).toBe(4)
  })

  test('an old socket that still speaks is not heard', () => {
    const { sockets, welcome, latest, state } = setUp()
    welcome()
    const old = latest()
    old.onclose?.({ code: 1006, reason: '' })
    vi.advanceTimersByTime(600)
    old.onmessage?.({ data: JSON.stringify({ type: 'welcome', snapshot: 7, seq: NO_SEQ, now: 0, version: '0.1.0' }) })
    expect(state().phase).toBe('offline')
    expect(sockets.length).toBe(2)
  })

  test('a refused token ends the session instead of knocking again as before', () => {
    const { latest, unauthorised } = setUp()
    latest().onclose?.({ code: 4401, reason: 'sign in again' })
    expect(unauthorised()).toBe(1)
  })

  test('a browser that was too slow to say hello knocks again, signed in as before', () => {
    const { sockets, latest, unauthorised } = setUp()
    latest().onclose?.({ code: 4408, reason: 'hello expected' })
    vi.advanceTimersByTime(60_000)
    expect([unauthorised(), sockets.length > 1]).toEqual([0, true])
  })

  test('a stopped link stays away', () => {
    const { link, latest, sockets } = setUp()
    link.stop()
    latest().onclose?.({ code: 1006, reason: '' })
    vi.advanceTimersByTime(60_000)
    expect(sockets.length).toBe(1)
  })
})
