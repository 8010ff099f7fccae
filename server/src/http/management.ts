import type {
  ArchiveCells,
  ArchiveTable,
  CampaignChange,
  CampaignFilter,
  CampaignPreview,
  CampaignRequest,
  CampaignView,
  DelegationRequest,
  DelegationView,
  DeviceCard,
  DeviceCondition,
  DeviceFacets,
  DeviceLogLine,
  DeviceRow,
  ExplainedFrame,
  FirmwareList,
  FirmwareUpload,
  FirmwareView,
  FitRequest,
  FittingView,
  GrantedDelegation,
  ImportOutcome,
  Page,
  PointImportView,
  PointView,
  RollbackRequest,
  SpreadingRequest,
} from '../contract/index.ts'

import type { ArchiveRow } from '../devices/archive.ts'

/** What a list of devices is narrowed to. */
export interface DeviceListQuery {
  readonly query?: string | undefined
  readonly kind?: 'meter' | 'rtu' | 'valve' | undefined
  readonly zone?: string | undefined
  readonly profile?: string | undefined
  readonly mark?: string | undefined
  readonly conditions?: readonly DeviceCondition[] | undefined
  readonly cursor?: string | undefined
  readonly limit: number
}

/** The management of devices as HTTP sees it. Acts are on record, in the log and in the audit, when they return. */
export interface DeviceManagement {
  /** @param within rows of the fleet that may be found */
  devices(query: DeviceListQuery, within?: (slot: number) => boolean): Promise<Page<DeviceRow>>
  facets(): DeviceFacets
  card(device: string): DeviceCard
  /** The card with personal values as they are; who looked and why is on record. */
  reveal(device: string, reason: string, user: string): Promise<DeviceCard>
  explainedFrames(device: string, limit: number): Promise<ExplainedFrame[]>
  deviceLog(device: string, from: number, to: number, limit: number): Promise<DeviceLogLine[]>
  fit(request: FitRequest, user: string): Promise<FittingView>
  editArchive(
    table: ArchiveTable,
    key: string,
    cells: ArchiveCells,
    reason: string,
    user: string,
  ): Promise<ArchiveCells>
  importArchive(table: ArchiveTable, bytes: Uint8Array, dryRun: boolean, user: string): Promise<ImportOutcome>
  /** Metering points beside the network document, as a document would say them. */
  points(): PointView[]
  /** The tables in which they came, newest first. */
  pointImports(): PointImportView[]
  /** @param file its name, for the record */
  importPoints(bytes: Uint8Array, dryRun: boolean, user: string, file?: string): Promise<ImportOutcome>
  /** Lines of the table; with personal values as they are only for a reason, which is on record. */
  exportArchive(
    table: ArchiveTable,
    words: 'en' | 'zh',
    reason: string | undefined,
    user: string,
    within?: (row: ArchiveRow) => boolean,
  ): Promise<Iterable<string>>
  delegations(): DelegationView[]
  delegate(request: DelegationRequest, user: string): Promise<GrantedDelegation>
  revoke(id: string, user: string): Promise<DelegationView>
  campaigns(): CampaignView[]
  previewCampaign(filter: CampaignFilter): Promise<CampaignPreview>
  beginCampaign(request: CampaignRequest, user: string): Promise<CampaignView>
  changeCampaign(id: string, change: CampaignChange, user: string): Promise<CampaignView>
  /** The second person agrees to a campaign that reaches many. */
  approveCampaign(id: string, reason: string, user: string): Promise<CampaignView>
  rollBackCampaign(id: string, request: RollbackRequest, user: string): Promise<CampaignView>
  spreadCell(pci: number, request: SpreadingRequest, user: string): Promise<CampaignView>
  firmware(): FirmwareList
  uploadFirmware(request: FirmwareUpload, user: string): Promise<FirmwareView>
  withdrawFirmware(number: number, reason: string, user: string): Promise<FirmwareView>
}
