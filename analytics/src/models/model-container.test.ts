import { describe, expect, test } from 'vitest'
import { decodeModel, encodeModel } from './model-container.ts'

const model = {
  facts: { schema: 'x/1', note: '燃气 ✓' },
  arrays: new Map([
    ['a', { shape: [2, 2], values: Float32Array.of(1, -2.5, 3e-8, 0) }],
    ['b', { shape: [3], values: Int32Array.of(-7, 255, 1 << 30) }],
  ]),
}

describe('a model as bytes', () => {
  test('comes back as it was', () => {
    expect(decodeModel(encodeModel(model))).toEqual(model)
  })

  test('cut at any byte is refused with a sentence', () => {
    const bytes = encodeModel(model)
    for (let length = 0; length < bytes.length; length++)
      expect(typeof decodeModel(bytes.subarray(0, length))).toBe('string')
    expect(decodeModel(Uint8Array.of(...bytes, 0))).toContain('goes on')
  })
})
