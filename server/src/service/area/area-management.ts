import type { CampaignFilter, CampaignView } from '../../contract/index.ts'
import { ARCHIVE_KEYS } from '../../devices/archive.ts'
import type { Application } from '../../http/application.ts'
import type { DeviceManagement } from '../../http/management.ts'
import type { DeviceDesk } from '../device-desk.ts'
import { askedFirst } from './asked-first.ts'
import type { Reach } from './reach.ts'

export interface AreaManagementParts {
  readonly application: Application
  readonly desk: DeviceDesk
  readonly reach: Reach
}

/** The management of devices as somebody of an area sees it; every method stands here, as in `areaApplication`. */
export function areaManagement({ application, desk, reach }: AreaManagementParts): DeviceManagement {
  const all = application.management
  const { archive, campaigns, meters } = desk.books
  const whole = (what: string) => () => reach.refuse(what)
  const own = reach.requireDevice.bind(reach)
  const seesCampaign = ({ id }: Pick<CampaignView, 'id'>): boolean => {
    const targets = campaigns.targets(id)
    return targets.length > 0 && targets.every((device) => reach.seesDevice(String(device)))
  }
  const campaign = (id: string): void => {
    if (!seesCampaign({ id })) reach.refuse(`campaign ${id}`)
  }
  /** A filter that cannot find devices of others: how many they are is not told either. */
  const filtered = async (filter: CampaignFilter): Promise<void> => {
    const { zones, marks } = reach.scope
    if (zones !== undefined && (filter.zone === undefined || !zones.includes(filter.zone)))
      reach.refuse('a group of devices without one of its zones')
    if (marks !== undefined && (filter.mark === undefined || !marks.includes(filter.mark)))
      reach.refuse('a group of devices without one of its marks')
    const found = await desk.targets(filter)
    if (!found.every((device) => reach.seesDevice(String(device)))) reach.refuse('all that the filter finds')
  }
  return {
    devices: (query) => all.devices(query, reach.seesSlot),
    ...askedFirst(all, own, 'card', 'reveal', 'explainedFrames', 'deviceLog'),
    ...askedFirst(all, campaign, 'changeCampaign', 'approveCampaign', 'rollBackCampaign'),
    ...askedFirst(all, (pci: number) => reach.requireCell(pci), 'spreadCell'),
    facets: () => {
      const own = [...archive.marks()].map(([mark, devices]) => ({
        mark,
        devices: [...devices].filter((device) => reach.seesDevice(String(device))).length,
      }))
      return { profiles: all.facets().profiles, marks: own.filter(({ devices }) => devices > 0) }
    },
    fit: async (request, user) => {
      own(request.point)
      // A stranger is adopted; a meter that the archive keeps elsewhere is not taken away from there.
      const row = archive.get('devices', request.device)
      if (desk.pointOf(request.device) !== undefined) own(request.device)
      else if (row?.['premises'] && !reach.seesRow('devices', row)) reach.refuse(`device ${request.device}`)
      return all.fit(request, user)
    },
    editArchive: async (table, key, cells, reason, user) => {
      const before = archive.get(table, key)
      const after = { ...before, ...cells, [ARCHIVE_KEYS[table]]: key }
      if ((before !== undefined && !reach.seesRow(table, before)) || !reach.seesRow(table, after))
        reach.refuse(`row ${key} of ${table}, before or after the change,`)
      return all.editArchive(table, key, cells, reason, user)
    },
    importArchive: whole('a whole table of the archive'),
    points: () => all.points().filter(({ id }) => reach.seesDevice(id)),
    pointImports: () => {
      const seen = new Set(
        meters.points
          .imports()
          .filter(({ points }) => points.every(({ id }) => reach.seesDevice(id)))
          .map(({ since }) => String(since)),
      )
      return all.pointImports().filter(({ id }) => seen.has(id))
    },
    importPoints: whole('a table of new metering points'),
    exportArchive: (table, words, reason, user) =>
      all.exportArchive(table, words, reason, user, (row) => reach.seesRow(table, row)),
    delegations: whole('the list of delegations'),
    delegate: whole('a delegation'),
    revoke: whole('a delegation'),
    campaigns: () => all.campaigns().filter(seesCampaign),
    previewCampaign: async (filter) => {
      await filtered(filter)
      return all.previewCampaign(filter)
    },
    beginCampaign: async (request, user) => {
      await filtered(request.filter)
      return all.beginCampaign(request, user)
    },
    // What devices run is counted over the city.
    firmware: () => ({ items: all.firmware().items, versions: [] }),
    uploadFirmware: whole('firmware'),
    withdrawFirmware: whole('firmware'),
  }
}
