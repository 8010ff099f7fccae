import { createDecipheriv } from 'node:crypto'
import { expect, test } from 'vitest'
import { prf } from './key-schedule.ts'
import { CONTENT, readRecords } from './record.ts'
import { openRecord, SUITES, sealRecord } from './record-cipher.ts'

const [CCM_8, GCM] = SUITES
const key = Buffer.from('404142434445464748494a4b4c4d4e4f', 'hex')
const iv = Buffer.from('10111213', 'hex')

test('the pseudo-random function gives the published value', () => {
  // "test vectors for the TLS 1.2 PRF", P_SHA256, IETF TLS working group.
  const secret = Buffer.from('9bbe436ba940f017b17652849a71db35', 'hex')
  const seed = Buffer.from('a0ba9f936cda311827a6f796ffd5198c', 'hex')
  expect(prf(secret, 'test label', [seed], 100).toString('hex')).toBe(
    'e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a6b301791e90d35c9c9a46b4e14baf9af0fa022f7077def17abfd3797c0564bab' +
      '4fbc91666e9def9b97fce34f796789baa48082d122ee42c5a72e5a5110fff70187347b66',
  )
})

test('a record with a connection id proves what RFC 9146 §5.3 says, spelt out here', () => {
  const cid = Buffer.from('c1c2c3', 'hex')
  const bytes = sealRecord({ suite: CCM_8, key, iv, cid }, CONTENT.application, 1, 5, Buffer.from('hello'))
  expect(bytes.subarray(0, 16).toString('hex')).toBe(`19fefd${'0001'}${'000000000005'}c1c2c3${'0016'}`)
  const proof = Buffer.from(`ffffffffffffffff1903${'19fefd'}${'0001000000000005'}${'c1c2c3'}${'0006'}`, 'hex')
  const nonce = Buffer.from('101112130001000000000005', 'hex')
  expect(bytes.subarray(16, 24)).toEqual(nonce.subarray(4))
  const decipher = createDecipheriv('aes-128-ccm', key, nonce, { authTagLength: 8 })
  decipher.setAuthTag(bytes.subarray(-8)).setAAD(proof, { plaintextLength: 6 })
  const inner = decipher.update(bytes.subarray(24, -8))
  decipher.final()
  expect(inner.toString('latin1')).toBe('hello\x17')
})

test('padding behind the content is taken away; a record of padding alone is none', () => {
  const cid = Buffer.from([7])
  const to = { suite: GCM, key, iv, cid }
  const sealed = (content: Buffer, type: number) => readRecords(sealRecord(to, type, 1, 0, content), 1)[0]
  const padded = sealed(Buffer.from('ab\x17\0\0', 'latin1'), 0)
  const empty = sealed(Buffer.alloc(9), 0)
  expect(padded && openRecord(to, padded)).toEqual({ type: CONTENT.application, plain: Buffer.from('ab') })
  expect(empty && openRecord(to, empty)).toBeUndefined()
})
