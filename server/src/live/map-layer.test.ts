import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeColumns, decodeFrame } from '../contract/index.ts'
import { MapLayer } from './map-layer.ts'
import { MapLayers } from './map-layers.ts'

describe('a map layer', () => {
  test('says each change once, in ascending order, and nothing when nothing changed', () => {
    const layer = new MapLayer('meters', 10)
    layer.set(7, 1)
    layer.set(2, 3)
    layer.set(7, 2)
    const frame = decodeFrame(layer.takeFrame(5, 1000, false) ?? new Uint8Array(), () => 10)
    expect(frame).toMatchObject({
      layer: 1,
      snapshot: 5,
      seq: 1,
      ids: Uint32Array.of(2, 7),
      states: Uint8Array.of(3, 2),
    })
    expect(layer.takeFrame(5, 1200, false)).toBeUndefined()
    layer.set(2, 3)
    expect(layer.takeFrame(5, 1400, false)).toBeUndefined()
    expect(layer.takeFrame(5, 1400, true)).toBeDefined()
    expect(layer.seq).toBe(2)
  })

  test('a mirror fed with its frames equals its state, whatever was set when', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.array(fc.tuple(fc.nat(49), fc.nat(5), fc.integer({ min: 95_000, max: 500_000 })), { maxLength: 20 }),
        ),
        (turns) => {
          const layer = new MapLayer('rtus', 50, { scale: 10, offset: 90_000 })
          const mirror = { state: new Uint8Array(50), value: new Float32Array(50).fill(Number.NaN) }
          for (const turn of turns) {
            for (const [id, state, value] of turn) layer.set(id, state, value)
            const bytes = layer.takeFrame(1, 0, false)
            if (bytes === undefined) continue
            const frame = decodeFrame(bytes, () => 50)
            if ('refused' in frame) throw new Error(frame.refused)
            frame.ids.forEach((id, i) => {
              mirror.state[id] = frame.states[i] ?? 0
              mirror.value[id] = frame.values?.[i] ?? Number.NaN
            })
          }
          expect(mirror.state).toEqual(layer.state)
          mirror.value.forEach((v, i) => {
            const exact = layer.value?.[i] ?? Number.NaN
            if (Number.isNaN(exact)) expect(v).toBeNaN()
            else expect(Math.abs(v - exact)).toBeLessThanOrEqual(5.1)
          })
        },
      ),
    )
  })

  test('keeps the last 64 frames for a console that missed some', () => {
    const layer = new MapLayer('valves', 4)
    for (let i = 0; i < 70; i++) layer.takeFrame(1, i, true)
    expect(layer.resend(1, 3)).toBeUndefined()
    expect(layer.resend(60, 62)).toHaveLength(3)
    expect(layer.resend(70, 71)).toBeUndefined()
  })
})

test('state columns carry the sequence numbers they include and are shared for a second', () => {
  const layers = new MapLayers(3, { meters: 2, pipes: 3, rtus: 1, zones: 1, valves: 1 })
  layers.layers.pipes.set(1, 2, 102_000)
  layers.layers.pipes.takeFrame(3, 0, false)
  const first = layers.stateColumns(50, 0)
  expect(layers.stateColumns(60, 900)).toBe(first)
  const { columns, meta } = decodeColumns(first.slice().buffer)
  expect(meta).toMatchObject({ snapshot: 3, now: 50, seq: { pipes: 1, meters: 0 } })
  expect(columns['pipes_state']).toEqual(Uint8Array.of(0, 2, 0))
  expect(columns['pipes_value']?.[1]).toBe(102_000)
})
