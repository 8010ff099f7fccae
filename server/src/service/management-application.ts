import { UsageError } from '@gastwin/twin'
import type { CampaignView, DeviceCard, ExplainedFrame, FittingView } from '../contract/index.ts'
import type { ArchiveRow } from '../devices/archive.ts'
import type { ArchiveTableName } from '../devices/archive-columns.table.ts'
import { type Campaign, waveBounds, wavesOf } from '../devices/campaign.ts'
import { exportArchive, shownRow } from '../devices/export-archive.ts'
import type { Fitting } from '../devices/fitting.ts'
import type { ImportPlan } from '../devices/import-archive.ts'
import type { PersonalSeal } from '../devices/personal-seal.ts'
import type { DeviceManagement } from '../http/management.ts'
import { type DeviceLookup, explainPayload, fromHex } from '../protocol/index.ts'
import type { Store } from '../store/store.ts'
import type { DeviceFinder } from '../views/find-devices.ts'
import type { CampaignDesk } from './campaign-desk.ts'
import type { DeviceDesk } from './device-desk.ts'
import { shownConnection } from './device-orders.ts'
import type { FirmwareDesk } from './firmware-desk.ts'
import type { PointDesk } from './point-desk.ts'

const SAMPLE = 5
/** Newest first; each is counted when it is asked for. */
const MOST_CAMPAIGNS = 50

export interface ManagementParts {
  readonly desk: DeviceDesk
  readonly points: PointDesk
  readonly campaignDesk: CampaignDesk
  readonly firmware: FirmwareDesk
  readonly finder: DeviceFinder
  readonly store: Store
  readonly seal: PersonalSeal
  readonly lookup: DeviceLookup
  /** Names of vendor profiles that meters have. */
  readonly profiles: () => readonly string[]
  readonly audit: (event: string, facts: Readonly<Record<string, string>>) => Promise<unknown>
}

/** The management of devices as HTTP sees it. */
export function managementApplication(parts: ManagementParts): DeviceManagement {
  const { desk, campaignDesk, firmware, finder, store, seal } = parts
  const { archive, meters, campaigns, delegations } = desk.books

  const cardOf = (number: string, clear: boolean): DeviceCard => {
    const point = desk.pointOf(number)
    const device = point === undefined ? null : (meters.deviceAt(point) ?? null)
    const own = archive.get('devices', String(device ?? number)) ?? archive.get('devices', number)
    if (point === undefined && own === undefined && meters.historyOf(Number(number)).length === 0)
      throw new UsageError('API_NOT_FOUND', `no device has the number ${number}`)
    const shown = (table: ArchiveTableName, row: ArchiveRow | undefined) =>
      row === undefined ? null : shownRow(table, row, seal, clear)
    const premises = premisesOf(own?.['premises'], point)
    const customers =
      premises === undefined
        ? []
        : [...archive.rows('customers')].filter((row) => row['premises'] === premises['premises'])
    return {
      number,
      point: point === undefined ? null : String(point),
      device: device === null ? null : String(device),
      archive: shown('devices', own),
      premises: shown('premises', premises),
      customers: customers.map((row) => shownRow('customers', row, seal, clear)),
      fittings: meters.historyOf(point ?? Number(number)).map(fittingView),
      firmware: desk.books.firmware.running(device ?? Number(number)) ?? null,
    }
  }
  /** By the row of the device, else by the point that the premises name. */
  const premisesOf = (key: string | undefined, point: number | undefined): ArchiveRow | undefined => {
    if (key !== undefined) return archive.get('premises', key)
    if (point === undefined) return undefined
    for (const row of archive.rows('premises')) if (row['point'] === String(point)) return row
    return undefined
  }
  const campaignView = (campaign: Campaign): CampaignView => {
    const {
      command_life_ms: _,
      setting,
      firmware: given,
      order,
      spreading,
      rollback_of,
      approved_by,
      ...shown
    } = campaign
    const isOver = campaign.state === 'done'
    const [from, to] = waveBounds(campaign, campaign.at_wave, campaign.targets)
    const none = { targets: to - from, waiting: 0, queued: 0, sent: 0, confirmed: 0, failed: 0, cancelled: 0 }
    return {
      ...shown,
      setting: setting ? { ...setting } : null,
      firmware: given ? { ...given } : null,
      order: order
        ? { ...order, ...(order.connection && { connection: shownConnection(order.connection, seal) }) }
        : null,
      spreading: spreading ? { ...spreading } : null,
      rollback_of: rollback_of ?? null,
      approved_by: approved_by ?? null,
      past: { ...campaign.past },
      waves: wavesOf(campaign, campaign.targets),
      progress: isOver ? none : { ...campaignDesk.runner.progress(campaign) },
    }
  }

  return {
    devices: async ({ cursor, limit, ...filter }, within) => {
      const from = cursor === undefined ? 0 : Number(cursor)
      if (!Number.isSafeInteger(from) || from < 0)
        throw new UsageError('API_INPUT', `cursor "${cursor}" is not one of ours`)
      const { slots, total, next } = await finder.find({ ...filter, within }, from, limit)
      return { items: slots.map((slot) => finder.row(slot)), total, next: next === null ? null : String(next) }
    },
    facets: () => ({
      profiles: parts.profiles().filter((name) => name !== ''),
      marks: [...archive.marks()].map(([mark, devices]) => ({ mark, devices: devices.size })),
    }),
    card: (device) => cardOf(device, false),
    reveal: async (device, reason, user) => {
      const card = cardOf(device, true)
      await parts.audit('reveal_personal', { device, by: user, detail: reason })
      return card
    },
    explainedFrames: async (device, limit) => {
      const number = Number(desk.deviceFor(device))
      const key = parts.lookup.keyOf(number)
      const profile = parts.lookup.profileOf?.(number)
      const frames = await store.frames(number, limit)
      return frames.map((frame): ExplainedFrame => {
        const bytes = fromHex(frame.bytes_hex) ?? new Uint8Array()
        const format = Number(/\d+/.exec(frame.detail)?.[0] ?? Number.NaN)
        const explained = explainPayload(format, bytes, {
          ...{ ...(key && { key }), ...(profile && { profile }) },
          keyOf: (sealer) => parts.lookup.keyOf(sealer),
        })
        return {
          ...{ id: frame.id, received_at: frame.received_at, source: frame.source, outcome: frame.reason },
          bytes_hex: frame.bytes_hex,
          format: explained?.format ?? frame.detail,
          fields: (explained?.fields ?? []).map(({ offset, hex, name, meaning }) => ({ offset, hex, name, meaning })),
          problem: explained?.problem ?? null,
        }
      })
    },
    deviceLog: (device, from, to, limit) => {
      if (!(to > from)) throw new UsageError('API_INPUT', 'to must lie after from')
      const point = desk.pointOf(device) ?? Number(device)
      const stood = meters.historyOf(point).map((fitting) => fitting.device)
      return store.deviceLog([...new Set([Number(device), point, ...stood])], from, to, limit)
    },
    fit: async (request, user) => fittingView(await desk.fit(request, user)),
    editArchive: async (table, key, cells, reason, user) =>
      shownRow(table, await desk.editArchive(table, key, cells, reason, user), seal, false),
    importArchive: async (table, bytes, dryRun, user) =>
      outcomeOf(await desk.importArchive(table, bytes, dryRun, user), dryRun),
    points: () => parts.points.list().map((point) => ({ ...point })),
    pointImports: () => parts.points.imports(),
    importPoints: async (bytes, dryRun, user, file) => {
      const { rows, points, listed, faults, faultsInAll } = await parts.points.import(bytes, dryRun, user, file)
      return outcomeOf({ rows, added: points.length, changed: 0, listed, faults, faultsInAll }, dryRun)
    },
    exportArchive: async (table, words, reason, user, within) => {
      if (reason !== undefined) await parts.audit('export_personal', { table, by: user, detail: reason })
      return exportArchive(archive, table, seal, reason !== undefined, words, within)
    },
    delegations: () => delegations.list().map(delegationView),
    delegate: async (request, user) => {
      const { delegation, key } = await desk.delegate(request, user)
      return { ...delegationView(delegation), key }
    },
    revoke: async (id, user) => delegationView(await desk.revoke(id, user)),
    campaigns: () => campaigns.list().slice(0, MOST_CAMPAIGNS).map(campaignView),
    previewCampaign: async (filter) => {
      const numbers = await desk.targets(filter)
      const sample = [...numbers.subarray(0, SAMPLE)].map(String)
      return { devices: numbers.length, sample, second_person: campaignDesk.needsSecond(numbers.length) }
    },
    beginCampaign: async (request, user) => campaignView(await campaignDesk.begin(request, user)),
    changeCampaign: async (id, change, user) => campaignView(await campaignDesk.change(id, change, user)),
    approveCampaign: async (id, reason, user) => campaignView(await campaignDesk.approve(id, reason, user)),
    rollBackCampaign: async (id, request, user) => campaignView(await campaignDesk.rollBack(id, request, user)),
    spreadCell: async (pci, request, user) => campaignView(await campaignDesk.spread(pci, request, user)),
    firmware: () => firmware.list(),
    uploadFirmware: (request, user) => firmware.upload(request, user),
    withdrawFirmware: (number, reason, user) => firmware.withdraw(number, reason, user),
  }
}

const fittingView = ({ point, device, before, ...fitting }: Fitting): FittingView => ({
  ...{ point: String(point), device: String(device), before: String(before), fitted_at: fitting.fitted_at },
  ...{ quantity: fitting.quantity, old_end_m3: fitting.old_end_m3, new_begin_m3: fitting.new_begin_m3 },
  ...{ offset_m3: fitting.offset_m3, by: fitting.by, reason: fitting.reason },
})

type KnownDelegation = ReturnType<DeviceDesk['books']['delegations']['list']>[number]
const delegationView = ({ scope, ...delegation }: KnownDelegation) => ({
  ...delegation,
  scope: {
    ...(scope.zones && { zones: [...scope.zones] }),
    ...(scope.marks && { marks: [...scope.marks] }),
    ...(scope.devices && { devices: [...scope.devices] }),
  },
})

const outcomeOf = (
  { rows, added, changed, listed, faults, faultsInAll }: Omit<ImportPlan, 'changes'>,
  dryRun: boolean,
) => ({
  applied: !dryRun && faultsInAll === 0,
  ...{ rows, added, changed, faults_in_all: faultsInAll },
  changes: listed.map(({ row, key, isNew, cells }) => ({ row, key, is_new: isNew, cells: [...cells] })),
  faults: faults.map((fault) => ({ ...fault })),
})
