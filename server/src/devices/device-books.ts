import type { LogRecord } from '../log/event-log.ts'
import { readEvent } from '../log/platform-events.ts'
import { Archive, type SavedArchive } from './archive.ts'
import { CampaignBook, type SavedCampaigns } from './campaign-book.ts'
import { type Consent, ConsentBook } from './consent-book.ts'
import { Delegations, type KeptDelegation } from './delegation.ts'
import { FirmwareBook, type SavedFirmware } from './firmware-book.ts'
import type { KnownFitting } from './fitting.ts'
import { type Invitation, InvitationBook } from './invitation-book.ts'
import { MeterBook } from './meter-book.ts'
import type { KnownPoints } from './point-book.ts'

/** What a snapshot keeps of the management of devices. */
export interface SavedDevices {
  readonly fittings: readonly KnownFitting[]
  readonly points?: readonly KnownPoints[]
  readonly archive: SavedArchive
  readonly delegations: readonly KeptDelegation[]
  readonly campaigns: SavedCampaigns
  readonly firmware?: SavedFirmware
  readonly consents?: readonly Consent[]
  readonly invitations?: readonly Invitation[]
}

/** Everything about devices that people decided, as the events of the log leave it. */
export class DeviceBooks {
  readonly meters = new MeterBook()
  readonly archive = new Archive()
  readonly delegations = new Delegations()
  readonly campaigns = new CampaignBook()
  readonly firmware = new FirmwareBook()
  readonly consents = new ConsentBook()
  readonly invitations = new InvitationBook()

  /** Reads one platform event of the log in its turn; whatever is not about devices is passed over. */
  take(record: LogRecord): void {
    this.meters.take(record)
    const event = readEvent(record)
    if (event?.type === 'archive') this.archive.apply(event.change)
    else if (event?.type === 'delegation') this.delegations.apply(event.delegation)
    else if (event?.type === 'campaign_targets') this.campaigns.addTargets(event.part)
    else if (event?.type === 'campaign') this.campaigns.apply(event.campaign)
    else if (event?.type === 'firmware_image') this.firmware.apply(event.image)
    else if (event?.type === 'consent') this.consents.apply(event.consent)
    else if (event?.type === 'invitation') this.invitations.apply(event.invitation)
  }

  save(): SavedDevices {
    return {
      fittings: [...this.meters.fittings],
      points: [...this.meters.points.parts],
      archive: this.archive.save(),
      delegations: this.delegations.save(),
      campaigns: this.campaigns.save(),
      firmware: this.firmware.save(),
      consents: this.consents.save(),
      invitations: this.invitations.save(),
    }
  }

  load(saved: SavedDevices): void {
    for (const fitting of saved.fittings) this.meters.hold(fitting)
    for (const part of saved.points ?? []) this.meters.points.hold(part)
    this.archive.load(saved.archive)
    for (const one of saved.delegations) this.delegations.apply(one)
    this.campaigns.load(saved.campaigns)
    if (saved.firmware !== undefined) this.firmware.load(saved.firmware)
    for (const one of saved.consents ?? []) this.consents.apply(one)
    for (const one of saved.invitations ?? []) this.invitations.apply(one)
  }
}
