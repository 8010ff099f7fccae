import { createHash } from 'node:crypto'
import {
  Alarm,
  CampaignView,
  CellCoverage,
  City,
  CommandRecord,
  Concentrator,
  ConcentratorMeters,
  ConcentratorSummary,
  ConsentView,
  CoverageAssessment,
  DelegationView,
  DeviceCard,
  DeviceFacets,
  DeviceLogLine,
  DeviceRow,
  DeviceTwin,
  EdgeEstimate,
  ExplainedFrame,
  FirmwareList,
  GapLedger,
  GapRevision,
  HostileModel,
  HostileTerminal,
  InvitationView,
  IsolationPlan,
  KeysHealth,
  Leak,
  MetersHealth,
  MissingValues,
  Models,
  ModeRequest,
  type Page,
  PointImportView,
  PointView,
  PressTask,
  page,
  QuarantineItem,
  ReadingFaults,
  ReadingRates,
  Replacement,
  SecurityReport,
  Series,
  Session,
  Shutoff,
  SpreadingProposal,
  Strip,
  SuspectEvidence,
  Suspects,
  TruthFinding,
  ZonePeriod,
  ZoneSummary,
} from '@gastwin/server/contract'
import Type from 'typebox'
import Value from 'typebox/value'
import { beforeAll, describe, expect, test } from 'vitest'
import type { ApiClient } from '../support/api-client.ts'
import type { DemoUser, RunningDemo } from '../support/demo-process.ts'
import { eventually } from '../support/eventually.ts'

const HOUR_MS = 3_600_000
const items = <T extends Type.TSchema>(schema: T) => Type.Object({ items: Type.Array(schema) })

/** Roles that may not: one below the least that may. */
const WRITES: readonly { method: string; url: string; least: DemoUser; below: DemoUser; body?: unknown }[] = [
  { method: 'POST', url: '/alarms/x/ack', least: 'dispatcher', below: 'viewer', body: {} },
  {
    method: 'POST',
    url: '/alarms/x/shelve',
    least: 'dispatcher',
    below: 'viewer',
    body: { minutes: 5, reason: 'noise' },
  },
  { method: 'POST', url: '/alarms/x/unshelve', least: 'dispatcher', below: 'viewer' },
  {
    method: 'POST',
    url: '/shutoffs',
    least: 'dispatcher',
    below: 'viewer',
    body: { edge: 'P1', plan_hash: 'x', reason: 'test' },
  },
  { method: 'POST', url: '/shutoffs/x/approve', least: 'safety', below: 'dispatcher' },
  { method: 'POST', url: '/shutoffs/x/abort', least: 'dispatcher', below: 'viewer' },
  {
    method: 'POST',
    url: '/commands',
    least: 'safety',
    below: 'dispatcher',
    body: { device: '1', reason: 'test' },
  },
  {
    method: 'POST',
    url: '/commands/settings',
    least: 'safety',
    below: 'dispatcher',
    body: { device: '1', parameter: 'report_base_s', value: 60, reason: 'test' },
  },
  {
    method: 'POST',
    url: '/commands/orders',
    least: 'safety',
    below: 'dispatcher',
    body: { device: '1', order: { kind: 'restart' }, reason: 'test' },
  },
  { method: 'POST', url: '/commands/x/cancel', least: 'safety', below: 'dispatcher' },
  {
    method: 'POST',
    url: '/concentrators/x/read',
    least: 'dispatcher',
    below: 'viewer',
    body: { reason: 'test' },
  },
  {
    method: 'POST',
    url: '/concentrators/x/plan',
    least: 'dispatcher',
    below: 'viewer',
    body: { plan: { every: 'day', slots: [0] }, reason: 'test' },
  },
  {
    method: 'POST',
    url: '/concentrators/x/orders',
    least: 'safety',
    below: 'dispatcher',
    body: { order: { kind: 'close' }, meters: null, reason: 'test' },
  },
  {
    method: 'POST',
    url: '/concentrators/x/network',
    least: 'dispatcher',
    below: 'viewer',
    body: { reason: 'test' },
  },
  {
    method: 'POST',
    url: '/fittings',
    least: 'safety',
    below: 'dispatcher',
    body: { point: '1', device: '2', new_begin_m3: 0, reason: 'test' },
  },
  { method: 'POST', url: '/devices/1/card/reveal', least: 'safety', below: 'dispatcher', body: { reason: 'test' } },
  {
    method: 'PUT',
    url: '/archive/devices/1',
    least: 'dispatcher',
    below: 'viewer',
    body: { cells: {}, reason: 'test' },
  },
  { method: 'POST', url: '/archive/devices/import', least: 'admin', below: 'safety' },
  { method: 'POST', url: '/points/import', least: 'admin', below: 'safety' },
  {
    method: 'POST',
    url: '/delegations',
    least: 'admin',
    below: 'safety',
    body: { name: 'x', role: 'viewer', scope: {}, expires_in_s: 60, reason: 'test' },
  },
  { method: 'POST', url: '/delegations/x/revoke', least: 'admin', below: 'safety' },
  { method: 'POST', url: '/campaigns/preview', least: 'dispatcher', below: 'viewer', body: {} },
  {
    method: 'POST',
    url: '/campaigns',
    least: 'safety',
    below: 'dispatcher',
    body: {
      ...{ name: 'test', filter: {}, parameter: 'report_base_s', value: 60, canary: 1, wave: 1, stop_rate: 0 },
      ...{ expected_devices: 1, reason: 'test' },
    },
  },
  {
    method: 'POST',
    url: '/campaigns/x/state',
    least: 'safety',
    below: 'dispatcher',
    body: { state: 'paused', reason: 'test' },
  },
  { method: 'POST', url: '/campaigns/x/approve', least: 'safety', below: 'dispatcher', body: { reason: 'test' } },
  { method: 'POST', url: '/campaigns/x/rollback', least: 'safety', below: 'dispatcher', body: { reason: 'test' } },
  {
    method: 'POST',
    url: '/spreading/1/apply',
    least: 'safety',
    below: 'dispatcher',
    body: { capacity_per_minute: 10, expected_meters: 1, reason: 'test' },
  },
  {
    method: 'POST',
    url: '/firmware',
    least: 'admin',
    below: 'safety',
    body: { image: 'AAAA', signed: 'AAAA', reason: 'test' },
  },
  { method: 'POST', url: '/firmware/1/withdraw', least: 'admin', below: 'safety', body: { reason: 'test' } },
  {
    method: 'POST',
    url: '/commands/permits',
    least: 'safety',
    below: 'dispatcher',
    body: { device: '1', window_s: 600, reason: 'test' },
  },
  {
    method: 'POST',
    url: '/consents',
    least: 'dispatcher',
    below: 'viewer',
    body: { device: '1', given_by: 'AB', how: 'written', evidence: 'letter', until: 1 },
  },
  {
    method: 'POST',
    url: '/consents/invitations',
    least: 'dispatcher',
    below: 'viewer',
    body: { device: '1', expires_in_s: 600, holds_s: 600, reason: 'test' },
  },
  { method: 'POST', url: '/leaks/x/close', least: 'dispatcher', below: 'viewer', body: { found: 'nothing' } },
  { method: 'POST', url: '/consents/x/revoke', least: 'dispatcher', below: 'viewer' },
  {
    method: 'POST',
    url: '/devices/1/hostile',
    least: 'safety',
    below: 'dispatcher',
    body: { step: 'none', reason: 'test' },
  },
  {
    method: 'PUT',
    url: '/devices/1/cipher-policy',
    least: 'admin',
    below: 'safety',
    body: { policy: null },
  },
  {
    method: 'POST',
    url: '/models/promote',
    least: 'admin',
    below: 'safety',
    body: { sha256: '0'.repeat(64), reason: 'test' },
  },
  {
    method: 'PUT',
    url: '/gap/suspects/x/case',
    least: 'dispatcher',
    below: 'viewer',
    body: { state: 'field_work' },
  },
  { method: 'PUT', url: '/zones/Z01/safety-mode', least: 'safety', below: 'dispatcher', body: { mode: 'dry_run' } },
]

/** Every documented route of the running service, held against its schema. */
export function apiContract(running: () => RunningDemo): void {
  describe('the API of the running service', () => {
    let api: ApiClient
    let paths: Record<string, Record<string, unknown>>
    beforeAll(async () => {
      api = await running().signIn('admin')
      const answer = await fetch(`${running().url}/docs/json`)
      paths = ((await answer.json()) as { paths: typeof paths }).paths
    })

    test('answers every documented GET with a body that fits its schema and has nothing beside it', async () => {
      const { network } = running()
      const { now } = await api.city()
      const rtu = network.rtus.find((r) => r.channels.includes('pressure'))
      const span = `from=${now - 6 * HOUR_MS}&to=${now}`
      const device = String(Number(rtu?.device_number))
      const pipe = network.pipes.find((p) => p.zone === 'MP')?.id
      const zone = network.zones[0]?.id
      const cases: Readonly<Record<string, { url: string; schema: Type.TSchema }>> = {
        '/api/v1/city': { url: '/city', schema: City },
        '/api/v1/zones': { url: '/zones', schema: items(ZoneSummary) },
        '/api/v1/zones/{id}/balance': {
          url: `/zones/${zone}/balance?every=hour&${span}`,
          schema: items(ZonePeriod),
        },
        '/api/v1/zones/{id}/safety-mode': { url: `/zones/${zone}/safety-mode`, schema: ModeRequest },
        '/api/v1/strip': { url: '/strip?hours=6', schema: Strip },
        '/api/v1/alarms': { url: '/alarms', schema: items(Alarm) },
        '/api/v1/devices': { url: '/devices?limit=500', schema: page(DeviceRow) },
        '/api/v1/devices/{number}': { url: `/devices/${device}`, schema: DeviceTwin },
        '/api/v1/devices/{number}/series': {
          url: `/devices/${device}/series?quantity=pressure_pa&${span}`,
          schema: Series,
        },
        '/api/v1/devices/{number}/frames': { url: `/devices/${device}/frames`, schema: items(QuarantineItem) },
        '/api/v1/devices/facets': { url: '/devices/facets', schema: DeviceFacets },
        '/api/v1/devices/{number}/card': { url: `/devices/${device}/card`, schema: DeviceCard },
        '/api/v1/devices/{number}/frames/explained': {
          url: `/devices/${device}/frames/explained?limit=3`,
          schema: items(ExplainedFrame),
        },
        '/api/v1/devices/{number}/log': { url: `/devices/${device}/log?${span}`, schema: items(DeviceLogLine) },
        '/api/v1/campaigns': { url: '/campaigns', schema: items(CampaignView) },
        '/api/v1/firmware': { url: '/firmware', schema: FirmwareList },
        '/api/v1/points': { url: '/points', schema: items(PointView) },
        '/api/v1/points/imports': { url: '/points/imports', schema: items(PointImportView) },
        '/api/v1/commands/presses': { url: '/commands/presses', schema: items(PressTask) },
        '/api/v1/consents': { url: '/consents', schema: items(ConsentView) },
        '/api/v1/consents/invitations': { url: '/consents/invitations', schema: items(InvitationView) },
        '/api/v1/delegations': { url: '/delegations', schema: items(DelegationView) },
        '/api/v1/keys/health': { url: '/keys/health', schema: KeysHealth },
        '/api/v1/security/report': { url: '/security/report', schema: SecurityReport },
        '/api/v1/models/hostile': { url: '/models/hostile', schema: HostileModel },
        '/api/v1/devices/hostile': { url: '/devices/hostile', schema: items(HostileTerminal) },
        '/api/v1/quarantine': { url: '/quarantine', schema: items(QuarantineItem) },
        '/api/v1/estimate': { url: `/estimate?edge=${pipe}`, schema: EdgeEstimate },
        '/api/v1/leaks': { url: '/leaks', schema: items(Leak) },
        '/api/v1/isolation': { url: `/isolation?edge=${pipe}`, schema: IsolationPlan },
        '/api/v1/shutoffs': { url: '/shutoffs', schema: items(Shutoff) },
        '/api/v1/commands': { url: '/commands', schema: items(CommandRecord) },
        '/api/v1/gap': { url: '/gap?every=day', schema: GapLedger },
        '/api/v1/gap/revisions': { url: '/gap/revisions', schema: items(GapRevision) },
        '/api/v1/gap/suspects': { url: '/gap/suspects?limit=50', schema: Suspects },
        '/api/v1/gap/replacements': { url: '/gap/replacements', schema: items(Replacement) },
        '/api/v1/readings/rates': { url: '/readings/rates?by=zone', schema: ReadingRates },
        '/api/v1/readings/missing': { url: '/readings/missing', schema: MissingValues },
        '/api/v1/readings/faults': { url: '/readings/faults', schema: ReadingFaults },
        '/api/v1/coverage': { url: '/coverage', schema: items(CellCoverage) },
        '/api/v1/coverage/assessment': {
          url: '/coverage/assessment?rsrp_dbm=-95&through=two_brick_walls,sheet_iron_box',
          schema: CoverageAssessment,
        },
        '/api/v1/concentrators': { url: '/concentrators', schema: items(ConcentratorSummary) },
        '/api/v1/health/meters': { url: '/health/meters?limit=50', schema: MetersHealth },
        '/api/v1/models': { url: '/models', schema: Models },
        '/api/v1/truth/findings': { url: '/truth/findings', schema: items(TruthFinding) },
        '/api/v1/truth': { url: '/truth', schema: Type.Object({ events: Type.Array(Type.Unknown()) }) },
      }
      // Whom it suspects is known only after a statement: it is held against its schema below.
      const perSuspect = '/api/v1/gap/suspects/{meter}'
      // A city may have no concentrator; where it has one, its pages are held against their schemas below.
      const perConcentrator = [
        '/api/v1/concentrators/{number}',
        '/api/v1/concentrators/{number}/meters',
        '/api/v1/spreading/{pci}',
      ]
      const binary = ['/api/v1/map/geometry', '/api/v1/map/state', '/api/v1/map/estimate', '/api/v1/export']
      const tables = ['/api/v1/archive/{table}/export']
      // Asked with the token of a customer only: customer-consent.it.test.ts holds it against its schema.
      const ofCustomers = '/api/v1/customer/consent'
      const documented = Object.entries(paths).flatMap(([url, methods]) => ('get' in methods ? [url] : []))
      expect([...Object.keys(cases), ...binary, ...tables, ...perConcentrator, perSuspect, ofCustomers].sort()).toEqual(
        documented.sort(),
      )
      for (const [name, { url, schema }] of Object.entries(cases)) {
        const body = await api.get<unknown>(url)
        expect([...Value.Errors(schema, body)].slice(0, 5), name).toEqual([])
        expect(Value.Clean(schema, structuredClone(body)), `${name} beside its schema`).toEqual(body)
      }
    })

    test('shows the evidence about a suspect, signed by its own digest, and knows nothing of others', async () => {
      expect((await api.refusal('GET', '/gap/suspects/nobody')).code).toBe('API_NOT_FOUND')
      const { items: suspects } = await api.get<Suspects>('/gap/suspects?limit=1')
      const [first] = suspects
      if (first === undefined) return
      const evidence = await api.get<SuspectEvidence>(`/gap/suspects/${first.meter}`)
      expect([...Value.Errors(SuspectEvidence, evidence)].slice(0, 5)).toEqual([])
      const { digest_sm3: digest, ...body } = evidence
      expect(createHash('sm3').update(JSON.stringify(body)).digest('hex')).toBe(digest)
    })

    test('proposes how a cell is spread over the night', async () => {
      expect((await api.refusal('GET', '/spreading/1007')).code).toBe('API_NOT_FOUND')
      const { items: cells } = await api.get<{ items: CellCoverage[] }>('/coverage')
      for (const { pci } of cells) {
        const answer = await api.request('GET', `/spreading/${pci}?capacity_per_minute=20`)
        const proposal: unknown = await answer.json()
        // Before the first night no home was heard, and there is nothing to spread.
        if (answer.status === 404) expect(proposal).toMatchObject({ code: 'API_NOT_FOUND' })
        else {
          expect([...Value.Errors(SpreadingProposal, proposal)].slice(0, 5)).toEqual([])
          const { peak_after: after, peak_before: before } = proposal as SpreadingProposal
          expect(after).toBeLessThanOrEqual(Math.max(20, before))
        }
      }
    })

    test('shows each concentrator with its meters, and knows nothing of others', async () => {
      for (const place of ['/concentrators/1', '/concentrators/1/meters'])
        expect((await api.refusal('GET', place)).code).toBe('API_NOT_FOUND')
      const { items: all } = await api.get<{ items: ConcentratorSummary[] }>('/concentrators')
      for (const { number } of all) {
        const one = await api.get<Concentrator>(`/concentrators/${number}`)
        expect([...Value.Errors(Concentrator, one)].slice(0, 5)).toEqual([])
        const meters = await api.get(`/concentrators/${number}/meters`)
        expect([...Value.Errors(ConcentratorMeters, meters)].slice(0, 5)).toEqual([])
      }
    })

    test('turns every page of devices over once, and finds each by its number', async () => {
      const seen: string[] = []
      let cursor: string | null = ''
      while (cursor !== null) {
        const found: Page<DeviceRow> = await api.get(`/devices?limit=97${cursor === '' ? '' : `&cursor=${cursor}`}`)
        seen.push(...found.items.map((d) => d.number))
        cursor = found.next
        expect(found.total).toBeGreaterThanOrEqual(seen.length)
      }
      const { meters, rtus, valves } = running().network
      expect(new Set(seen).size).toBe(seen.length)
      expect(seen.length).toBe(meters.length + rtus.length + valves.filter((v) => v.actuator === 'remote').length)
      const [one] = meters
      const { items: found } = await api.get<Page<DeviceRow>>(`/devices?query=${one?.id}`)
      expect(found.map((d) => d.number)).toContain(one?.id)
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
