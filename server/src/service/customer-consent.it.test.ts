import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { Value } from 'typebox/value'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  type CommandRecord,
  type ConsentView,
  CustomerQuestion,
  type GrantedDelegation,
  type InvitationView,
  type MadeInvitation,
  type Problem,
} from '../contract/index.ts'
import { Accounts } from '../http/auth/accounts.ts'
import { FIRST_METER, writeMadeCity } from '../pipeline/testing/made-city.ts'
import { type ServiceProcess, spawnService } from '../pipeline/testing/service-process.ts'

const [HOME, NEIGHBOUR, UNLISTED] = [FIRST_METER, FIRST_METER + 1, FIRST_METER + 2]
const PERSONAL = ['Li Lei', 'Gate 3 Lane 5', '13800001234']
/** Writes what it is told into a file. */
const SEND = "require('node:fs').appendFileSync(process.argv[1], require('node:fs').readFileSync(0) + '\\n')"

let dir = ''
let network = ''
let service: ServiceProcess
let keys: Readonly<Record<'admin' | 'safety' | 'dispatcher', string>>
let app = ''
const sent = () => path.join(dir, 'sent.ndjson')

const start = async (env: Readonly<Record<string, string>> = {}): Promise<void> => {
  service = await spawnService({ network, dataDir: path.join(dir, 'data'), env }).ready
}
beforeAll(async () => {
  dir = await mkdtemp(path.join(os.tmpdir(), 'gastwin-customer-'))
  network = await writeMadeCity(dir, 2, 3)
  const accounts = await Accounts.open(path.join(dir, 'data'))
  keys = {
    admin: await accounts.addApiKey('boss', 'admin'),
    safety: await accounts.addApiKey('shift', 'safety'),
    dispatcher: await accounts.addApiKey('desk', 'dispatcher'),
  }
  await start()
  const table = (name: string, lines: string) =>
    call('POST', `/archive/${name}/import`, lines, { 'x-api-key': keys.admin })
  await table('premises', `premises,point,address\nH1,${HOME},${PERSONAL[1]}\nH2,${NEIGHBOUR},Gate 4\n`)
  await table('customers', `customer,premises,name,phone\nC1,H1,${PERSONAL[0]},${PERSONAL[2]}\nC2,H2,Han,13911112222\n`)
  const granted = await call<GrantedDelegation>(
    'POST',
    '/delegations',
    {
      ...{ name: 'customer app', role: 'dispatcher', scope: { devices: [String(HOME), String(UNLISTED)] } },
      ...{ expires_in_s: 3_600, reason: 'the app of the utility' },
    },
    { 'x-api-key': keys.admin },
  )
  app = granted.body.key
})
afterAll(async () => {
  await service.kill()
  await rm(dir, { recursive: true, force: true })
})

interface Answered<T> {
  readonly status: number
  readonly body: T
}
async function call<T = Problem>(
  method: string,
  place: string,
  body: unknown,
  headers: Readonly<Record<string, string>>,
): Promise<Answered<T>> {
  const isText = typeof body === 'string'
  const response = await fetch(`${service.url}/api/v1${place}`, {
    method,
    headers: { ...headers, ...(body !== undefined && { 'content-type': isText ? 'text/csv' : 'application/json' }) },
    ...(body !== undefined && { body: isText ? body : JSON.stringify(body) }),
  })
  return { status: response.status, body: (await response.json()) as T }
}
const ask = (device: number, key: string) =>
  call<MadeInvitation>(
    'POST',
    '/consents/invitations',
    {
      ...{ device: String(device), expires_in_s: 3_600, holds_s: 7_200, reason: 'gas is back in the street' },
    },
    { 'x-api-key': key },
  )
const invited = async (device: number): Promise<string> => (await ask(device, app)).body.token ?? ''
const customer = <T = CustomerQuestion>(token: string, body?: unknown) =>
  call<T>(body === undefined ? 'GET' : 'POST', '/customer/consent', body, { 'x-customer-token': token })
const staff = async <T>(place: string) =>
  (await call<T>('GET', place, undefined, { 'x-api-key': keys.dispatcher })).body
const consents = async (device: number) => (await staff<{ items: ConsentView[] }>(`/consents?device=${device}`)).items
const permit = (device: number) =>
  call<CommandRecord>(
    'POST',
    '/commands/permits',
    { device: String(device), window_s: 600, require_consent: true, reason: 'back' },
    { 'x-api-key': keys.safety },
  )
const YES = { agree: true, given_by: PERSONAL[0], phone_end: '1234' }

test('an application is told a token of a meter in its scope; people of the company are told none', async () => {
  expect((await ask(NEIGHBOUR, app)).status).toBe(404)
  expect((await ask(HOME, keys.safety)).status).toBe(409)
  const made = await ask(HOME, app)
  expect(made).toMatchObject({
    status: 201,
    body: { state: 'pending', point: String(HOME), asked_by: 'app:customer app' },
  })
  expect(made.body.token).toMatch(/^gc_/)
})

test('the holder sees what is asked, masked, and reaches nothing else with the token', async () => {
  const token = await invited(HOME)
  const { status, body } = await customer(token)
  expect([status, [...Value.Errors(CustomerQuestion, body)]]).toEqual([200, []])
  expect(body).toMatchObject({
    state: 'pending',
    meter: '181****000',
    address: 'G**',
    customer: 'L**',
    needs_phone_end: true,
  })
  for (const secret of PERSONAL) expect(JSON.stringify(body)).not.toContain(secret)
  for (const headers of [{ 'x-api-key': token }, { authorization: `Bearer ${token}` }, { 'x-customer-token': token }])
    expect((await call('GET', `/devices/${HOME}`, undefined, headers)).status).toBe(401)
})

test('the customer agrees once with a proof, the permit goes by it, and what was agreed can be taken back', async () => {
  const token = await invited(HOME)
  expect((await permit(HOME)).status).toBe(409)
  expect((await customer<Problem>(token, { ...YES, phone_end: undefined })).status).toBe(400)
  expect((await customer<Problem>(token, { ...YES, phone_end: '9999' })).status).toBe(403)
  expect((await customer<Problem>(token, { agree: true, phone_end: '1234' })).status).toBe(400)
  // Two taps at once are one consent.
  const [one, two] = await Promise.all([customer(token, YES), customer(token, YES)])
  expect([one.status, two.status, one.body.state, two.body.state]).toEqual([200, 200, 'agreed', 'agreed'])
  const [given, ...others] = await consents(HOME)
  expect([given?.by_customer, given?.how, given?.recorded_by, others.length]).toEqual([true, 'app', 'customer', 0])
  expect(given?.given_by).toBe('L**')
  expect((await permit(HOME)).status).toBe(201)
  await service.kill()
  await start()
  expect((await customer(token)).body.state).toBe('agreed')
  expect((await customer(token, { agree: false, phone_end: '1234' })).body.state).toBe('withdrawn')
  expect((await customer(token, { agree: false, phone_end: '1234' })).status).toBe(200)
  expect((await customer<Problem>(token, YES)).status).toBe(409)
  expect((await consents(HOME))[0]).toMatchObject({ revoked_by: 'customer' })
  await service.stop()
  await start()
  expect((await permit(HOME)).status).toBe(409)
  expect((await customer(token)).body.state).toBe('withdrawn')
}, 120_000)

test('a link that went astray is locked after five wrong proofs, and a later invitation ends the one before', async () => {
  const first = await invited(HOME)
  const token = await invited(HOME)
  expect((await customer<Problem>(first)).status).toBe(401)
  for (let i = 0; i < 5; i++) expect((await customer<Problem>(token, { ...YES, phone_end: '0000' })).status).toBe(403)
  expect((await customer<Problem>(token, YES)).status).toBe(401)
  const { items } = await staff<{ items: InvitationView[] }>('/consents/invitations')
  expect(items.slice(0, 2).map(({ state }) => state)).toEqual(['locked', 'replaced'])
  expect(JSON.stringify(items)).not.toContain('gc_')
})

test('who guesses tokens is held up, and who has one is not held up by that', async () => {
  const token = await invited(UNLISTED)
  let last = 0
  for (let i = 0; i < 1_000 && last !== 429; i++) last = (await customer<Problem>(`gc_${i}`)).status
  expect(last).toBe(429)
  expect((await customer(token)).body).toMatchObject({ state: 'pending', needs_phone_end: false })
  expect((await customer(token, { agree: false })).body.state).toBe('declined')
  let asked = 0
  for (let i = 0; i < 1_000 && asked !== 429; i++) asked = (await customer<Problem>(token)).status
  expect(asked).toBe(429)
})

test('where only customers agree, what people record counts for nothing, and a token goes to the telephone alone', async () => {
  const until = Date.now() + 3_600_000
  const record = { device: String(NEIGHBOUR), given_by: 'Han', how: 'telephone', evidence: 'call 7', until }
  const recording = () => call('POST', '/consents', record, { 'x-api-key': keys.dispatcher })
  expect((await recording()).status).toBe(201)
  await service.kill()
  await start({
    GASTWIN_OWN_CONSENT_ONLY: 'true',
    GASTWIN_CONSENT_COMMAND: JSON.stringify([process.execPath, '-e', SEND, sent()]),
  })
  expect((await recording()).status).toBe(409)
  expect((await permit(NEIGHBOUR)).status).toBe(409)
  const made = await ask(NEIGHBOUR, keys.dispatcher)
  expect(made).toMatchObject({ status: 201, body: { token: null } })
  expect((await ask(UNLISTED, keys.dispatcher)).status).toBe(409)
  const told = JSON.parse(await readFile(sent(), 'utf8')) as { to: string; token: string }
  expect(told.to).toBe('13911112222')
  expect((await customer(told.token, { agree: true, given_by: 'Han', phone_end: '2222' })).body.state).toBe('agreed')
  expect((await permit(NEIGHBOUR)).status).toBe(201)
}, 60_000)

test('no token and nothing personal stands in log, snapshots and audit', async () => {
  await service.stop()
  const data = path.join(dir, 'data')
  for (const file of await readdir(data, { recursive: true, withFileTypes: true })) {
    if (!file.isFile()) continue
    const text = (await readFile(path.join(file.parentPath, file.name))).toString('latin1')
    for (const secret of [...PERSONAL, 'gc_']) expect([file.name, text.includes(secret)]).toEqual([file.name, false])
  }
  await start()
}, 60_000)
