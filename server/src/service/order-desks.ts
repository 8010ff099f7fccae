import { type ClockPlan, METER_KINDS, mediumOf, type Shutoff, speedAt, UsageError } from '@gastwin/twin'
import type { AuditLog } from '../command/audit-log.ts'
import type { FirmwareFolder } from '../devices/firmware-folder.ts'
import type { PersonalSeal } from '../devices/personal-seal.ts'
import { ReturnGate } from '../devices/return-gate.ts'
import type { EventLog } from '../log/event-log.ts'
import { recordEvents } from '../log/platform-events.ts'
import type { CityState } from '../pipeline/city-state.ts'
import type { RecoveredActs } from '../pipeline/recover.ts'
import type { ProfileBook } from '../profiles/profile-book.ts'
import { type CoapMessage, peekDevice } from '../protocol/index.ts'
import type { TrustBook } from '../trust/trust-book.ts'
import { proposeSpreading } from '../views/spreading-view.ts'
import { CampaignDesk } from './campaign-desk.ts'
import type { CommandDesk } from './command-desk.ts'
import { DeviceDesk, type DeviceDeskParts } from './device-desk.ts'
import { FirmwareDesk, type FirmwareTrust } from './firmware-desk.ts'
import { InvitationDesk } from './invitation-desk.ts'
import { LineDesk, type LineDeskParts } from './line-desk.ts'
import { MeterOrders } from './meter-orders.ts'
import { dangerAt } from './permit-danger.ts'
import { PermitDesk } from './permit-desk.ts'
import { PointDesk, type PointDeskParts } from './point-desk.ts'

/** What of the configuration orders depend on. */
export interface OrderSettings {
  readonly cellAnswersPerMinute: number
  readonly cellReportsPerMinute: number
  readonly campaignSecondPerson: number
  readonly ownConsentOnly: boolean
  readonly consentCommand: readonly string[] | null
  readonly firmwareFolder: FirmwareFolder
  /** undefined without an authority. */
  readonly firmwareTrust: FirmwareTrust | undefined
}

/** Everything by which people order something of devices. */
export interface OrderDesks {
  readonly devices: DeviceDesk
  readonly points: PointDesk
  readonly campaigns: CampaignDesk
  readonly firmware: FirmwareDesk
  readonly permits: PermitDesk
  readonly invitations: InvitationDesk
  readonly orders: MeterOrders
  readonly line: LineDesk
  /** Seconds after which the sender of a report is to come again; 0 when it may come in. */
  readonly returnAfter: (message: CoapMessage) => number
}

export interface OrderDeskParts {
  readonly service: {
    readonly city: CityState
    readonly log: EventLog
    readonly seal: PersonalSeal
    readonly clock: ClockPlan
    readonly audit: AuditLog
    readonly acts: RecoveredActs
    readonly orders: OrderSettings
    readonly profiles: ProfileBook
    readonly line: Pick<LineDeskParts, 'authority' | 'client'>
    readonly trust: TrustBook
  }
  readonly devices: Omit<DeviceDeskParts, 'books' | 'city' | 'log' | 'seal' | 'audit'>
  readonly points: Pick<PointDeskParts, 'knowsProfile' | 'onGrown'>
  readonly commands: CommandDesk
  readonly openShutoffs: () => readonly Shutoff[]
}

/** Builds the desks; each knows of the others what it asks them. */
export function openOrderDesks({
  service,
  devices: deviceParts,
  points: pointParts,
  commands,
  openShutoffs,
}: OrderDeskParts): OrderDesks {
  const { city, log, seal, clock, orders: settings } = service
  const { now, failed } = deviceParts
  const books = service.acts.devices
  const common = {
    record: (events: Parameters<typeof recordEvents>[1]) => recordEvents(log, events),
    audit: (at: number, event: string, facts: Parameters<DeviceDeskParts['audit']>[2]) =>
      service.audit.append(at, event, facts),
    now,
  }
  const devices = new DeviceDesk({ ...deviceParts, books, city, log, seal, audit: common.audit })
  const points = new PointDesk({
    ...{ books, city, log, seal, audit: common.audit, now, adopted: deviceParts.adopted, ...pointParts },
    inTurn: (act) => devices.inTurn(act),
  })
  const deviceAt = (point: number): number => books.meters.deviceAt(point) ?? point
  const pointOfDevice = (device: number) => devices.pointOf(String(device))
  const isBehind = (device: number): boolean => city.concentrators.reaching(device) !== undefined
  const buttonAt = (device: string): number => {
    const slot = devices.slotOf(device)
    const point = devices.pointOf(device) ?? -1
    const isGas = METER_KINDS[mediumOf(city.fleet.columns.flags[slot] ?? 0)] === 'gas'
    if (city.fleet.columns.kind[slot] !== 0 || !isGas)
      throw new UsageError('CMD_REFUSED', 'only gas meters have a button that opens their valve')
    return point
  }
  const permits: PermitDesk = new PermitDesk({
    ...{ ...common, commands, seal, deviceAt, pointOfDevice, pointOf: buttonAt },
    book: books.consents,
    ownConsentOnly: settings.ownConsentOnly,
    refusal: (device, permit) => line.refusal({ kind: 'permit', permit }, device),
    push: (device) => line.push([device]),
    danger: (point) => dangerAt(city, openShutoffs(), city.fleet.slotOf(point)),
  })
  const invitations = new InvitationDesk({
    ...{ ...common, seal, deviceAt, pointOf: buttonAt, archive: books.archive, book: books.invitations },
    agreed: (point) => line.push([deviceAt(point)]),
    ...{ consents: books.consents, utility: city.network.name, deliver: settings.consentCommand },
  })
  const campaigns: CampaignDesk = new CampaignDesk({
    ...{ ...common, books, commands, failed, deviceAt },
    cellOf: (device) => devices.cellOf(device),
    isBehind,
    push: (numbers) => line.push(numbers),
    targets: (filter) => devices.targets(filter),
    usableFirmware: (number) => firmware.usable(number),
    planOfCell: (pci, capacity) => proposeSpreading(city, pci, capacity),
    permitRefusal: permits.refusal,
    consentFor: permits.consentFor,
    seal,
    calendar: city.calendar,
    sessionOf: (device) => service.trust.sessionOf(device)?.position ?? -1,
    cellAnswers: settings.cellAnswersPerMinute,
    secondPersonAbove: settings.campaignSecondPerson,
  })
  const firmware: FirmwareDesk = new FirmwareDesk({
    ...{ ...common, book: books.firmware, folder: settings.firmwareFolder, trust: settings.firmwareTrust },
    commandOf: (id) => commands.get(id),
    load: campaigns.load,
    cellOf: (device) => devices.cellOf(device),
    speed: () => speedAt(clock, Date.now()),
  })
  const gate = new ReturnGate({
    load: campaigns.load,
    perMinute: settings.cellReportsPerMinute,
    terminals: (cell) => city.fleet.columns.pci.reduce((sum, pci) => sum + (pci === cell ? 1 : 0), 0),
  })
  const returnAfter = ({ contentFormat, payload }: CoapMessage): number => {
    const at = now()
    if (gate.isOpen(at)) return 0
    const device = peekDevice(contentFormat, payload)
    const wait = device < 0 ? 0 : gate.wait({ device, cell: devices.cellOf(device) }, at)
    return Math.ceil(wait / Math.max(1, speedAt(clock, Date.now())))
  }
  const line: LineDesk = new LineDesk({
    ...{ city, ledger: service.acts.ledger, commands, rules: campaigns.rules, now, failed },
    ...{ lookup: () => service.profiles.lookup, trust: service.trust, ...service.line },
  })
  const hasSession = (device: number): boolean => service.trust.sessionOf(device) !== undefined
  const orders = new MeterOrders({ commands, devices, city, line, audit: service.audit, now, seal, hasSession })
  return { devices, points, campaigns, firmware, permits, invitations, orders, line, returnAfter }
}
