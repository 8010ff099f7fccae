import { execFile } from 'node:child_process'
import fs from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { entryPath } from '../entry.ts'
import { COAP_CODE, decodeReport, deviceKey, fromHex, toHex } from '../protocol/index.ts'
import { type CoapEndpoint, openCoapEndpoint } from './coap-endpoint.ts'
import type { InboundRequest } from './inbound-request.ts'

let endpoint: CoapEndpoint
let requests: InboundRequest[] = []

beforeEach(async () => {
  requests = []
  endpoint = await openCoapEndpoint({ family: 'udp4', host: '127.0.0.1', port: 0, now: Date.now, exchanges: 8192 })
  endpoint.requests$.subscribe((batch) => {
    requests.push(...batch)
    for (const request of batch) endpoint.answer(request, COAP_CODE.CHANGED)
  })
})
afterEach(() => endpoint.close())

const load = async (...args: string[]) => {
  const main = entryPath(import.meta.url, './load-main.js')
  const { stdout } = await promisify(execFile)(process.execPath, [main, '--port', String(endpoint.port), ...args])
  return JSON.parse(stdout)
}

test.each([60, 65_001, 65_002])('format %i: every report is sent, decodable, answered and measured', async (format) => {
  const result = await load('--count', '2000', '--sockets', '8', '--devices', '500', '--format', String(format))
  expect(result).toMatchObject({ sent: 2000, answered: 2000, lost: 0, codes: { '2.04': 2000 } })
  expect(result.p99).toBeGreaterThanOrEqual(result.p50)
  const master = fromHex('00112233445566778899AABBCCDDEEFF') ?? new Uint8Array(0)
  const lookup = { keyOf: (device: number) => deviceKey(master, device), statusProfileOf: () => 'standard' as const }
  const seen = new Set<string>()
  for (const request of requests) {
    const report = decodeReport(request.contentFormat, request.payload, lookup)
    if (report.kind === 'malformed') throw new Error(report.detail)
    expect(report.readings.some((r) => r.quantity === 'index_m3')).toBe(true)
    seen.add(`${report.device} ${report.deviceTime}`)
  }
  expect(seen.size).toBe(2000)
})

test('an open loop keeps its rate, and ready payloads are sent as they are', async () => {
  const dir = await fs.mkdtemp(path.join(os.tmpdir(), 'gastwin-load-'))
  const file = path.join(dir, 'payloads')
  await fs.writeFile(file, '# two payloads\n60 A10102\n65001 68\n')
  const result = await load('--count', '500', '--rate', '1000', '--sockets', '4', '--payloads', file)
  await fs.rm(dir, { recursive: true })
  expect(result).toMatchObject({ sent: 500, answered: 500 })
  expect(result.seconds).toBeGreaterThan(0.45)
  expect(new Set(requests.map((r) => `${r.contentFormat} ${toHex(r.payload)}`))).toEqual(
    new Set(['60 A10102', '65001 68']),
  )
})

test('a wrong argument is one line on stderr and exit code 2', async () => {
  const error = await load('--sockets', 'many').catch((e: { code: number; stderr: string }) => e)
  expect([error.code, error.stderr]).toEqual([2, 'CLI_USAGE --sockets must be a whole number of at least 1\n'])
})
