import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bytesOfText, textOfBytes } from './column-text.ts'

test('every column of bytes comes back from its text, which is base64 as Node writes it', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const text = textOfBytes(bytes)
      expect(text).toBe(Buffer.from(bytes).toString('base64'))
      expect(bytesOfText(text)).toEqual(bytes)
    }),
  )
})

test('a column longer than one part comes back whole', () => {
  const bytes = Uint8Array.from({ length: 100_001 }, (_, i) => i * 31)
  expect(textOfBytes(bytes)).toBe(Buffer.from(bytes).toString('base64'))
  expect(bytesOfText(textOfBytes(bytes))).toEqual(bytes)
})
