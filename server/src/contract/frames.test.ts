import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeFrame, encodeFrame, type Frame, type FrameToSend } from './frames.ts'

interface Vector {
  readonly name: string
  readonly hex: string
  readonly frame: {
    readonly layer: number
    readonly snapshot: number
    readonly seq: number
    readonly at: number
    readonly ids: readonly number[]
    readonly states: readonly number[]
    readonly scale?: number
    readonly offset?: number
    readonly values?: readonly (number | null)[]
  }
}

const vectors = JSON.parse(readFileSync(new URL('./vectors/gmd1.json', import.meta.url), 'utf8')) as Vector[]
const bytesOf = (hex: string) => Uint8Array.from(Buffer.from(hex, 'hex'))
const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
const anySize = () => 0x1_0000_0000

function toSend({ frame }: Vector): FrameToSend {
  const values = frame.values?.map((v) => v ?? Number.NaN)
  return {
    ...frame,
    ids: Uint32Array.from(frame.ids),
    states: Uint8Array.from(frame.states),
    ...(values === undefined ? {} : { values: { scale: frame.scale ?? 1, offset: frame.offset ?? 0, value: values } }),
  } as FrameToSend
}

function accepted(bytes: Uint8Array, size: (layer: number) => number = anySize): Frame {
  const frame = decodeFrame(bytes, size)
  if ('refused' in frame) throw new Error(`refused: ${frame.refused}`)
  return frame
}

const refusal = (bytes: Uint8Array, size: (layer: number) => number = anySize) => {
  const frame = decodeFrame(bytes, size)
  return 'refused' in frame ? frame.refused : 'accepted'
}

describe('golden vectors', () => {
  test.each(vectors.map((v) => [v.name, v] as const))('%s: encoded to the very bytes', (_, vector) => {
    expect(hexOf(encodeFrame(toSend(vector)))).toBe(vector.hex)
  })

  test.each(vectors.map((v) => [v.name, v] as const))('%s: decoded to the same frame', (_, vector) => {
    const frame = accepted(bytesOf(vector.hex))
    expect(frame).toMatchObject({
      layer: vector.frame.layer,
      snapshot: vector.frame.snapshot,
      seq: vector.frame.seq,
      at: vector.frame.at,
    })
    expect([...frame.ids]).toEqual(vector.frame.ids)
    expect([...frame.states]).toEqual(vector.frame.states)
    expect(frame.values === undefined).toBe(vector.frame.values === undefined)
    for (const [i, value] of (vector.frame.values ?? []).entries()) {
      if (value === null) expect(frame.values?.[i]).toBeNaN()
      else expect(frame.values?.[i]).toBeCloseTo(value, 5)
    }
  })
})

describe('refusals', () => {
  const states = bytesOf(vectors[1]?.hex ?? '')
  const withValues = bytesOf(vectors[2]?.hex ?? '')
  const patched = (at: number, ...bytes: number[]) => {
    const copy = states.slice()
    copy.set(bytes, at)
    return copy
  }

  test.each([
    ['wrong magic', patched(0, 0x48), 'magic'],
    ['version 2', patched(4, 2), 'version'],
    ['layer 0', patched(5, 0), 'layer'],
    ['layer 6', patched(5, 6), 'layer'],
    ['an unknown flag', patched(6, 2), 'flags'],
    ['a reserved byte in use', patched(7, 1), 'reserved'],
    ['a time that is not whole', patched(16, 1), 'time'],
    ['a count of four thousand million', patched(24, 0xff, 0xff, 0xff, 0xff), 'count'],
    ['one byte left over', Uint8Array.from([...states, 0]), 'left_over'],
    ['a difference of zero', patched(35, 0), 'difference_zero'],
    ['a varint of six bytes', patched(34, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01), 'varint'],
  ])('%s', (_, bytes, reason) => {
    expect(refusal(bytes)).toBe(reason)
  })

  test('an id at the size of its layer', () => {
    expect(refusal(states, () => 1_000_000)).toBe('accepted')
    expect(refusal(states, () => 999_999)).toBe('id_range')
  })

  test('a scale that is not a number', () => {
    const copy = withValues.slice()
    copy.set([0, 0, 0xc0, 0x7f], 28)
    expect(refusal(copy)).toBe('scale')
  })

  test('truncation at every byte of every vector', () => {
    for (const { hex } of vectors) {
      const whole = bytesOf(hex)
      for (let length = 0; length < whole.length; length++)
        expect(refusal(whole.subarray(0, length)), `${length} of ${whole.length}`).not.toBe('accepted')
    }
  })

  test('ids that do not ascend are never sent', () => {
    const frame = { layer: 1, snapshot: 1, seq: 1, at: 0, states: Uint8Array.of(1, 1) }
    expect(() => encodeFrame({ ...frame, ids: Uint32Array.of(4, 4) })).toThrow(RangeError)
    expect(() => encodeFrame({ ...frame, ids: Uint32Array.of(4) })).toThrow(RangeError)
  })
})

describe('any frame', () => {
  const runs = { numRuns: Number(process.env['GASTWIN_FUZZ'] ?? 300) }

  test('comes back as it was sent, to half a step of its values', () => {
    const row = fc.record({ id: fc.nat(0xffff_ffff), state: fc.nat(255), q: fc.nat(65_534) })
    fc.assert(
      fc.property(
        fc.uniqueArray(row, { selector: (r) => r.id, maxLength: 60 }),
        fc.boolean(),
        fc.integer({ min: 1, max: 5 }),
        (rows, values, layer) => {
          rows.sort((a, b) => a.id - b.id)
          const sent = encodeFrame({
            layer,
            snapshot: 0xffff_ffff,
            seq: 0xffff_fffe,
            at: 1_795_185_184_000,
            ids: Uint32Array.from(rows, (r) => r.id),
            states: Uint8Array.from(rows, (r) => r.state),
            ...(values ? { values: { scale: 0.5, offset: -100, value: rows.map((r) => r.q * 0.5 - 100) } } : {}),
          })
          const frame = accepted(sent)
          expect([...frame.ids]).toEqual(rows.map((r) => r.id))
          expect([...frame.states]).toEqual(rows.map((r) => r.state))
          if (values) expect([...(frame.values ?? [])]).toEqual(rows.map((r) => Math.fround(r.q * 0.5 - 100)))
          expect(frame.seq).toBe(0xffff_fffe)
        },
      ),
      runs,
    )
  })

  test('values outside the range are clamped, never wrapped', () => {
    const frame = accepted(
      encodeFrame({
        layer: 2,
        snapshot: 1,
        seq: 1,
        at: 0,
        ids: Uint32Array.of(0, 1, 2),
        states: Uint8Array.of(1, 1, 1),
        values: { scale: 1, offset: 0, value: [-5, 1e9, Number.NaN] },
      }),
    )
    expect([...(frame.values ?? [])]).toEqual([0, 65_534, Number.NaN])
  })

  test('random bytes and flipped bits give a whole frame or a reason, never an exception', () => {
    const seeds = vectors.map((v) => bytesOf(v.hex))
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), (noise) => {
        decodeFrame(noise, () => 50)
        const headed = Uint8Array.from([...(seeds[1]?.subarray(0, 24) ?? []), ...noise])
        decodeFrame(headed, () => 50)
      }),
      runs,
    )
    for (const seed of seeds)
      for (let bit = 0; bit < seed.length * 8; bit++) {
        const copy = seed.slice()
        copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7))
        const frame = decodeFrame(copy, () => 1_000_000)
        if (!('refused' in frame)) expect(frame.ids.length).toBe(frame.states.length)
      }
  })
})
