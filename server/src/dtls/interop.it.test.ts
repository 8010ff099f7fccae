import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process'
import dgram from 'node:dgram'
import { once } from 'node:events'
import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type CoapEndpoint, openCoapEndpoint } from '../ingest/coap-endpoint.ts'
import type { InboundRequest } from '../ingest/inbound-request.ts'
import { COAP_CODE, CONTENT_FORMAT, parseMessage } from '../protocol/index.ts'
import { DtlsThread } from './dtls-thread.ts'
import { nextMessage, openNodeDtls } from './testing/node-dtls.ts'
import { reportRequest, SecureCaller } from './testing/secure-caller.ts'

/** Clients that others wrote, as they are on this machine. */
const TEXT_KEY = 'a key of 16 byte'
const HEX = Buffer.from(TEXT_KEY).toString('hex')
const has = (program: string, ...args: string[]): boolean => {
  const is = spawnSync(program, args).error === undefined
  if (!is) console.warn(`SKIPPED: ${program} is not on this machine: DTLS is not tried against it`)
  return is
}
const hasOpenssl = has('openssl', 'version')
const libcoap = ['coap-client-openssl', 'coap-client-gnutls'].filter((program) => has(program, '-h'))

let dir = ''
let thread: DtlsThread
let endpoint: CoapEndpoint
const requests: InboundRequest[] = []
const wrongKeys: (readonly number[])[] = []
const refusals: (readonly string[])[] = []
let failures = 0
const keyFile = () => path.join(dir, 'keys')
const line = (identity: string, key: string, more = '181702000027') => `${identity},${key},${more}\n`

beforeAll(async () => {
  dir = await mkdtemp(path.join(os.tmpdir(), 'gastwin-dtls-'))
  await writeFile(keyFile(), line('meter-1', HEX) + line('old-1', HEX, '181702000028,legacy'), { mode: 0o600 })
  thread = await DtlsThread.open({
    ...{ host: '127.0.0.1', port: 0, keysFile: keyFile(), rootKey: new Uint8Array(), associations: 1_000 },
    receiveBufferBytes: 1 << 20,
    onKeys: () => {},
    onKeysRefused: (mistakes) => refusals.push(mistakes),
    onWrongKey: (devices) => wrongKeys.push(devices),
    onFailure: () => failures++,
    onHealth: () => {},
  })
  endpoint = await openCoapEndpoint({
    ...{ family: 'udp4', host: '127.0.0.1', port: 0, now: Date.now, secure: thread, exchanges: 1_024 },
  })
  endpoint.requests$.subscribe((batch) => {
    for (const request of batch) {
      requests.push(request)
      endpoint.answer(request, COAP_CODE.CHANGED, { payload: request.payload.toReversed() })
    }
  })
})
afterAll(async () => {
  await endpoint.close()
  await thread.stop()
  await rm(dir, { recursive: true, force: true })
})

async function until(done: () => boolean): Promise<void> {
  for (let tries = 0; tries < 400 && !done(); tries++) await pause(10)
  expect(done()).toBe(true)
}

describe.skipIf(!hasOpenssl)('openssl s_client', () => {
  const start = (cipher: string, key = HEX, identity = 'meter-1'): ChildProcess =>
    spawn('openssl', [
      ...['s_client', '-dtls1_2', '-quiet', '-no_ign_eof', '-psk', key, '-psk_identity', identity, '-cipher', cipher],
      ...['-connect', `127.0.0.1:${thread.port}`],
    ])

  test.each(['PSK-AES128-CCM8', 'PSK-AES128-GCM-SHA256'])(
    'sends a request by %s and reads the answer',
    async (cipher) => {
      const before = requests.length
      const client = start(cipher)
      const answer = once(client.stdout ?? client, 'data') as Promise<[Buffer]>
      client.stdin?.write(reportRequest(0x1234, CONTENT_FORMAT.CBOR, Buffer.from('abc')))
      const [said] = await answer
      expect(parseMessage(said)).toMatchObject({ code: COAP_CODE.CHANGED, messageId: 0x1234 })
      expect(requests.slice(before).map(({ proven, payload }) => [proven, Buffer.from(payload).toString()])).toEqual([
        [{ identity: 'meter-1', devices: [181_702_000_027] }, 'abc'],
      ])
      client.stdin?.end()
      await once(client, 'close')
      // It said close_notify.
      await until(() => thread.snapshot.associations === 0)
    },
  )

  test('comes to nothing with a wrong key, and the owner of the identity is told of', async () => {
    const before = requests.length
    const client = start('PSK-AES128-CCM8', '00'.repeat(16))
    client.stdin?.write('hello')
    await until(() => wrongKeys.length > 0)
    client.kill()
    expect([requests.length - before, wrongKeys[0]]).toEqual([0, [181_702_000_027]])
  })

  test('is refused with a certificate suite alone', async () => {
    const { stderr } = await promisify(execFile)('openssl', [
      ...['s_client', '-dtls1_2', '-cipher', 'ECDHE-RSA-AES128-GCM-SHA256', '-connect', `127.0.0.1:${thread.port}`],
    ]).catch((error: { stderr: string }) => error)
    expect(stderr).toContain('handshake failure')
  })
})

describe.skipIf(libcoap.length === 0)('libcoap', () => {
  test.each(libcoap)('posts with %s and prints the answer', async (program) => {
    const { stdout } = await promisify(execFile)(program, [
      ...['-B', '3', '-m', 'post', '-t', '60', '-e', 'abc', '-u', 'meter-1', '-k', TEXT_KEY],
      `coaps://127.0.0.1:${thread.port}/r`,
    ])
    expect(stdout).toContain('cba')
  })
})

test('node-dtls-client posts where its identity may do without the extended master secret', async () => {
  const socket = await openNodeDtls(thread.port, 'old-1', TEXT_KEY)
  socket.send(Buffer.from(reportRequest(7, CONTENT_FORMAT.CBOR, Buffer.from('abc'))))
  expect(parseMessage(await nextMessage(socket))).toMatchObject({ code: COAP_CODE.CHANGED, messageId: 7 })
  socket.close()
})

describe('a message', () => {
  const options = { identity: 'meter-1', key: Buffer.from(HEX, 'hex'), cid: Buffer.alloc(0) }

  test('that comes again over another port is answered and not handed on twice', async () => {
    const caller = await SecureCaller.open(thread.port, options)
    if (caller === undefined) throw new Error('no association')
    const before = requests.length
    const request = reportRequest(99, CONTENT_FORMAT.CBOR, Buffer.from('abc'))
    const ask = async () => {
      const heard = caller.client.contents.length
      const sent = caller.client.say(request)
      const socket = dgram.createSocket('udp4')
      socket.on('message', (bytes) => caller.client.hear(bytes))
      socket.send(sent, thread.port, '127.0.0.1')
      await until(() => caller.client.contents.length > heard)
      socket.close()
    }
    await ask()
    await ask()
    expect(requests.length - before).toBe(1)
    expect(caller.client.contents[0]).toEqual(caller.client.contents[1])
    caller.close()
  })

  test('of one in the clear with the same id from the same address takes nobody’s place', async () => {
    const before = requests.length
    const caller = await SecureCaller.open(thread.port, { identity: options.identity, key: options.key })
    if (caller === undefined) throw new Error('no association')
    const request = reportRequest(500, CONTENT_FORMAT.CBOR, Buffer.from('abc'))
    const port = caller.port
    caller.close()
    const socket = dgram.createSocket('udp4')
    socket.bind(port, '127.0.0.1')
    await once(socket, 'listening')
    socket.on('message', (bytes) => caller.client.hear(bytes))
    socket.send(request, endpoint.port, '127.0.0.1')
    await until(() => requests.length === before + 1)
    socket.send(caller.client.say(request), thread.port, '127.0.0.1')
    await until(() => caller.client.contents.length === 1)
    expect(requests.slice(before).map(({ proven }) => proven?.identity)).toEqual([undefined, 'meter-1'])
    socket.close()
  })
})

test('keys follow the file: a broken one changes nothing, a new key ends what the old one opened', async () => {
  const options = { identity: 'meter-1', key: Buffer.from(HEX, 'hex') }
  const caller = await SecureCaller.open(thread.port, options)
  expect(caller).toBeDefined()
  await writeFile(keyFile(), 'meter-1,short\n')
  await utimes(keyFile(), new Date(), new Date(Date.now() + 2_000))
  await until(() => refusals.length > 0)
  expect(refusals[0]?.[0]).toContain('line 1 (meter-1)')
  expect((await caller?.report(CONTENT_FORMAT.CBOR, Buffer.from('abc')))?.code).toBe(COAP_CODE.CHANGED)
  await writeFile(keyFile(), line('meter-1', 'ff'.repeat(16)))
  await utimes(keyFile(), new Date(), new Date(Date.now() + 4_000))
  await until(() => caller?.client.alerts.includes(0) === true)
  expect(await SecureCaller.open(thread.port, options, 500)).toBeUndefined()
  const fresh = await SecureCaller.open(thread.port, { ...options, key: Buffer.alloc(16, 0xff) })
  expect(fresh).toBeDefined()
  caller?.close()
  fresh?.close()
  expect(failures).toBe(0)
})
