import { Session } from '@gastwin/server/contract'
import Value from 'typebox/value'
import { beforeAll, describe, expect, test } from 'vitest'
import type { ApiClient } from '../support/api-client.ts'
import type { RunningDemo } from '../support/demo-process.ts'
import { WRITES } from './api-writes.table.ts'

/** Who may do what: every route that writes, by the least role that may. */
export function apiRoles(running: () => RunningDemo): void {
  describe('the roles of the running service', () => {
    let api: ApiClient
    let paths: Record<string, Record<string, unknown>>
    beforeAll(async () => {
      api = await running().signIn('admin')
      const answer = await fetch(`${running().url}/docs/json`)
      paths = ((await answer.json()) as { paths: typeof paths }).paths
    })

    test('lets each role do its part and no more', async () => {
      for (const { method, url, least, below, body } of WRITES) {
        const refused = await (await running().signIn(below)).refusal(method, url, body)
        expect([url, refused.status, refused.code]).toEqual([url, 403, 'AUT_FORBIDDEN'])
        expect(refused.detail).toContain(least)
      }
      const anonymous = await fetch(`${running().url}/api/v1/city`)
      expect([anonymous.status, anonymous.headers.get('www-authenticate')]).toEqual([401, 'Bearer'])
      const forged = await fetch(`${running().url}/api/v1/city`, { headers: { authorization: 'Bearer forged' } })
      expect(forged.status).toBe(401)
    })

    test('writes only through the routes whose roles are tested, and none of them opens a valve', () => {
      const writing = Object.entries(paths).flatMap(([url, methods]) =>
        Object.keys(methods)
          .filter((method) => method !== 'get')
          .map((method) => `${method.toUpperCase()} ${url.replace('/api/v1', '').replaceAll(/\{\w+\}/g, 'x')}`),
      )
      const places = (url: string) => url.replace(/Z01|(?<=\/)1(?=\/|$)|(?<=archive\/)devices/g, 'x')
      const tested = WRITES.map(({ method, url }) => `${method} ${places(url)}`)
      expect(writing.sort()).toEqual([...tested, 'POST /session', 'DELETE /session', 'POST /customer/consent'].sort())
      expect(JSON.stringify(paths)).not.toMatch(/"open"|open[_ -]?valve|valve[_ -]?open/i)
    })

    test('forgets a session that signs out', async () => {
      const guest = await running().signIn('viewer')
      const session = await api.post<Session>('/session', { user: 'viewer', password: running().password })
      expect(Value.Check(Session, session)).toBe(true)
      expect((await guest.request('DELETE', '/session')).status).toBe(204)
      expect((await guest.refusal('GET', '/city')).code).toBe('AUT_REQUIRED')
    })
  })
}
