import {
  type ClientMessage,
  decodeFrame,
  type Frame,
  LAYERS,
  type LayerName,
  type ServerMessage,
} from '@gastwin/server/contract'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import type { ApiClient } from '../support/api-client.ts'
import type { RunningDemo } from '../support/demo-process.ts'
import { DevicePeer, reportOf } from '../support/device-peer.ts'
import { eventually, pause } from '../support/eventually.ts'

const NAMES = Object.keys(LAYERS) as readonly LayerName[]
/** Half a step of the layer's values, and the rounding of 32 bits. */
const STEP: Readonly<Record<LayerName, number>> = { meters: 0, pipes: 5.1, rtus: 5.1, zones: 0.6 / 30_000, valves: 0 }

/** A console without a screen: everything the service sends, kept. */
class Listener {
  readonly socket: WebSocket
  readonly messages: ServerMessage[] = []
  readonly frames: Frame[] = []
  readonly refused: string[] = []
  closed: number | undefined

  constructor(demo: RunningDemo, first?: ClientMessage) {
    this.socket = new WebSocket(`${demo.url.replace('http', 'ws')}/ws`)
    this.socket.on('open', () => {
      if (first !== undefined) this.say(first)
    })
    this.socket.on('message', (data: Buffer, binary: boolean) => {
      if (!binary) {
        this.messages.push(JSON.parse(String(data)) as ServerMessage)
        return
      }
      const frame = decodeFrame(new Uint8Array(data), () => 0xffff_ffff)
      if ('refused' in frame) this.refused.push(frame.refused)
      else this.frames.push(frame)
    })
    this.socket.on('close', (code) => {
      this.closed = code
    })
    this.socket.on('error', () => {})
  }

  say(message: ClientMessage): void {
    this.socket.send(JSON.stringify(message))
  }

  async heard<T extends ServerMessage['type']>(type: T): Promise<Extract<ServerMessage, { type: T }>> {
    const all = await eventually(
      10_000,
      () => this.messages,
      (messages) => messages.some((m) => m.type === type),
    )
    return all.find((m) => m.type === type) as Extract<ServerMessage, { type: T }>
  }

  of(layer: LayerName): Frame[] {
    return this.frames.filter((f) => f.layer === LAYERS[layer])
  }
}

/** The WebSocket of the running service. */
export function liveSocket(running: () => RunningDemo): void {
  describe('a console on the WebSocket', () => {
    let api: ApiClient
    const listeners: Listener[] = []
    beforeAll(async () => {
      api = await running().signIn('viewer')
    })
    afterEach(() => {
      for (const { socket } of listeners.splice(0)) socket.terminate()
    })
    const listen = (first?: ClientMessage): Listener => {
      const listener = new Listener(running(), first)
      listeners.push(listener)
      return listener
    }
    const hello = (): ClientMessage => ({ type: 'hello', token: api.token, version: '0' })

    test('is welcomed with the numbering of the map and told alarms, shut-offs, zones and status in full', async () => {
      const console = listen(hello())
      const welcome = await console.heard('welcome')
      const { meta } = await api.mapGeometry()
      expect(welcome.snapshot).toBe(meta.snapshot)
      const [alarms, shutoffs, zones] = [
        await console.heard('alarms'),
        await console.heard('shutoffs'),
        await console.heard('zones'),
      ]
      expect([alarms.full, shutoffs.full, zones.zones.length]).toEqual([true, true, meta.zones.length])
      expect((await console.heard('status')).meters_total).toBe(running().network.meters.length)
      expect(console.messages[0]?.type).toBe('welcome')
    })

    test('without a valid token is closed, and so is one that says nothing', async () => {
      const forged = listen({ type: 'hello', token: 'forged', version: '0' })
      const noise = listen()
      noise.socket.on('open', () => noise.socket.send('{not json'))
      for (const stranger of [forged, noise]) {
        await eventually(
          10_000,
          () => stranger.closed,
          (code) => code === 4401,
        )
        expect(stranger.messages).toEqual([])
      }
    })

    test('that applies deltas to an older state has exactly the present state, without a gap in any layer', async () => {
      const console = listen(hello())
      await console.heard('welcome')
      const start = await api.mapState()
      const mirror = new Map<string, number[]>(
        Object.entries(start.columns).map(([name, column]) => [name, Array.from(column)]),
      )
      const seq = { ...start.meta.seq }
      await pause(6_000)
      const end = await api.mapState()
      await eventually(
        5_000,
        () => console.frames.length,
        () => NAMES.every((name) => (console.of(name).at(-1)?.seq ?? 0) >= end.meta.seq[name]),
      )
      let changes = 0
      for (const name of NAMES) {
        for (const frame of console.of(name)) {
          if (frame.seq <= seq[name] || frame.seq > end.meta.seq[name]) continue
          expect(frame.seq, name).toBe(seq[name] + 1)
          seq[name] = frame.seq
          changes += frame.ids.length
          const [states, values] = [mirror.get(`${name}_state`), mirror.get(`${name}_value`)]
          frame.ids.forEach((id, i) => {
            if (states !== undefined) states[id] = frame.states[i] ?? 0
            if (values !== undefined) values[id] = frame.values?.[i] ?? Number.NaN
          })
        }
        expect(seq[name], `${name}: nothing missing`).toBe(end.meta.seq[name])
      }
      expect(changes).toBeGreaterThan(0)
      expect(console.refused).toEqual([])
      // The columns may be ahead of the last frame counted in them: then the frames that follow say the same.
      const differing = () =>
        NAMES.flatMap((name) => {
          const [states, values] = [end.columns[`${name}_state`], end.columns[`${name}_value`]]
          const [ownStates, ownValues] = [mirror.get(`${name}_state`), mirror.get(`${name}_value`)]
          const later = console.of(name).filter((frame) => frame.seq > end.meta.seq[name])
          const saidLater = (id: number, isIt: (frame: Frame, place: number) => boolean) =>
            later.some((frame) => {
              const place = frame.ids.indexOf(id)
              return place >= 0 && isIt(frame, place)
            })
          const close = (own: number, value: number) =>
            Number.isNaN(value) ? Number.isNaN(own) : Math.abs(own - value) <= STEP[name]
          const wrong: string[] = []
          states?.forEach((state, i) => {
            if (ownStates?.[i] !== state && !saidLater(i, (frame, at) => frame.states[at] === state))
              wrong.push(`${name} ${i}: state ${ownStates?.[i]}, is ${state}`)
          })
          values?.forEach((value, i) => {
            const own = ownValues?.[i] ?? Number.NaN
            if (!close(own, value) && !saidLater(i, (frame, at) => close(frame.values?.[at] ?? Number.NaN, value)))
              wrong.push(`${name} ${i}: value ${own}, is ${value}`)
          })
          return wrong
        })
      await eventually(10_000, differing, (wrong) => wrong.length === 0)
    }, 90_000)

    test('that missed frames gets the very same bytes again, and a resync when they are no longer kept', async () => {
      const console = listen(hello())
      const { seq } = await console.heard('welcome')
      const frames = await eventually(
        10_000,
        () => console.of('rtus'),
        (found) => found.length >= 3,
      )
      const [first, second] = frames
      console.say({ type: 'resend', layer: 'rtus', from: first?.seq ?? 0, to: second?.seq ?? 0 })
      const again = await eventually(
        5_000,
        () => console.of('rtus').filter((f) => f.seq === first?.seq || f.seq === second?.seq),
        (found) => found.length === 4,
      )
      expect(again.slice(2)).toEqual(again.slice(0, 2))
      // Frames are counted from one: there never was a frame 0.
      console.say({ type: 'resend', layer: 'rtus', from: 0, to: seq.rtus })
      expect(await console.heard('resync')).toMatchObject({ reason: 'snapshot' })
    })

    test('hears of a device that cried alarm within a second or two', async () => {
      const console = listen(hello())
      await console.heard('welcome')
      const peer = await DevicePeer.open(running())
      const home = running().homes[0] ?? ''
      const { now } = await api.city()
      const begun = performance.now()
      await peer.report(reportOf(Number(home), now, { trigger: 'alarm', events: ['dismantled'], sequence: 77 }))
      const isOurs = (m: ServerMessage) => m.type === 'alarms' && m.changed.some((a) => a.asset.id === home)
      await eventually(
        5_000,
        () => console.messages,
        (all) => all.some((m) => isOurs(m)),
      )
      expect(performance.now() - begun).toBeLessThan(5_000)
      peer.close()
    })
  })
}
