import type {
  ArchiveTable,
  CampaignChange,
  CampaignFilter,
  CampaignPreview,
  CampaignRequest,
  CampaignView,
  CellCoverage,
  CommandRecord,
  ConcentratorSummary,
  ConsentRequest,
  ConsentView,
  DeviceCard,
  DeviceCondition,
  DeviceFacets,
  DeviceLogLine,
  DeviceOrderRequest,
  DeviceRow,
  ExplainedFrame,
  FirmwareList,
  FirmwareUpload,
  FirmwareView,
  FitRequest,
  FittingView,
  HostileTerminal,
  ImportOutcome,
  InvitationView,
  KeysHealth,
  Page,
  PermitRequest,
  PointImportView,
  ReadingRates,
  RollbackRequest,
  SecurityReport,
  SettingRequest,
  SpreadingProposal,
  SpreadingRequest,
} from '@gastwin/server/contract'
import type { Answer, Api } from '../api/api.ts'

/** Tables that can be taken from a file. */
export type ImportTable = ArchiveTable | 'points'

/** What the list of devices is narrowed to. */
export interface ListFilter {
  readonly query: string
  readonly kind: string
  readonly zone: string
  readonly profile: string
  readonly mark: string
  readonly conditions: readonly DeviceCondition[]
}

export const NO_FILTER: ListFilter = { query: '', kind: '', zone: '', profile: '', mark: '', conditions: [] }

const id = encodeURIComponent
/** Letters of a file name that are kept on record. */
const MOST_NAME = 200
const items = async <T>(asked: Promise<Answer<{ readonly items: readonly T[] }>>): Promise<Answer<readonly T[]>> => {
  const answer = await asked
  return answer.ok ? { ok: true, value: answer.value.items } : answer
}

/** The requests of this screen, over the console's own link to the service. */
export function deviceApi({ call, quarantine, text }: Pick<Api, 'call' | 'quarantine' | 'text'>) {
  return {
    list: (filter: ListFilter, cursor: string | undefined, limit: number): Promise<Answer<Page<DeviceRow>>> => {
      const query = new URLSearchParams({ limit: String(limit) })
      const { conditions, ...words } = filter
      for (const [name, value] of Object.entries(words)) if (value !== '') query.set(name, value)
      if (conditions.length > 0) query.set('conditions', conditions.join(','))
      if (cursor !== undefined) query.set('cursor', cursor)
      return call('GET', `/devices?${query}`)
    },
    quarantine,
    /** A table of the archive for spreadsheets, personal values masked. */
    table: (name: ArchiveTable, words: 'en' | 'zh'): Promise<Answer<string>> =>
      text(`/archive/${name}/export?words=${words}`),
    /** A whole table; with `dryRun` nothing is changed. Points come to the network itself. */
    importTable: (name: ImportTable, file: File, dryRun: boolean): Promise<Answer<ImportOutcome>> => {
      const named = name === 'points' ? `&file=${id(file.name.slice(0, MOST_NAME))}` : ''
      return call('POST', `/${name === 'points' ? name : `archive/${name}`}/import?dry_run=${dryRun}${named}`, file)
    },
    /** Tables of points that were taken, newest first. */
    pointImports: (): Promise<Answer<readonly PointImportView[]>> => items(call('GET', '/points/imports')),
    facets: (): Promise<Answer<DeviceFacets>> => call('GET', '/devices/facets'),
    card: (device: string): Promise<Answer<DeviceCard>> => call('GET', `/devices/${id(device)}/card`),
    reveal: (device: string, reason: string): Promise<Answer<DeviceCard>> =>
      call('POST', `/devices/${id(device)}/card/reveal`, { reason }),
    edit: (device: string, cells: Readonly<Record<string, string>>, reason: string): Promise<Answer<unknown>> =>
      call('PUT', `/archive/devices/${id(device)}`, { cells, reason }),
    frames: (device: string): Promise<Answer<readonly ExplainedFrame[]>> =>
      items(call('GET', `/devices/${id(device)}/frames/explained?limit=10`)),
    log: (device: string, from: number, to: number): Promise<Answer<readonly DeviceLogLine[]>> =>
      items(call('GET', `/devices/${id(device)}/log?from=${Math.floor(from)}&to=${Math.ceil(to)}&limit=200`)),
    commands: (device?: string): Promise<Answer<readonly CommandRecord[]>> =>
      items(call('GET', `/commands?limit=500${device === undefined ? '' : `&device=${id(device)}`}`)),
    close: (device: string, reason: string, key: string): Promise<Answer<CommandRecord>> =>
      call('POST', '/commands', { device, reason, idempotency_key: key }),
    set: (request: SettingRequest): Promise<Answer<CommandRecord>> => call('POST', '/commands/settings', request),
    order: (request: DeviceOrderRequest): Promise<Answer<CommandRecord>> => call('POST', '/commands/orders', request),
    permit: (request: PermitRequest): Promise<Answer<CommandRecord>> => call('POST', '/commands/permits', request),
    /** Newest first, of one meter or of all. */
    consents: (device?: string): Promise<Answer<readonly ConsentView[]>> =>
      items(call('GET', `/consents?limit=1000${device === undefined ? '' : `&device=${id(device)}`}`)),
    invitations: (device?: string): Promise<Answer<readonly InvitationView[]>> =>
      items(call('GET', `/consents/invitations?limit=1000${device === undefined ? '' : `&device=${id(device)}`}`)),
    consent: (request: ConsentRequest): Promise<Answer<ConsentView>> => call('POST', '/consents', request),
    revokeConsent: (consent: string): Promise<Answer<ConsentView>> =>
      call('POST', `/consents/${id(consent)}/revoke`, {}),
    takeBack: (command: number): Promise<Answer<CommandRecord>> => call('POST', `/commands/${command}/cancel`, {}),
    fit: (request: FitRequest): Promise<Answer<FittingView>> => call('POST', '/fittings', request),
    rates: (by: ReadingRates['by']): Promise<Answer<ReadingRates>> => call('GET', `/readings/rates?by=${by}`),
    concentrators: (): Promise<Answer<readonly ConcentratorSummary[]>> => items(call('GET', '/concentrators')),
    hostile: (): Promise<Answer<readonly HostileTerminal[]>> => items(call('GET', '/devices/hostile')),
    cells: (): Promise<Answer<readonly CellCoverage[]>> => items(call('GET', '/coverage')),
    spreading: (pci: number, capacity: number): Promise<Answer<SpreadingProposal>> =>
      call('GET', `/spreading/${pci}?capacity_per_minute=${capacity}`),
    spread: (pci: number, request: SpreadingRequest): Promise<Answer<CampaignView>> =>
      call('POST', `/spreading/${pci}/apply`, request),
    security: (): Promise<Answer<SecurityReport>> => call('GET', '/security/report'),
    keys: (): Promise<Answer<KeysHealth>> => call('GET', '/keys/health'),
    campaigns: (): Promise<Answer<readonly CampaignView[]>> => items(call('GET', '/campaigns')),
    preview: (filter: CampaignFilter): Promise<Answer<CampaignPreview>> => call('POST', '/campaigns/preview', filter),
    begin: (request: CampaignRequest): Promise<Answer<CampaignView>> => call('POST', '/campaigns', request),
    change: (campaign: string, change: CampaignChange): Promise<Answer<CampaignView>> =>
      call('POST', `/campaigns/${id(campaign)}/state`, change),
    approve: (campaign: string, reason: string): Promise<Answer<CampaignView>> =>
      call('POST', `/campaigns/${id(campaign)}/approve`, { reason }),
    rollBack: (campaign: string, request: RollbackRequest): Promise<Answer<CampaignView>> =>
      call('POST', `/campaigns/${id(campaign)}/rollback`, request),
    firmware: (): Promise<Answer<FirmwareList>> => call('GET', '/firmware'),
    upload: (request: FirmwareUpload): Promise<Answer<FirmwareView>> => call('POST', '/firmware', request),
  }
}

export type DeviceApi = ReturnType<typeof deviceApi>
