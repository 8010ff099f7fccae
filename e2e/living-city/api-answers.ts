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
import type { RunningDemo } from '../support/demo-process.ts'

const HOUR_MS = 3_600_000
const items = <T extends Type.TSchema>(schema: T) => Type.Object({ items: Type.Array(schema) })

/** What every documented GET of the running service answers, held against its schema. */
export function apiAnswers(running: () => RunningDemo): void {
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
  })
}
