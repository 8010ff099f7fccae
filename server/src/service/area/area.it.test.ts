import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import {
  type Alarm,
  type CampaignView,
  type CommandRecord,
  type ConsentView,
  decodeColumns,
  decodeFrame,
  type Frame,
  type GeometryMeta,
  type IsolationPlan,
  LAYERS,
  type Problem,
  type Shutoff,
} from '../../contract/index.ts'
import { type Caller, FOREIGN, OTHER, OWN, TwoAreas, until, type Zone } from './testing/two-areas.ts'

/** What stands in a zone, once for each. */
interface Things {
  readonly alarm: string
  readonly command: number
  readonly consent: string
  readonly campaign: string
  readonly shutoff: string
  readonly plan: IsolationPlan
}
interface Ask {
  /** For the parameters of the route. */
  readonly at?: Readonly<Record<string, string>>
  readonly query?: string
  readonly body?: unknown
}
/**
 * What was thought of a route. `cut`: everybody may ask, and is told their own; `quiet` says why nothing of the other zone is there
 * to be cut in this town. `aim`: it is about something, which must be of the area. `whole`: it is for the whole city alone. `open`
 * knows nothing of any place.
 */
type Thought =
  | { readonly cut: Ask; readonly quiet?: string }
  | { readonly aim: (zone: Zone, things: Things) => Ask; readonly noOwn?: string }
  | { readonly whole: Ask }
  | { readonly open: Ask; readonly why: string }

const NOW = Date.now()
const reason = 'a test of areas'
const SPAN = `from=${NOW - 7_200_000}&to=${NOW + 7_200_000}`
const device = ({ meters }: Zone) => ({ number: meters[0] ?? '' })
const setting = { parameter: 'report_spread_s', value: 30 }
const campaignOf = ({ id, meters }: Zone) => ({
  ...{
    name: `for ${id}`,
    filter: { zone: id, devices: [meters[1] ?? ''] },
    ...setting,
    canary: 1,
    wave: 1,
    stop_rate: 0.5,
    per_cell: 10,
  },
  ...{ expected_devices: 1, reason },
})
const image = { image: 'AAAA', signed: 'AAAA', reason }
const everywhere = { cut: {} } as const

const THOUGHT: Readonly<Record<string, Thought>> = {
  'get /city': { cut: {}, quiet: 'counts only, held below' },
  'get /map/geometry': everywhere,
  'get /map/state': { cut: {}, quiet: 'numbers only, held below' },
  'get /map/estimate': { cut: {}, quiet: 'numbers only, held below' },
  'get /zones': everywhere,
  'get /zones/{id}/balance': { aim: ({ id }) => ({ at: { id }, query: SPAN }) },
  'get /zones/{id}/safety-mode': { aim: ({ id }) => ({ at: { id } }) },
  'put /zones/{id}/safety-mode': { aim: ({ id }) => ({ at: { id }, body: { mode: 'approval' } }) },
  'get /strip': { aim: ({ id }) => ({ query: `zone=${id}` }) },
  'get /alarms': everywhere,
  'post /alarms/{id}/ack': { aim: (_, { alarm }) => ({ at: { id: alarm }, body: {} }) },
  'post /alarms/{id}/shelve': { aim: (_, { alarm }) => ({ at: { id: alarm }, body: { minutes: 5, reason } }) },
  'post /alarms/{id}/unshelve': { aim: (_, { alarm }) => ({ at: { id: alarm }, body: {} }) },
  'get /devices': everywhere,
  'get /devices/facets': everywhere,
  'get /devices/{number}': { aim: (zone) => ({ at: device(zone) }) },
  'get /devices/{number}/series': { aim: (zone) => ({ at: device(zone), query: `quantity=index_m3&${SPAN}` }) },
  'get /devices/{number}/frames': { aim: (zone) => ({ at: device(zone) }) },
  'get /devices/{number}/frames/explained': { aim: (zone) => ({ at: device(zone) }) },
  'get /devices/{number}/log': { aim: (zone) => ({ at: device(zone), query: SPAN }) },
  'get /devices/{number}/card': { aim: (zone) => ({ at: device(zone) }) },
  'post /devices/{number}/card/reveal': { aim: (zone) => ({ at: device(zone), body: { reason } }) },
  'post /devices/{number}/hostile': { aim: (zone) => ({ at: device(zone), body: { step: 'none', reason } }) },
  'put /devices/{number}/cipher-policy': { aim: (zone) => ({ at: device(zone), body: { policy: null } }) },
  'post /fittings': {
    aim: ({ meters, id }) => ({
      body: { point: meters[2], device: id === 'Z1' ? '42' : '43', old_end_m3: 1, new_begin_m3: 0, reason },
    }),
  },
  'put /archive/{table}/{key}': {
    aim: ({ premises }) => ({ at: { table: 'premises', key: premises }, body: { cells: { note: 'x' }, reason } }),
  },
  'get /archive/{table}/export': { cut: { at: { table: 'customers' }, query: `reason=${reason}` } },
  'post /archive/{table}/import': { whole: { at: { table: 'devices' }, body: 'number\n' } },
  'get /points': everywhere,
  'get /points/imports': everywhere,
  'post /points/import': { whole: { body: 'number\n' } },
  'get /delegations': { whole: {} },
  'post /delegations': { whole: { body: { name: 'app', role: 'viewer', scope: {}, expires_in_s: 3600, reason } } },
  'post /delegations/{id}/revoke': { whole: { at: { id: 'D1' }, body: {} } },
  'get /campaigns': everywhere,
  'post /campaigns/preview': { aim: ({ id }) => ({ body: { zone: id } }) },
  'post /campaigns': { aim: (zone) => ({ body: campaignOf(zone) }) },
  'post /campaigns/{id}/state': {
    aim: (_, { campaign }) => ({ at: { id: campaign }, body: { state: 'cancelled', reason } }),
  },
  'post /campaigns/{id}/approve': { aim: (_, { campaign }) => ({ at: { id: campaign }, body: { reason } }) },
  'post /campaigns/{id}/rollback': {
    aim: (_, { campaign }) => ({
      at: { id: campaign },
      body: { reason, canary: 1, wave: 1, stop_rate: 0.5, per_cell: 10 },
    }),
  },
  'get /spreading/{pci}': { aim: ({ pci }) => ({ at: { pci: String(pci) } }) },
  'post /spreading/{pci}/apply': {
    aim: ({ pci }) => ({ at: { pci: String(pci) }, body: { capacity_per_minute: 30, expected_meters: 1, reason } }),
  },
  'get /firmware': { cut: {}, quiet: 'no image is there; what devices run is left out' },
  'post /firmware': { whole: { body: image } },
  'post /firmware/{number}/withdraw': { whole: { at: { number: '1' }, body: { reason } } },
  'get /isolation': { aim: ({ pipe }) => ({ query: `edge=${pipe}` }) },
  'get /shutoffs': everywhere,
  'post /shutoffs': { aim: ({ pipe }, { plan }) => ({ body: { edge: pipe, plan_hash: plan.hash, reason } }) },
  'post /shutoffs/{id}/approve': { aim: (_, { shutoff }) => ({ at: { id: shutoff }, body: {} }) },
  'post /shutoffs/{id}/abort': { aim: (_, { shutoff }) => ({ at: { id: shutoff }, body: {} }) },
  'get /commands': everywhere,
  'post /commands': { aim: ({ meters }) => ({ body: { device: meters[0], reason } }) },
  'post /commands/settings': { aim: ({ meters }) => ({ body: { device: meters[0], ...setting, reason } }) },
  'post /commands/orders': {
    aim: ({ meters }) => ({ body: { device: meters[0], order: { kind: 'restart' }, reason } }),
  },
  'post /commands/permits': { aim: ({ meters }) => ({ body: { device: meters[1], window_s: 600, reason } }) },
  'post /commands/{id}/cancel': { aim: (_, { command }) => ({ at: { id: String(command) }, body: {} }) },
  'get /commands/presses': { cut: {}, quiet: 'no order of this town waits for a button' },
  'get /consents': everywhere,
  'post /consents': { aim: ({ meters }) => ({ body: consentOf(meters[0] ?? '') }) },
  'post /consents/{id}/revoke': { aim: (_, { consent }) => ({ at: { id: consent }, body: {} }) },
  'get /consents/invitations': { cut: {}, quiet: 'invitations need a command that sends them' },
  'post /consents/invitations': {
    aim: ({ meters }) => ({ body: { device: meters[0], expires_in_s: 3600, holds_s: 3600, reason } }),
  },
  'get /estimate': { aim: ({ pipe }) => ({ query: `edge=${pipe}` }) },
  'get /leaks': { cut: {}, quiet: 'nothing leaks here' },
  'post /leaks/{id}/close': {
    aim: () => ({ at: { id: 'L9' }, body: { found: 'nothing' } }),
    noOwn: 'nothing leaks here',
  },
  'get /gap': { cut: {}, quiet: 'no day is whole yet' },
  'get /gap/revisions': { cut: {}, quiet: 'no day is whole yet' },
  'get /gap/suspects': { cut: {}, quiet: 'nobody is suspected' },
  'get /gap/suspects/{meter}': { aim: ({ meters }) => ({ at: { meter: meters[0] ?? '' } }) },
  'put /gap/suspects/{meter}/case': {
    aim: ({ meters }) => ({ at: { meter: meters[0] ?? '' }, body: { state: 'field_work' } }),
  },
  'get /gap/replacements': { cut: {}, quiet: 'nothing is due' },
  'get /health/meters': { cut: {}, quiet: 'nothing is due' },
  'get /models': { whole: {} },
  'post /models/promote': { whole: { body: { sha256: 'a'.repeat(64), reason } } },
  'get /truth': { whole: {} },
  'get /truth/findings': { whole: {} },
  'get /readings/rates': { aim: ({ id }) => ({ query: `by=zone&zone=${id}` }) },
  'get /readings/missing': everywhere,
  'get /readings/faults': { cut: {}, quiet: 'nobody is heard badly yet' },
  'get /coverage': { cut: {}, quiet: 'numbers of cells only, held below' },
  'get /coverage/assessment': { open: { query: 'rsrp_dbm=-90' }, why: 'a table of losses' },
  'get /concentrators': everywhere,
  'get /concentrators/{number}': { aim: ({ concentrator }) => ({ at: { number: concentrator } }) },
  'get /concentrators/{number}/meters': { aim: ({ concentrator }) => ({ at: { number: concentrator } }) },
  'post /concentrators/{number}/read': {
    aim: ({ concentrator }) => ({ at: { number: concentrator }, body: { reason } }),
  },
  'post /concentrators/{number}/plan': {
    aim: ({ concentrator }) => ({
      at: { number: concentrator },
      body: { plan: { every: 'day', slots: [0] }, reason },
    }),
  },
  'post /concentrators/{number}/orders': {
    aim: ({ concentrator, meters }) => ({
      at: { number: concentrator },
      body: { meters: [meters.at(-1)], order: { kind: 'close' }, reason },
    }),
  },
  'post /concentrators/{number}/network': {
    aim: ({ concentrator }) => ({ at: { number: concentrator }, body: { reason } }),
  },
  'get /export': { cut: { query: SPAN }, quiet: 'there is no database here; its lines are held beside' },
  'get /keys/health': { whole: {} },
  'get /devices/hostile': { cut: {}, quiet: 'nobody is hostile' },
  'get /security/report': { whole: {} },
  'get /models/hostile': { whole: {} },
  'get /quarantine': { cut: {}, quiet: 'strangers are of no area, held below' },
  'post /session': { open: {}, why: 'signing in' },
  'delete /session': { open: {}, why: 'signing out' },
  'get /customer/consent': { open: {}, why: 'by the token of a customer' },
  'post /customer/consent': { open: {}, why: 'by the token of a customer' },
}

function consentOf(meter: string) {
  return { device: meter, given_by: `Li of ${meter}`, how: 'written', evidence: 'letter 9', until: NOW + 3_600_000 }
}

let town: TwoAreas
let own: Things
let other: Things

async function thingsOf(zone: Zone): Promise<Things> {
  const { id, meters, premises, customer, point, pipe, group } = zone
  const table = (name: string, ...lines: string[]) => town.made('POST', `/archive/${name}/import`, lines.join('\r\n'))
  await table('devices', 'number,group', `${meters[0]},${group}`)
  await table('premises', 'premises,point,address', `${premises},${meters[0]},Gate of ${id}`)
  await table('customers', 'customer,premises,name', `${customer},${premises},Han of ${id}`)
  await town.made('POST', `/points/import?file=${id}.csv`, `number,node,size\r\n${point},C${id.slice(1)},G4\r\n`)
  await town.report(zone, 10)
  const alarm = await until(async () =>
    (await town.made<{ items: Alarm[] }>('GET', '/alarms')).items.find((one) => one.zone === id),
  )
  const command = await town.made<CommandRecord>('POST', '/commands/settings', {
    device: meters[1],
    ...setting,
    reason,
  })
  await town.made('POST', `/commands/${command.id}/cancel`, {})
  const waiting = await town.made<CommandRecord>('POST', '/commands/settings', {
    device: meters[2],
    ...setting,
    reason,
  })
  const consent = await town.made<ConsentView>('POST', '/consents', consentOf(meters[0] ?? ''))
  const campaign = await town.made<CampaignView>('POST', '/campaigns', campaignOf(zone))
  const plan = await town.made<IsolationPlan>('GET', `/isolation?edge=${pipe}`)
  const shutoff = await town.made<Shutoff>('POST', '/shutoffs', { edge: pipe, plan_hash: plan.hash, reason }, 'second')
  return {
    ...{ alarm: alarm.id, command: waiting.id, consent: consent.id, campaign: campaign.id, shutoff: shutoff.id },
    plan,
  }
}

beforeAll(async () => {
  town = await TwoAreas.start()
  own = await thingsOf(OWN)
  other = await thingsOf(OTHER)
})
afterAll(async () => {
  await town?.close()
})

async function asked(caller: Caller, route: string, { at = {}, query, body }: Ask) {
  const [method = '', place = ''] = route.split(' ')
  const filled = place.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(at[name] ?? '1'))
  const url = `/api/v1${filled}${query === undefined ? '' : `?${query}`}`
  const answer = await town.ask(caller, method.toUpperCase(), url, body)
  const bytes = new Uint8Array(await answer.arrayBuffer())
  const text = Buffer.from(bytes).toString('utf8')
  const code = answer.ok ? '' : ((JSON.parse(text) as Problem).code ?? '')
  return { status: answer.status, code, text, bytes }
}
const isRefused = { status: 403, code: 'AUT_AREA' }

test('somebody has thought of every route of the API', async () => {
  const answer = await fetch(`${town.service.url}/docs/json`)
  const { paths } = (await answer.json()) as { paths: Record<string, Record<string, unknown>> }
  const routes = Object.entries(paths).flatMap(([place, methods]) =>
    Object.keys(methods).map((method) => `${method} ${place.replace('/api/v1', '')}`),
  )
  expect(routes.sort()).toEqual(Object.keys(THOUGHT).sort())
})

describe.each(Object.entries(THOUGHT))('%s', (route, thought) => {
  if ('cut' in thought)
    test('tells nothing of another area', async () => {
      const told = await asked('area', route, thought.cut)
      expect([200, 503]).toContain(told.status)
      expect(told.text).not.toMatch(FOREIGN)
      const all = await asked('city', route, thought.cut)
      if (thought.quiet === undefined) expect(all.text).toMatch(FOREIGN)
      else expect(all.status).toBe(told.status)
    })
  if ('aim' in thought)
    test('does nothing in another area, and its work in the own one', async () => {
      const refused = await asked('area', route, thought.aim(OTHER, other))
      expect(refused).toMatchObject(isRefused)
      expect((JSON.parse(refused.text) as Problem).detail).toMatch(/area of key:area \(zones Z1\)/)
      const nowhere = await asked('area', route, thought.aim({ ...OTHER, ...NOWHERE }, NOTHING))
      expect(nowhere).toMatchObject(isRefused)
      for (const [caller, zone, things] of [
        ['area', OWN, own],
        ['city', OTHER, other],
      ] as const) {
        if (caller === 'area' && thought.noOwn !== undefined) continue
        const done = await asked(caller, route, thought.aim(zone, things))
        expect([caller, done.code, done.text]).not.toEqual([caller, 'AUT_AREA', expect.anything()])
        expect([caller, done.status < 500 || done.status === 503, done.text]).toEqual([caller, true, done.text])
        expect([caller, done.code]).not.toEqual([caller, 'API_INPUT'])
        if (caller === 'area' && done.status < 300 && !(done.bytes[0] === 0x47)) expect(done.text).not.toMatch(FOREIGN)
      }
    })
  if ('whole' in thought)
    test('is for the whole city alone', async () => {
      expect(await asked('area', route, thought.whole)).toMatchObject(isRefused)
      expect((await asked('city', route, thought.whole)).code).not.toBe('AUT_AREA')
    })
  if ('open' in thought)
    test(`knows no place: ${thought.why}`, async () => {
      expect((await asked('area', route, thought.open)).text).not.toMatch(FOREIGN)
    })
})

/** Things that are nowhere are answered as those of others: numbers cannot be probed. */
const NOWHERE = {
  ...{ id: 'Z9', pipe: 'P9-1', meters: ['5', '6', '7', '8'], point: '9', concentrator: '55', premises: 'H-9' },
  pci: OTHER.pci,
}
const NOTHING: Things = {
  ...{ alarm: 'A9', command: 999, consent: 'K99', campaign: 'C99', shutoff: 'S99' },
  plan: { hash: 'x' } as IsolationPlan,
}

test('a dispatcher of one area closes no valve of another, and the safety role without an area does', async () => {
  const close = (caller: Caller, { meters }: Zone) =>
    asked(caller, 'post /commands', { body: { device: meters[3], reason } })
  expect((await close('area', OTHER)).code).toBe('AUT_AREA')
  expect((await close('safety', OTHER)).code).not.toBe('AUT_AREA')
  const shut = (caller: Caller, edge: string, { hash }: IsolationPlan) =>
    asked(caller, 'post /shutoffs', { body: { edge, plan_hash: hash, reason } })
  expect(await shut('desk', OTHER.pipe, other.plan)).toMatchObject(isRefused)
  expect((await shut('desk', OWN.pipe, own.plan)).code).not.toBe('AUT_AREA')
  expect((await shut('safety', OTHER.pipe, other.plan)).code).not.toBe('AUT_AREA')
  // The main feeds both zones: its isolation closes and cuts off what is of no area.
  expect((await asked('desk', 'get /isolation', { query: 'edge=M1' })).code).toBe('AUT_AREA')
})

test('an archive row is moved neither into another area nor out of it', async () => {
  const edit = (key: string, table: string, cells: Readonly<Record<string, string>>) =>
    asked('area', 'put /archive/{table}/{key}', { at: { table, key }, body: { cells, reason } })
  for (const [key, table, cells] of [
    [OWN.premises, 'premises', { point: OTHER.meters[0] ?? '' }],
    [OTHER.premises, 'premises', { point: OWN.meters[0] ?? '' }],
    [OWN.customer, 'customers', { premises: OTHER.premises }],
    [OTHER.customer, 'customers', { premises: OWN.premises }],
    [OWN.meters[0] ?? '', 'devices', { premises: OTHER.premises }],
    ['H-new', 'premises', { note: 'of nowhere' }],
  ] as const)
    expect([key, (await edit(key, table, cells)).code]).toEqual([key, 'AUT_AREA'])
})

test('counts are those of the area', async () => {
  const { counts } = JSON.parse((await asked('area', 'get /city', {})).text) as { counts: unknown }
  expect(counts).toEqual({ meters: OWN.meters.length + 1, rtus: 1, valves: 1, pipes: 2, zones: 1 })
  const cells = (caller: Caller) => asked(caller, 'get /coverage', {}).then(({ text }) => JSON.parse(text).items.length)
  expect([await cells('city'), await cells('area')]).toEqual([2, 1])
})

test('the map of an area has its objects alone, and its state and estimate as many', async () => {
  const mapOf = async (caller: Caller, name: string) => {
    const { bytes } = await asked(caller, `get /map/${name}`, {})
    return decodeColumns(bytes.slice().buffer)
  }
  const [map, state, estimate] = await Promise.all(['geometry', 'state', 'estimate'].map((one) => mapOf('area', one)))
  const meta = map?.meta as GeometryMeta
  expect([meta.pipe_ids.length, meta.valve_ids, meta.rtu_ids, meta.zones.map(({ id }) => id)]).toEqual([
    ...[2, ['V1'], ['RTU-1'], ['Z1']],
  ])
  const meters = [...(map?.columns['meter_number'] ?? [])].map(String).sort()
  expect(meters).toEqual([...OWN.meters, OWN.point].sort())
  expect([...(map?.columns['pipe_segment_pipe'] ?? [])]).toEqual([0, 1])
  expect([...(map?.columns['pipe_zone'] ?? []), ...(map?.columns['meter_zone'] ?? [])].every((z) => z === 0)).toBe(true)
  expect(map?.columns['valve_pipe']?.length).toBe(1)
  const sizes = Object.fromEntries(Object.entries(state?.columns ?? {}).map(([name, column]) => [name, column.length]))
  expect(sizes).toMatchObject({ meters_state: 5, pipes_state: 2, rtus_value: 1, zones_state: 1, valves_state: 1 })
  expect(estimate?.columns['pipe_pressure']?.length).toBe(2)
  const all = (await mapOf('city', 'geometry')).meta as GeometryMeta
  expect(meta.snapshot).not.toBe(all.snapshot)
  expect([state?.meta, estimate?.meta]).toMatchObject([{ snapshot: meta.snapshot }, { snapshot: meta.snapshot }])
})

interface Listener {
  readonly texts: string[]
  readonly frames: Frame[]
  readonly socket: WebSocket
}
async function listen(caller: Caller): Promise<Listener> {
  const socket = new WebSocket(`${town.service.url.replace('http', 'ws')}/ws`)
  const heard: Listener = { texts: [], frames: [], socket }
  socket.on('message', (data: Buffer, isBinary) => {
    if (!isBinary) return void heard.texts.push(String(data))
    const frame = decodeFrame(new Uint8Array(data), () => 0xffffffff)
    if ('refused' in frame) throw new Error(frame.refused)
    heard.frames.push(frame)
  })
  await once(socket, 'open')
  socket.send(JSON.stringify({ type: 'hello', token: town.key(caller), version: '0' }))
  await until(() => heard.texts.find((text) => text.includes('"status"')))
  return heard
}
const changesOf = ({ frames }: Listener, layer: number) =>
  frames.filter((frame) => frame.layer === layer).flatMap(({ ids }) => [...ids])

test('a console of an area is told what changes there, and of the rest not even how many', async () => {
  const [area, city] = [await listen('area'), await listen('city')]
  const { meta, columns } = decodeColumns((await asked('area', 'get /map/geometry', {})).bytes.slice().buffer)
  const before = changesOf(city, LAYERS.meters).length
  await town.report({ ...OTHER, meters: [OTHER.meters[1] ?? ''] }, 5)
  await until(() => (changesOf(city, LAYERS.meters).length > before ? true : undefined))
  const seen = city.frames.at(-1)?.seq ?? 0
  await until(() => area.frames.find(({ seq }) => seq >= seen))
  expect(changesOf(area, LAYERS.meters)).toEqual([])
  await town.report({ ...OWN, meters: [OWN.meters[1] ?? ''] }, 5)
  const [told] = await until(() =>
    changesOf(area, LAYERS.meters).length > 0 ? changesOf(area, LAYERS.meters) : undefined,
  )
  expect(String(columns['meter_number']?.[told ?? -1])).toBe(OWN.meters[1])
  await until(() => area.texts.find((text) => text.includes('"type":"zones"')))
  expect(area.frames.every(({ snapshot }) => snapshot === (meta as GeometryMeta).snapshot)).toBe(true)
  expect(area.texts.join('\n')).not.toMatch(FOREIGN)
  expect(city.texts.join('\n')).toMatch(FOREIGN)
  const status = area.texts.map((text) => JSON.parse(text)).findLast(({ type }) => type === 'status')
  expect(status).toMatchObject({ meters_total: OWN.meters.length + 1, rtus_total: 1 })
  for (const { socket } of [area, city]) socket.terminate()
})

test('an account of a group sees its devices, and nothing of zones, pipes and their alarms', async () => {
  const list = async (route: string) => JSON.parse((await asked('group', route, {})).text).items as { number: string }[]
  expect((await list('get /devices')).map(({ number }) => number)).toEqual([OWN.meters[0]])
  for (const route of ['get /zones', 'get /shutoffs', 'get /concentrators', 'get /quarantine'])
    expect([route, await list(route)]).toEqual([route, []])
  expect((await asked('group', 'get /devices/{number}', { at: { number: OWN.meters[1] ?? '' } })).code).toBe('AUT_AREA')
  expect((await asked('group', 'get /isolation', { query: `edge=${OWN.pipe}` })).code).toBe('AUT_AREA')
  expect((await asked('group', 'get /alarms', {})).text).not.toMatch(FOREIGN)
})

interface Fact extends Record<string, unknown> {
  readonly event: unknown
  readonly by?: unknown
  readonly act?: unknown
}

test('what was refused stands in the audit log with who asked, and so do the accounts with their areas', async () => {
  const lines = (await town.audit()).map(
    ({ event, facts }) => ({ event, ...(facts as Record<string, unknown>) }) as Fact,
  )
  const refused = lines.filter(({ event, by }) => event === 'outside_area' && by === 'key:desk')
  expect(refused.map(({ act }) => act)).toContain('POST /api/v1/shutoffs')
  expect(lines.filter(({ event }) => event === 'account')).toContainEqual(
    expect.objectContaining({ account: 'key area', role: 'admin', area: 'zones Z1', act: 'add' }),
  )
})
