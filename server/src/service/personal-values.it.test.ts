import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { Accounts } from '../http/auth/accounts.ts'
import { FIRST_METER, writeMadeCity } from '../pipeline/testing/made-city.ts'
import { type ServiceProcess, spawnService } from '../pipeline/testing/service-process.ts'

const SECRETS = ['Zhang Sanfeng', '13912345678', 'Peony Road 815'] as const
const METER = String(FIRST_METER + 1)
const DAY = 86_400_000

let dir = ''
let service: ServiceProcess
const keys = new Map<string, string>()
const admin = () => keys.get('admin') ?? ''

beforeAll(async () => {
  dir = await mkdtemp(path.join(os.tmpdir(), 'gastwin-personal-'))
  const network = await writeMadeCity(dir, 1, 5)
  const accounts = await Accounts.open(path.join(dir, 'data'))
  for (const role of ['viewer', 'dispatcher', 'safety', 'admin'] as const)
    keys.set(role, await accounts.addApiKey(role, role))
  await accounts.setUser('boss', 'admin', 'correct horse')
  service = await spawnService({ network, dataDir: path.join(dir, 'data') }).ready
  await put('premises', `premises,point,address\r\nH1,${METER},${SECRETS[2]}\r\n`)
  await put('customers', `customer,premises,name,phone\r\nK1,H1,${SECRETS[0]},${SECRETS[1]}\r\n`)
}, 60_000)
afterAll(async () => {
  await service.kill()
  await rm(dir, { recursive: true, force: true })
})

async function put(table: string, body: string): Promise<void> {
  const headers = { 'x-api-key': admin(), 'content-type': 'text/csv' }
  const answer = await fetch(`${service.url}/api/v1/archive/${table}/import`, { method: 'POST', headers, body })
  expect(await answer.json()).toMatchObject({ applied: true })
}
const get = async (place: string, key: string) =>
  await fetch(`${service.url}${place}`, { headers: { 'x-api-key': key } })
const shown = (text: string): readonly string[] => SECRETS.filter((secret) => text.includes(secret))

/** Every documented GET with its parameters filled in; what is asked beside them is what would show most. */
async function places(): Promise<string[]> {
  const document = (await (await get('/docs/json', admin())).json()) as {
    readonly paths: Record<string, { readonly get?: object }>
  }
  const parameters: Record<string, string> = { number: METER, table: 'customers', key: 'K1', id: '1', zone: 'Z1' }
  const query = `from=0&to=${Date.now() + DAY}&limit=50&q=Zhang`
  return Object.entries(document.paths).flatMap(([place, { get: documented }]) => {
    if (documented === undefined) return []
    const filled = place.replaceAll(/\{(\w+)\}/g, (_, name: string) => parameters[name] ?? '1')
    return [filled, `${filled}?${query}`, filled.replace('customers', 'premises')]
  })
}

test('no documented GET shows a personal value to any role, and the card shows its mask', async () => {
  const all = await places()
  expect(all.length).toBeGreaterThan(100)
  for (const [role, key] of keys) {
    let answered = 0
    for (const place of all) {
      const answer = await get(place, key)
      if (answer.status === 200) answered += 1
      expect(shown(await answer.text()), `${role} ${place}`).toEqual([])
    }
    expect(answered, role).toBeGreaterThan(20)
  }
  const card = await (await get(`/api/v1/devices/${METER}/card`, keys.get('viewer') ?? '')).text()
  expect(card).toContain('139****678')
}, 120_000)

test('a console hears none, and none lies open on the disk', async () => {
  const signIn = { method: 'POST', headers: { 'content-type': 'application/json' } }
  const session = await fetch(`${service.url}/api/v1/session`, {
    ...signIn,
    body: JSON.stringify({ user: 'boss', password: 'correct horse' }),
  })
  const { token } = (await session.json()) as { readonly token: string }
  const socket = new WebSocket(`${service.url.replace('http', 'ws')}/ws`)
  let heard = ''
  socket.on('message', (bytes) => {
    heard += String(bytes)
  })
  await once(socket, 'open')
  socket.send(JSON.stringify({ type: 'hello', token, version: '0' }))
  while (!heard.includes('welcome')) await pause(20)
  const edit = { cells: { phone: SECRETS[1] }, reason: 'the customer called' }
  const headers = { 'x-api-key': admin(), 'content-type': 'application/json' }
  const place = `${service.url}/api/v1/archive/customers/K1`
  expect(shown(await (await fetch(place, { method: 'PUT', headers, body: JSON.stringify(edit) })).text())).toEqual([])
  await pause(500)
  socket.close()
  expect([heard.length > 0, shown(heard)]).toEqual([true, []])
  await service.stop()
  for (const file of await readdir(path.join(dir, 'data'), { recursive: true, withFileTypes: true }))
    if (file.isFile())
      expect(shown(await readFile(path.join(file.parentPath, file.name), 'latin1')), file.name).toEqual([])
}, 60_000)

test('they are shown for a reason only, by role, and who looked stands in the audit', async () => {
  service = await spawnService({ network: path.join(dir, 'network.json'), dataDir: path.join(dir, 'data') }).ready
  const reveal = async (role: string) => {
    const headers = { 'x-api-key': keys.get(role) ?? '', 'content-type': 'application/json' }
    const body = JSON.stringify({ reason: 'a leak is reported' })
    return await fetch(`${service.url}/api/v1/devices/${METER}/card/reveal`, { method: 'POST', headers, body })
  }
  expect([(await reveal('viewer')).status, (await reveal('dispatcher')).status]).toEqual([403, 403])
  expect(shown(await (await reveal('safety')).text())).toEqual(SECRETS)
  const exported = '/api/v1/archive/customers/export?reason=moving%20house'
  expect((await get(exported, keys.get('dispatcher') ?? '')).status).toBe(403)
  expect(shown(await (await get(exported, admin())).text())).toEqual(SECRETS.slice(0, 2))
  const audit = await readFile(path.join(dir, 'data', 'audit.ndjson'), 'utf8')
  expect(audit).toContain('"reveal_personal"')
  expect([audit.includes('"export_personal"'), shown(audit)]).toEqual([true, []])
}, 60_000)
