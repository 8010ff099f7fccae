import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DATAGRAM_RESOURCES, decodeDatagramEntry, encodeDatagramEntry } from './datagram-entry.ts'

test('a datagram entry comes back as it was', () => {
  const one = fc.record({
    contentFormat: fc.integer({ min: -1, max: 65_534 }),
    resource: fc.constantFrom(...DATAGRAM_RESOURCES),
    address: fc.oneof(fc.ipV4(), fc.ipV6()),
    port: fc.integer({ min: 0, max: 65_535 }),
    payload: fc.uint8Array({ maxLength: 1500 }),
  })
  fc.assert(
    fc.property(one, (datagram) => {
      const back = decodeDatagramEntry(encodeDatagramEntry(datagram))
      expect({ ...back, payload: [...back.payload] }).toEqual({ ...datagram, payload: [...datagram.payload] })
    }),
    { seed: 11 },
  )
})

test('any shorter or foreign body is refused with LOG_CORRUPT, never misread', () => {
  const bytes = encodeDatagramEntry({
    contentFormat: 60,
    resource: 'report',
    address: '127.0.0.1',
    port: 5683,
    payload: new Uint8Array(0),
  })
  for (let length = 0; length < bytes.length; length++) {
    expect(() => decodeDatagramEntry(bytes.subarray(0, length))).toThrow(/does not have its form/)
  }
  expect(() => decodeDatagramEntry(Uint8Array.of(0, 0, 200, 0, 0, 0))).toThrow(/does not have its form/)
})
