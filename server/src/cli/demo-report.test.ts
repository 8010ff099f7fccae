import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { askForReport, type DemoReport, reportInWords } from './demo-report.ts'

const open: { close: () => void }[] = []
afterEach(() => {
  for (const one of open.splice(0)) one.close()
})

async function serve(answer: (url: string, token: string) => [number, unknown]): Promise<string> {
  const server = createServer((request, response) => {
    const [status, body] = answer(request.url ?? '', request.headers.authorization ?? '')
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  })
  open.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const REPORT: DemoReport = {
  findings: [
    {
      kind: 'theft/bypass',
      asset: '101',
      begun_at: 0,
      found_as: 'theft',
      found_at: 60_000,
      probability: 0.874,
      right: true,
    },
    {
      kind: 'theft/magnet',
      asset: '102',
      begun_at: 0,
      found_as: null,
      found_at: null,
      probability: null,
      right: false,
    },
    {
      kind: 'theft/hours',
      asset: '103',
      begun_at: 0,
      found_as: 'stopped',
      found_at: 60_000,
      probability: 0.2,
      right: false,
    },
    {
      kind: 'leak_begin',
      asset: 'P-1',
      begun_at: null,
      found_as: 'leak',
      found_at: 60_000,
      probability: 0.5,
      right: true,
    },
  ],
  ledger: { state: 'stated', why: 'too short', data_from: 0, data_to: 2 * 86_400_000 },
  terminals: [
    { device: '101', step: 'warn', by: 'model' },
    { device: '104', step: 'isolate', by: 'rules' },
  ],
}

test('a demo is asked with its own password and answers truth against finding', async () => {
  const url = await serve((path, token) => {
    if (path === '/api/v1/session') return [200, { token: 't' }]
    if (token !== 'Bearer t') return [401, {}]
    if (path === '/api/v1/devices/hostile')
      return [200, { items: [...REPORT.terminals, { device: '105', step: 'none', by: 'rules' }] }]
    return path === '/api/v1/truth/findings' ? [200, { items: REPORT.findings }] : [200, REPORT.ledger]
  })
  expect(await askForReport(url, 'word')).toEqual(REPORT)
})

test('what does not answer, or refuses, is said in one line', async () => {
  const url = await serve(() => [401, {}])
  await expect(askForReport(url, 'word')).rejects.toMatchObject({ code: 'API_UNAVAILABLE' })
  await expect(askForReport('http://127.0.0.1:1', 'word')).rejects.toThrow(/no demo answers/)
})

test('the report is a table with a sum per kind and what the ledger waits for', () => {
  const text = reportInWords(REPORT, new Set(['104']))
  expect(text).toMatch(/theft\/bypass +101 +1970-01-01 00:00 +theft +1970-01-01 00:01 +0\.87 +yes/)
  expect(text).toContain('theft: 1 of 3 found, 1 suspected of something else')
  expect(text).toContain('leak_begin: 1 of 1 found')
  expect(text).toContain('gap ledger: stated from 2 days\n  too short')
  expect(text).toContain('terminals of attacked devices: 1 isolate by rules, 0 warn by model')
  expect(text).toContain('terminals of sound devices: 0 isolate by rules, 1 warn by model')
})
