import { describe, expect, test } from 'vitest'
import { toHex } from '../bytes/hex.ts'
import { bitFlips, bytesOf, fuzz, truncations } from '../testing/hostile.ts'
import { decodeValveReply, decodeValveRequest, encodeValveReply, encodeValveRequest } from './valve-message.ts'

const close = { operation: 'close', device: 91000000034, commandId: 41 } as const
const reply = { ...close, accepted: true, position: 'moving' } as const

describe('valve messages', () => {
  test('select and close read back as written, requests and answers', () => {
    for (const operation of ['select', 'close'] as const) {
      expect(decodeValveRequest(encodeValveRequest({ ...close, operation }))).toEqual({ ...close, operation })
      for (const accepted of [true, false]) {
        const answer = { ...reply, operation, accepted }
        expect(decodeValveReply(encodeValveReply(answer))).toEqual(answer)
      }
    }
  })
  test('there is no third operation: 0 and everything from 3 on is refused', () => {
    for (const operation of ['00', '03', '17', '1903E8']) {
      expect(decodeValveRequest(bytesOf(`A3 01 05 0F 82 01 F5 13 ${operation}`))).toMatchObject({ kind: 'malformed' })
    }
    expect(toHex(encodeValveRequest(close)).slice(-2)).toBe('02')
  })
  test('a message that names no device, command, operation or position is refused', () => {
    expect(decodeValveRequest(bytesOf('A2 0F 82 01 F5 13 02'))).toMatchObject({ reason: 'unsupported' })
    expect(decodeValveRequest(bytesOf('A2 01 05 13 02'))).toMatchObject({ reason: 'unsupported' })
    expect(decodeValveRequest(bytesOf('A2 01 05 0F 82 01 F5'))).toMatchObject({ reason: 'unsupported' })
    expect(decodeValveReply(encodeValveRequest(close))).toMatchObject({ reason: 'unsupported' })
    expect(decodeValveReply(bytesOf('00'))).toMatchObject({ reason: 'unsupported' })
  })
  test('unknown keys are passed over', () => {
    expect(decodeValveRequest(bytesOf('A4 01 05 0F 82 01 F5 13 02 18 63 00'))).toMatchObject({ operation: 'close' })
  })
  test('damaged messages give values', () => {
    const bytes = encodeValveReply(reply)
    for (const cut of truncations(bytes)) expect(decodeValveReply(cut)).toMatchObject({ kind: 'malformed' })
    for (const flipped of bitFlips(bytes)) decodeValveReply(flipped)
    fuzz([bytes], 77, (noise) => {
      decodeValveReply(noise)
      decodeValveRequest(noise)
    })
  })
})
