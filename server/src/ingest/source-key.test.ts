import { isIPv6 } from 'node:net'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { hashEndpoint, hashSourceKey, SOURCE_KEY_WORDS, writeSourceKey } from './source-key.ts'

const keyOf = (address: string, port = 1, messageId = 2) => {
  const key = new Uint32Array(SOURCE_KEY_WORDS)
  writeSourceKey(key, address, port, messageId)
  return [...key]
}

test('an IPv4 address and its mapped IPv6 form have the same key', () => {
  expect(keyOf('127.0.0.1')).toEqual([0, 0, 0xffff, 0x7f000001, 0x10002])
  expect(keyOf('::ffff:127.0.0.1')).toEqual(keyOf('127.0.0.1'))
  expect(keyOf('255.255.255.254', 65535, 65535)).toEqual([0, 0, 0xffff, 0xfffffffe, 0xffffffff])
})

test('an IPv6 address reads the same compressed, in full, and with a zone', () => {
  const full = [0x20010db8, 0, 0x00010000, 0x00000001, 0x10002]
  for (const form of ['2001:db8::1:0:0:1', '2001:db8:0:0:1::1', '2001:0db8:0000:0000:0001:0000:0000:0001']) {
    expect(keyOf(form)).toEqual(full)
  }
  expect(keyOf('::')).toEqual([0, 0, 0, 0, 0x10002])
  expect(keyOf('fe80::1%eth0')).toEqual(keyOf('fe80::1'))
})

test('the groups of any IPv6 address are its words', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: 8, maxLength: 8 }), (groups) => {
      // The standard URL parser prints the compressed form, as the system does.
      const text = new URL(`http://[${groups.map((g) => g.toString(16)).join(':')}]`).hostname.slice(1, -1)
      expect(isIPv6(text)).toBe(true)
      const words = [0, 2, 4, 6].map((i) => (((groups[i] ?? 0) << 16) | (groups[i + 1] ?? 0)) >>> 0)
      expect(keyOf(text).slice(0, 4)).toEqual(words)
    }),
    { seed: 5 },
  )
})

test('hashes spread neighbours evenly and depend on the seed', () => {
  const buckets = new Array<number>(256).fill(0)
  const key = new Uint32Array(SOURCE_KEY_WORDS)
  for (let device = 0; device < 25_600; device++) {
    writeSourceKey(key, `10.0.${device >> 8}.${device & 255}`, 5683, 7)
    const bucket = hashEndpoint(key, 5683, 99) & 255
    buckets[bucket] = (buckets[bucket] ?? 0) + 1
  }
  expect(Math.max(...buckets)).toBeLessThan(160)
  expect(Math.min(...buckets)).toBeGreaterThan(50)
  expect(hashSourceKey(key, 5, 1)).not.toBe(hashSourceKey(key, 5, 2))
})
