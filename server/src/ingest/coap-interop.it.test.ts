import { execFile, spawnSync } from 'node:child_process'
import { promisify } from 'node:util'
import { CoapClient } from 'node-coap-client'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { COAP_CODE, codeText } from '../protocol/index.ts'
import { type CoapEndpoint, openCoapEndpoint } from './coap-endpoint.ts'
import { DEVICE_RESOURCES } from './resources.ts'

let endpoint: CoapEndpoint
const payloads: string[] = []

beforeEach(async () => {
  payloads.length = 0
  // node-coap-client always says that it sends JSON.
  const json = { name: 'command', method: COAP_CODE.POST, contentFormats: [50], largestPayload: 100 } as const
  endpoint = await openCoapEndpoint({
    family: 'udp4',
    host: '127.0.0.1',
    port: 0,
    now: Date.now,
    exchanges: 1024,
    resources: new Map([...DEVICE_RESOURCES, ['json', json]]),
  })
  endpoint.requests$.subscribe((batch) => {
    for (const request of batch) {
      payloads.push(Buffer.from(request.payload).toString())
      endpoint.answer(request, COAP_CODE.CHANGED, { contentFormat: 0, payload: Buffer.from('taken') })
    }
  })
})
afterEach(() => endpoint.close())

const LIBCOAP_CLIENT = 'coap-client-notls'
const installed = spawnSync(LIBCOAP_CLIENT, ['-V']).error === undefined
if (!installed) console.warn(`${LIBCOAP_CLIENT} is not installed: interoperability with libcoap is NOT tested`)

describe.skipIf(!installed)('libcoap', () => {
  const post = async (path: string, ...options: string[]) => {
    const args = ['-m', 'post', '-B', '5', ...options, `coap://127.0.0.1:${endpoint.port}/${path}`]
    const { stdout, stderr } = await promisify(execFile)(LIBCOAP_CLIENT, args)
    return (stdout + stderr).trim()
  }

  test('posts a confirmable report and prints our answer', async () => {
    expect(await post('r', '-t', '60', '-e', 'hello')).toContain('taken')
    expect(payloads).toEqual(['hello'])
  })

  test('posts a non-confirmable report and prints our answer', async () => {
    expect(await post('r', '-N', '-t', '60', '-e', 'hello')).toContain('taken')
    expect(payloads).toEqual(['hello'])
  })

  test('prints our refusals', async () => {
    expect(await post('nowhere', '-t', '60', '-e', 'x')).toContain('4.04')
    expect(await post('r', '-t', '50', '-e', 'x')).toContain('4.15')
    expect(await post('r', '-t', '60', '-O', '65001,x', '-e', 'x')).toContain('4.02')
    expect(await post('r', '-t', '60', '-b', '64', '-e', 'x'.repeat(300))).toContain('4.13')
    expect(payloads).toEqual([])
  })
})

test('node-coap-client pings us and posts', async () => {
  const origin = `coap://127.0.0.1:${endpoint.port}`
  expect(await CoapClient.ping(origin, 2_000)).toBe(true)
  const answer = await CoapClient.request(`${origin}/json`, 'post', Buffer.from('anything'), { keepAlive: false })
  expect([codeText((answer.code.major << 5) | answer.code.minor), answer.payload?.toString()]).toEqual([
    '2.04',
    'taken',
  ])
  expect(payloads).toEqual(['anything'])
  CoapClient.reset()
})
