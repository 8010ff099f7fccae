import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DATAGRAM_RESOURCES, type DatagramEntry, decodeDatagramEntry, encodeDatagramEntry } from './datagram-entry.ts'

const speaker = fc.record({
  identity: fc.string({ minLength: 1, maxLength: 30, unit: 'grapheme' }),
  devices: fc.array(fc.integer({ min: 1, max: 99_999_999_999_999 }), { maxLength: 16 }),
})

test('a datagram entry comes back as it was', () => {
  const one = fc.record({
    contentFormat: fc.integer({ min: -1, max: 65_534 }),
    resource: fc.constantFrom(...DATAGRAM_RESOURCES),
    address: fc.oneof(fc.ipV4(), fc.ipV6()),
    port: fc.integer({ min: 0, max: 65_535 }),
    payload: fc.uint8Array({ maxLength: 1500 }),
  })
  fc.assert(
    fc.property(one, fc.option(speaker, { nil: undefined }), (plain, proven) => {
      const datagram = proven === undefined ? plain : { ...plain, proven }
      const back = decodeDatagramEntry(encodeDatagramEntry(datagram))
      expect({ ...back, payload: [...back.payload] }).toEqual({ ...datagram, payload: [...datagram.payload] })
    }),
    { seed: 11 },
  )
})

test('any shorter or foreign body is refused with LOG_CORRUPT, never misread', () => {
  const entry: DatagramEntry = {
    ...{ contentFormat: 60, address: '127.0.0.1', port: 5683, payload: new Uint8Array(0) },
    resource: 'report',
  }
  const proven = { identity: 'meter-1', devices: [1, 2] }
  for (const bytes of [encodeDatagramEntry(entry), encodeDatagramEntry({ ...entry, proven })])
    for (let length = 0; length < bytes.length; length++)
      expect(() => decodeDatagramEntry(bytes.subarray(0, length))).toThrow(/does not have its form/)
  expect(() => decodeDatagramEntry(Uint8Array.of(0, 0, 200, 0, 0, 0))).toThrow(/does not have its form/)
})
