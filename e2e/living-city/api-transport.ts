import { beforeAll, describe, expect, test } from 'vitest'
import type { ApiClient } from '../support/api-client.ts'
import type { RunningDemo } from '../support/demo-process.ts'
import { eventually } from '../support/eventually.ts'

/** How the running service speaks HTTP: problems with codes, versions, headers, metrics. */
export function apiTransport(running: () => RunningDemo): void {
  describe('the HTTP of the running service', () => {
    let api: ApiClient
    beforeAll(async () => {
      api = await running().signIn('admin')
    })

    test('answers each mistake with a problem that names its code', async () => {
      const cases: readonly (readonly [string, string, number, string])[] = [
        ['GET', '/devices/1', 404, 'API_NOT_FOUND'],
        ['GET', '/devices/letters', 400, 'API_INPUT'],
        ['GET', '/devices?limit=0', 400, 'API_INPUT'],
        ['GET', '/devices?cursor=-1', 400, 'API_INPUT'],
        ['GET', '/devices/1/series?quantity=index_m3&from=1&to=2', 404, 'API_NOT_FOUND'],
        ['GET', '/devices/1/series?quantity=DROP%20TABLE&from=1&to=2', 400, 'API_INPUT'],
        ['GET', '/zones/nowhere/balance?from=1&to=2', 404, 'NET_UNKNOWN'],
        ['GET', '/zones/city/balance?from=2&to=1', 400, 'API_INPUT'],
        ['GET', '/zones/city/balance?every=hour&from=0&to=1900000000000', 400, 'API_INPUT'],
        ['GET', '/strip?hours=10000', 400, 'API_INPUT'],
        ['GET', '/gap?zone=nowhere', 404, 'NET_UNKNOWN'],
        ['GET', '/gap?from=2&to=1', 400, 'API_INPUT'],
        ['GET', '/gap/suspects/nobody', 404, 'API_NOT_FOUND'],
        ['GET', '/isolation?edge=nothing', 404, 'NET_UNKNOWN'],
        ['GET', '/nothing', 404, 'API_NOT_FOUND'],
        ['POST', '/alarms/none/ack', 404, 'API_NOT_FOUND'],
        ['POST', '/shutoffs/none/approve', 404, 'API_NOT_FOUND'],
        ['PUT', '/zones/Z01/safety-mode', 400, 'API_INPUT'],
      ]
      for (const [method, url, status, code] of cases) {
        const body = method === 'GET' || url.endsWith('approve') ? undefined : {}
        const problem = await api.refusal(method, url, body)
        expect([method, url, problem.status, problem.code]).toEqual([method, url, status, code])
        expect(problem.detail).not.toBe('')
        expect(problem.type).toBe(`urn:gastwin:error:${code}`)
      }
    })

    test('sends the geometry once per version, and nothing without protection against framing and sniffing', async () => {
      const first = await api.request('GET', '/map/geometry')
      const etag = first.headers.get('etag') ?? ''
      expect(etag).not.toBe('')
      const again = await fetch(first.url, {
        headers: { authorization: `Bearer ${api.token}`, 'if-none-match': etag },
      })
      expect(again.status).toBe(304)
      const pageOfConsole = await fetch(`${running().url}/`)
      expect(pageOfConsole.headers.get('content-security-policy')).toContain("default-src 'self'")
      expect(pageOfConsole.headers.get('x-content-type-options')).toBe('nosniff')
    })

    test('prints metrics that a scraper can read, and is ready', async () => {
      const metrics = await eventually(
        30_000,
        async () => (await fetch(`${running().url}/metrics`)).text(),
        (text) => /gastwin_reports_total\{outcome="fresh"\} [1-9]/.test(text),
      )
      for (const line of metrics.split('\n').filter((text) => text !== ''))
        expect(line).toMatch(/^(#.*|[a-z_:][a-z0-9_:]*(\{.*\})? [-+0-9.eEINnaf]+)$/i)
      const ready = await fetch(`${running().url}/readyz`)
      expect([ready.status, await ready.json()]).toMatchObject([200, { ready: true, parts: { log: { ok: true } } }])
    })
  })
}
