import { Readable } from 'node:stream'
import { UsageError } from '@gastwin/twin'
import type { City } from '../../contract/index.ts'
import { healthUnknown } from '../../ledger/health-watch.ts'
import { modelsStarting } from '../../ledger/models-view.ts'
import type { Application } from '../application.ts'
import type { DeviceManagement } from '../management.ts'

const CITY: City = {
  name: 'Test',
  time_zone: 'Asia/Shanghai',
  centre: { lon: 1, lat: 2 },
  bounds: [0, 0, 1, 1],
  now: 1000,
  speed: 1,
  demo: false,
  scenario: null,
  counts: { meters: 0, rtus: 0, valves: 0, pipes: 0, zones: 0 },
  gap_target_rate: 0.047,
  gap_tolerance_rate: 0.03,
  version: '0',
}

const absent = () => {
  throw new UsageError('API_NOT_FOUND', 'nothing here')
}

const NO_MANAGEMENT: DeviceManagement = {
  requireWithin: () => {},
  devices: async () => ({ items: [], next: null, total: 0 }),
  facets: () => ({ profiles: [], marks: [] }),
  card: absent,
  reveal: absent,
  explainedFrames: async () => [],
  deviceLog: async () => [],
  fit: absent,
  editArchive: absent,
  importArchive: absent,
  exportArchive: async () => [],
  delegations: () => [],
  delegate: absent,
  revoke: absent,
  campaigns: () => [],
  previewCampaign: async () => ({ devices: 0, sample: [] }),
  beginCampaign: absent,
  changeCampaign: absent,
}

/** An application that knows a city and nothing else, for tests of transport, sign-in and errors. */
export function smallApplication(more: Partial<Application> = {}): Application {
  return {
    city: () => CITY,
    zones: () => [],
    zonePeriods: async () => [],
    strip: () => ({ from: 0, to: 0, step_ms: 1, points: [] }),
    alarms: () => [],
    acknowledge: absent,
    shelve: absent,
    unshelve: absent,
    management: NO_MANAGEMENT,
    device: absent,
    series: absent,
    frames: async () => [],
    geometry: () => ({ etag: '"g1"', body: new Uint8Array([1, 2, 3]) }),
    mapState: () => new Uint8Array([4]),
    isolation: absent,
    estimate: absent,
    edgeEstimate: absent,
    leaks: () => [],
    gap: async () => ({
      ...{ state: 'waiting', why: 'no day is whole', stated_at: null, data_from: null, data_to: null },
      ...{ readings: 0, took_ms: 0, model: 'none', items: [] },
    }),
    gapRevisions: () => [],
    suspects: () => ({ items: [], total: 0, stated_at: null }),
    suspectEvidence: absent,
    actOnSuspect: absent,
    replacements: () => [],
    metersHealth: () => healthUnknown(0),
    models: () => modelsStarting(null),
    promoteModel: absent,
    shutoffs: () => [],
    requestShutoff: absent,
    approveShutoff: absent,
    abortShutoff: absent,
    safetyMode: () => 'approval',
    setSafetyMode: async (_zone, mode) => mode,
    closeMeter: absent,
    setParameter: absent,
    cancelCommand: absent,
    commands: () => [],
    readingRates: absent,
    missingReadings: () => ({ items: [], next: null, total: 0 }),
    readingFaults: () => [],
    coverage: () => [],
    assessCoverage: absent,
    spreading: absent,
    concentrators: () => [],
    concentrator: absent,
    concentratorMeters: absent,
    orderBehind: absent,
    readThroughConcentrator: absent,
    planReadings: absent,
    formNetwork: absent,
    keysHealth: absent,
    hostileTerminals: () => [],
    stepTerminal: absent,
    setCipherPolicy: absent,
    quarantine: async () => [],
    truth: async () => null,
    truthFindings: async () => [],
    exportTelemetry: async () => Readable.from(['time,asset,quantity,value\n']),
    health: () => ({ ready: false, parts: { store: { ok: false, detail: 'down' } } }),
    metrics: async () => 'gastwin_up 1\n',
    ...more,
  }
}
