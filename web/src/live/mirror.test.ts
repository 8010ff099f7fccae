import { type Frame, LAYERS, type LayerName } from '@gastwin/server/contract'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { LAYER_NAMES, MapMirror } from './mirror.ts'

const SIZES = { meters: 40, pipes: 10, rtus: 4, zones: 3, valves: 5 }
const SNAPSHOT = 7

const frame = (seq: number, ids: number[], states: number[], layer: LayerName = 'meters'): Frame => ({
  layer: LAYERS[layer],
  snapshot: SNAPSHOT,
  seq,
  at: 1_795_185_184_000,
  ids: Uint32Array.from(ids),
  states: Uint8Array.from(states),
  values: undefined,
})

const columnsAt = (states: Uint8Array, seq: number) =>
  [
    {
      meters_state: states,
      pipes_state: new Uint8Array(10),
      rtus_state: new Uint8Array(4),
      zones_state: new Uint8Array(3),
      valves_state: new Uint8Array(5),
    },
    { snapshot: SNAPSHOT, seq: { meters: seq, pipes: 0, rtus: 0, zones: 0, valves: 0 }, now: 0 },
  ] as const

function loaded(): MapMirror {
  const mirror = new MapMirror(SNAPSHOT, SIZES)
  const [columns, meta] = columnsAt(new Uint8Array(40), 0)
  mirror.load(columns, meta, 0)
  for (const name of LAYER_NAMES) mirror.takeDirty(name)
  return mirror
}

describe('one frame at a time', () => {
  test('the next frame is applied and its rows are dirty once', () => {
    const mirror = loaded()
    expect(mirror.receive(frame(1, [3, 9], [2, 5]), 0)).toBeUndefined()
    expect([mirror.states('meters')[3], mirror.states('meters')[9]]).toEqual([2, 5])
    expect(mirror.takeDirty('meters')).toEqual([3, 10])
    expect(mirror.takeDirty('meters')).toBeUndefined()
  })

  test('a doubled frame changes nothing', () => {
    const mirror = loaded()
    mirror.receive(frame(1, [3], [2]), 0)
    mirror.receive(frame(2, [3], [4]), 0)
    mirror.receive(frame(1, [3], [2]), 0)
    expect(mirror.states('meters')[3]).toBe(4)
  })

  test('a heartbeat moves the sequence and dirties nothing', () => {
    const mirror = loaded()
    expect(mirror.receive(frame(1, [], []), 0)).toBeUndefined()
    expect(mirror.takeDirty('meters')).toBeUndefined()
    expect(mirror.receive(frame(2, [0], [1]), 0)).toBeUndefined()
    expect(mirror.states('meters')[0]).toBe(1)
  })

  test('frames of another numbering ask for the geometry', () => {
    expect(loaded().receive({ ...frame(1, [0], [1]), snapshot: 8 }, 0)).toEqual({ kind: 'geometry' })
  })

  test('layers are sequenced apart', () => {
    const mirror = loaded()
    expect(mirror.receive(frame(1, [2], [2], 'pipes'), 0)).toBeUndefined()
    expect(mirror.receive(frame(1, [2], [3]), 0)).toBeUndefined()
    expect(mirror.states('pipes')[2]).toBe(2)
  })
})

describe('a gap', () => {
  test('asks once for exactly the missing range, and later frames wait', () => {
    const mirror = loaded()
    mirror.receive(frame(1, [0], [1]), 0)
    expect(mirror.receive(frame(4, [0], [4]), 10)).toEqual({ kind: 'resend', layer: 'meters', from: 2, to: 3 })
    expect(mirror.receive(frame(5, [0], [5]), 20)).toBeUndefined()
    expect(mirror.states('meters')[0]).toBe(1)
    mirror.receive(frame(2, [0], [2]), 30)
    expect(mirror.states('meters')[0]).toBe(2)
    mirror.receive(frame(3, [0], [3]), 40)
    expect(mirror.states('meters')[0]).toBe(5)
    expect(mirror.poll(5000)).toBeUndefined()
  })

  test('not filled in a second, the whole state is asked for', () => {
    const mirror = loaded()
    mirror.receive(frame(3, [0], [3]), 0)
    expect(mirror.poll(900)).toBeUndefined()
    expect(mirror.poll(1100)).toEqual({ kind: 'state' })
    const [columns, meta] = columnsAt(new Uint8Array(40).fill(1), 2)
    expect(mirror.load(columns, meta, 1200)).toBeUndefined()
    expect(mirror.states('meters')[0]).toBe(3)
    expect(mirror.states('meters')[1]).toBe(1)
    expect(mirror.poll(9000)).toBeUndefined()
  })

  test('more than sixty-four waiting frames are not kept', () => {
    const mirror = loaded()
    let request: unknown
    for (let seq = 2; seq < 80 && request === undefined; seq++) {
      const answer = mirror.receive(frame(seq, [0], [1]), 0)
      if (answer?.kind === 'state') request = seq
    }
    expect(request).toBe(66)
  })
})

describe('before the state columns came', () => {
  test('frames are kept, and only the newer ones applied afterwards', () => {
    const mirror = new MapMirror(SNAPSHOT, SIZES)
    for (let seq = 1; seq <= 100; seq++) expect(mirror.receive(frame(seq, [0], [seq]), 0)).toBeUndefined()
    const [columns, meta] = columnsAt(new Uint8Array(40).fill(9), 98)
    expect(mirror.load(columns, meta, 0)).toBeUndefined()
    expect(mirror.states('meters')[0]).toBe(100)
    expect(mirror.states('meters')[1]).toBe(9)
  })

  test('a column of another length is refused', () => {
    const mirror = new MapMirror(SNAPSHOT, SIZES)
    const [columns, meta] = columnsAt(new Uint8Array(41), 0)
    expect(() => mirror.load(columns, meta, 0)).toThrow(RangeError)
  })
})

describe('after a reconnect', () => {
  const seq = (meters: number) => ({ meters, pipes: 0, rtus: 0, zones: 0, valves: 0 })

  test('a short absence is filled by frames, a long one by the state', () => {
    const mirror = loaded()
    mirror.receive(frame(1, [0], [1]), 0)
    expect(mirror.missedUntil(seq(1), SNAPSHOT, 0)).toEqual([])
    expect(mirror.missedUntil(seq(9), SNAPSHOT, 0)).toEqual([{ kind: 'resend', layer: 'meters', from: 2, to: 9 }])
    expect(mirror.missedUntil(seq(90), SNAPSHOT, 0)).toEqual([{ kind: 'state' }])
    expect(mirror.missedUntil(seq(0), SNAPSHOT, 0)).toEqual([{ kind: 'state' }])
    expect(mirror.missedUntil(seq(9), 8, 0)).toEqual([{ kind: 'geometry' }])
  })
})

test('lost, doubled, swapped and delayed frames end in the very states of the service', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(39), fc.nat(5)), { minLength: 1, maxLength: 50 }),
      fc.infiniteStream(fc.nat(99)),
      (changes, luck) => {
        const service = new Uint8Array(40)
        const sent: Frame[] = []
        const mirror = loaded()
        let now = 0
        const dice = () => luck.next().value ?? 0
        const answer = (request: ReturnType<MapMirror['receive']>) => {
          if (request?.kind === 'resend')
            for (const f of sent)
              if (f.seq >= request.from && f.seq <= request.to && dice() > 30) answer(mirror.receive(f, now))
          if (request?.kind === 'state') {
            const [columns, meta] = columnsAt(service.slice(), sent.length)
            answer(mirror.load(columns, meta, now))
          }
        }
        const late: Frame[] = []
        for (const [id, state] of changes) {
          service[id] = state
          const next = frame(sent.length + 1, [id], [state])
          sent.push(next)
          now += 200
          const roll = dice()
          if (roll < 20) late.push(next)
          else if (roll >= 35) answer(mirror.receive(next, now))
          if (roll > 80) answer(mirror.receive(next, now))
          if (roll > 60) for (const f of late.splice(0)) answer(mirror.receive(f, now))
          answer(mirror.poll(now))
        }
        // Heartbeats reveal whatever was lost at the end.
        for (let beat = 0; beat < 15; beat++) {
          const next = frame(sent.length + 1, [], [])
          sent.push(next)
          now += 1000
          answer(mirror.receive(next, now))
          answer(mirror.poll(now))
        }
        expect([...mirror.states('meters')]).toEqual([...service])
      },
    ),
    { numRuns: 300 },
  )
})
