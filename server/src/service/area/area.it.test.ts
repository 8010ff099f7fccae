import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { IsolationPlan, Problem } from '../../contract/index.ts'
import { THOUGHT } from './testing/route-thoughts.table.ts'
import { NOTHING, NOWHERE, reason, type Things, thingsOf } from './testing/things-of-zone.ts'
import { type Caller, FOREIGN, OTHER, OWN, TwoAreas, type Zone } from './testing/two-areas.ts'

const isRefused = { status: 403, code: 'AUT_AREA' }

let town: TwoAreas
let own: Things
let other: Things
beforeAll(async () => {
  town = await TwoAreas.start()
  own = await thingsOf(town, OWN)
  other = await thingsOf(town, OTHER)
})
afterAll(async () => {
  await town?.close()
})

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
      const told = await town.asked('area', route, thought.cut)
      expect([200, 503]).toContain(told.status)
      expect(told.text).not.toMatch(FOREIGN)
      const all = await town.asked('city', route, thought.cut)
      if (thought.quiet === undefined) expect(all.text).toMatch(FOREIGN)
      else expect(all.status).toBe(told.status)
    })
  if ('aim' in thought)
    test('does nothing in another area, and its work in the own one', async () => {
      const refused = await town.asked('area', route, thought.aim(OTHER, other))
      expect(refused).toMatchObject(isRefused)
      expect((JSON.parse(refused.text) as Problem).detail).toMatch(/area of key:area \(zones Z1\)/)
      const nowhere = await town.asked('area', route, thought.aim({ ...OTHER, ...NOWHERE }, NOTHING))
      expect(nowhere).toMatchObject(isRefused)
      for (const [caller, zone, things] of [
        ['area', OWN, own],
        ['city', OTHER, other],
      ] as const) {
        if (caller === 'area' && thought.noOwn !== undefined) continue
        const done = await town.asked(caller, route, thought.aim(zone, things))
        expect([caller, done.code, done.text]).not.toEqual([caller, 'AUT_AREA', expect.anything()])
        expect([caller, done.status < 500 || done.status === 503, done.text]).toEqual([caller, true, done.text])
        expect([caller, done.code]).not.toEqual([caller, 'API_INPUT'])
        if (caller === 'area' && done.status < 300 && !(done.bytes[0] === 0x47)) expect(done.text).not.toMatch(FOREIGN)
      }
    })
  if ('whole' in thought)
    test('is for the whole city alone', async () => {
      expect(await town.asked('area', route, thought.whole)).toMatchObject(isRefused)
      expect((await town.asked('city', route, thought.whole)).code).not.toBe('AUT_AREA')
    })
  if ('open' in thought)
    test(`knows no place: ${thought.why}`, async () => {
      expect((await town.asked('area', route, thought.open)).text).not.toMatch(FOREIGN)
    })
})

test('a dispatcher of one area closes no valve of another, and the safety role without an area does', async () => {
  const close = (caller: Caller, { meters }: Zone) =>
    town.asked(caller, 'post /commands', { body: { device: meters[3], reason } })
  expect((await close('area', OTHER)).code).toBe('AUT_AREA')
  expect((await close('safety', OTHER)).code).not.toBe('AUT_AREA')
  const shut = (caller: Caller, edge: string, { hash }: IsolationPlan) =>
    town.asked(caller, 'post /shutoffs', { body: { edge, plan_hash: hash, reason } })
  expect(await shut('desk', OTHER.pipe, other.plan)).toMatchObject(isRefused)
  expect((await shut('desk', OWN.pipe, own.plan)).code).not.toBe('AUT_AREA')
  expect((await shut('safety', OTHER.pipe, other.plan)).code).not.toBe('AUT_AREA')
  // The main feeds both zones: its isolation closes and cuts off what is of no area.
  expect((await town.asked('desk', 'get /isolation', { query: 'edge=M1' })).code).toBe('AUT_AREA')
})

test('an archive row is moved neither into another area nor out of it', async () => {
  const edit = (key: string, table: string, cells: Readonly<Record<string, string>>) =>
    town.asked('area', 'put /archive/{table}/{key}', { at: { table, key }, body: { cells, reason } })
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
  const { counts } = JSON.parse((await town.asked('area', 'get /city', {})).text) as { counts: unknown }
  expect(counts).toEqual({ meters: OWN.meters.length + 1, rtus: 1, valves: 1, pipes: 2, zones: 1 })
  const cells = (caller: Caller) =>
    town.asked(caller, 'get /coverage', {}).then(({ text }) => JSON.parse(text).items.length)
  expect([await cells('city'), await cells('area')]).toEqual([2, 1])
})

test('an account of a group sees its devices, and nothing of zones, pipes and their alarms', async () => {
  const list = async (route: string) =>
    JSON.parse((await town.asked('group', route, {})).text).items as { number: string }[]
  expect((await list('get /devices')).map(({ number }) => number)).toEqual([OWN.meters[0]])
  for (const route of ['get /zones', 'get /shutoffs', 'get /concentrators', 'get /quarantine'])
    expect([route, await list(route)]).toEqual([route, []])
  expect((await town.asked('group', 'get /devices/{number}', { at: { number: OWN.meters[1] ?? '' } })).code).toBe(
    'AUT_AREA',
  )
  expect((await town.asked('group', 'get /isolation', { query: `edge=${OWN.pipe}` })).code).toBe('AUT_AREA')
  expect((await town.asked('group', 'get /alarms', {})).text).not.toMatch(FOREIGN)
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
