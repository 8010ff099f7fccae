import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { FastifyInstance } from 'fastify'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { buildHttp } from './app.ts'
import { Accounts } from './auth/accounts.ts'
import { Sessions } from './auth/sessions.ts'
import { smallApplication } from './testing/small-application.ts'

let app: FastifyInstance
let accounts: Accounts
let wall = 1_000_000

beforeEach(async () => {
  accounts = await Accounts.open(mkdtempSync(path.join(tmpdir(), 'gastwin-http-')))
  for (const role of ['viewer', 'dispatcher', 'safety', 'admin'] as const)
    await accounts.setUser(role, role, 'correct horse')
  app = await buildHttp({
    application: smallApplication(),
    sessions: new Sessions(accounts, () => wall),
    logger: pino({ level: 'silent' }),
    version: '0',
    consoleDir: null,
    onSocket: (socket) => socket.close(),
  })
})
afterEach(async () => {
  await app.close()
})

async function tokenOf(user: string): Promise<string> {
  const answer = await app.inject({
    method: 'POST',
    url: '/api/v1/session',
    payload: { user, password: 'correct horse' },
  })
  return answer.json().token
}
const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

describe('without sign-in', () => {
  test('only health, metrics and documentation answer', async () => {
    expect((await app.inject('/healthz')).statusCode).toBe(200)
    expect((await app.inject('/readyz')).statusCode).toBe(503)
    expect((await app.inject('/metrics')).body).toContain('gastwin_up')
    expect((await app.inject('/docs/json')).json().paths).toHaveProperty('/api/v1/city')
  })

  test('every route of the API is refused with a problem that says how to sign in', async () => {
    const { paths } = (await app.inject('/docs/json')).json() as { paths: Record<string, Record<string, unknown>> }
    const guarded = Object.entries(paths).filter(([url]) => url !== '/api/v1/session')
    expect(guarded.length).toBeGreaterThan(15)
    for (const [url, methods] of guarded) {
      for (const method of Object.keys(methods)) {
        const answer = await app.inject({
          method: method.toUpperCase() as 'GET',
          url: url.replaceAll(/\{\w+\}/g, '1'),
          payload: method === 'get' ? undefined : {},
        } as never)
        expect(answer.statusCode, `${method} ${url}`).toBe(401)
        expect(answer.headers['content-type']).toContain('application/problem+json')
        expect(answer.json().code).toBe('AUT_REQUIRED')
      }
    }
  })

  test('no route, whatever its name, opens a valve', async () => {
    const { paths } = (await app.inject('/docs/json')).json() as { paths: Record<string, unknown> }
    for (const url of Object.keys(paths)) expect(url).not.toMatch(/open/i)
  })
})

describe('sign-in', () => {
  test('five wrong passwords lock the place for a minute, and no longer', async () => {
    const attempt = (password: string) =>
      app.inject({ method: 'POST', url: '/api/v1/session', payload: { user: 'viewer', password } })
    for (let i = 0; i < 5; i++) expect((await attempt('wrong')).json().code).toBe('AUT_REQUIRED')
    expect((await attempt('correct horse')).json()).toMatchObject({ status: 429, code: 'AUT_LOCKED' })
    wall += 61_000
    expect((await attempt('correct horse')).statusCode).toBe(200)
  })

  test('a token ends with its shift, and with sign-out', async () => {
    const token = await tokenOf('viewer')
    const city = () => app.inject({ url: '/api/v1/city', headers: bearer(token) })
    expect((await city()).json().name).toBe('Test')
    wall += 13 * 3_600_000
    expect((await city()).statusCode).toBe(401)
    const other = await tokenOf('viewer')
    await app.inject({ method: 'DELETE', url: '/api/v1/session', headers: bearer(other) })
    expect((await app.inject({ url: '/api/v1/city', headers: bearer(other) })).statusCode).toBe(401)
  })

  test('an API key acts with its role and survives in hashed form only', async () => {
    const key = await accounts.addApiKey('scada', 'viewer')
    const headers = { 'x-api-key': key }
    expect((await app.inject({ url: '/api/v1/city', headers })).statusCode).toBe(200)
    expect(
      (await app.inject({ method: 'POST', url: '/api/v1/alarms/a/ack', headers, payload: {} })).json(),
    ).toMatchObject({ code: 'AUT_FORBIDDEN' })
    expect((await app.inject({ url: '/api/v1/city', headers: { 'x-api-key': `${key}x` } })).statusCode).toBe(401)
  })
})

test('a role that may not is told which role can', async () => {
  const headers = bearer(await tokenOf('dispatcher'))
  const answer = await app.inject({ method: 'POST', url: '/api/v1/shutoffs/1/approve', headers })
  expect(answer.json()).toMatchObject({
    status: 403,
    code: 'AUT_FORBIDDEN',
    detail: expect.stringContaining('needs safety'),
  })
})

test('a request that does not fit its schema is refused with the field', async () => {
  const headers = bearer(await tokenOf('dispatcher'))
  const answer = await app.inject({
    method: 'POST',
    url: '/api/v1/alarms/a/shelve',
    headers,
    payload: { minutes: 481, reason: 'noise' },
  })
  expect(answer.json()).toMatchObject({ status: 400, code: 'API_INPUT', detail: expect.stringContaining('minutes') })
})

test('geometry is sent once per ETag', async () => {
  const headers = bearer(await tokenOf('viewer'))
  const first = await app.inject({ url: '/api/v1/map/geometry', headers })
  expect(first.rawPayload).toEqual(Buffer.from([1, 2, 3]))
  const again = await app.inject({
    url: '/api/v1/map/geometry',
    headers: { ...headers, 'if-none-match': String(first.headers['etag']) },
  })
  expect(again.statusCode).toBe(304)
})

test('our own mistakes do not leak their words', async () => {
  await app.close()
  app = await buildHttp({
    application: smallApplication({
      city: () => {
        throw new Error('secret path /etc')
      },
    }),
    sessions: new Sessions(accounts, () => wall),
    logger: pino({ level: 'silent' }),
    version: '0',
    consoleDir: null,
    onSocket: (socket) => socket.close(),
  })
  const answer = await app.inject({ url: '/api/v1/city', headers: bearer(await tokenOf('viewer')) })
  expect(answer.statusCode).toBe(500)
  expect(answer.body).not.toContain('secret')
})
