import type { CommandRequest } from '../command/ledger.ts'
import type { CommandPriority, CommandSetting, FirmwareOrder, LedgerEntry } from '../command/ledger-snapshot.ts'

export const CAMPAIGN_STATES = ['proposed', 'running', 'paused', 'stopped', 'cancelled', 'done'] as const
export type CampaignState = (typeof CAMPAIGN_STATES)[number]

/** What a campaign orders beside a setting or an image, as the ledger keeps it. */
export type CampaignOrder = Pick<CommandRequest, 'kind' | 'prices' | 'read' | 'log' | 'connection'>

/** A setting, another firmware, or an order, for many devices: a few first, then wave by wave, until too many fail. */
export interface Campaign {
  /** `C1`, `C2`, … */
  readonly id: string
  readonly name: string
  /** One of the four: a setting for all, an image for all, an order for all, or the settings of a cell's plan, device by device. */
  readonly setting?: CommandSetting
  readonly firmware?: Pick<FirmwareOrder, 'image' | 'version'>
  readonly order?: CampaignOrder
  readonly spreading?: { readonly pci: number }
  /** The campaign whose devices go back to what they ran before. */
  readonly rollback_of?: string
  /** Who agreed beside the one who began it, where two are asked for. */
  readonly approved_by?: string | null
  readonly priority: CommandPriority
  /** What the devices were chosen by, in words, for people, and how many they are. */
  readonly filter: string
  readonly targets: number
  /** Devices of the first wave, and of each after it. */
  readonly canary: number
  readonly wave: number
  /** Stops when a greater share of a wave fails. */
  readonly stop_rate: number
  /** A command that is not done so long after it was given failed, ms. */
  readonly command_life_ms: number
  /** Commands under way in one radio cell at once. */
  readonly per_cell: number
  readonly reason: string
  readonly by: string
  readonly created_at: number
  readonly state: CampaignState
  /** The wave that is under way; 0 is the canary. */
  readonly at_wave: number
  /** Why it is not running: a code, perhaps `:` and a detail. */
  readonly ending: string | null
  readonly updated_at: number
  /** Outcomes of the waves that are over. */
  readonly past: CampaignCounts
}

export interface CampaignCounts {
  readonly confirmed: number
  readonly failed: number
  readonly cancelled: number
}

/** What a campaign may be made of before it has a number. */
export type CampaignDraft = Omit<Campaign, 'id' | 'state' | 'at_wave' | 'ending' | 'past' | 'targets'>

/** The kind of command that a campaign gives. */
export const kindOf = ({ firmware, order }: Pick<Campaign, 'firmware' | 'order'>): LedgerEntry['kind'] =>
  order?.kind ?? (firmware === undefined ? 'parameter' : 'firmware')

/** Targets [from, to) of a wave, as places in the campaign's list. */
export function waveBounds(
  { canary, wave }: Pick<Campaign, 'canary' | 'wave'>,
  at: number,
  targets: number,
): readonly [from: number, to: number] {
  const from = at === 0 ? 0 : canary + (at - 1) * wave
  const to = at === 0 ? canary : from + wave
  return [Math.min(from, targets), Math.min(to, targets)]
}

/** How many waves there are. */
export function wavesOf({ canary, wave }: Pick<Campaign, 'canary' | 'wave'>, targets: number): number {
  return targets === 0 ? 0 : 1 + Math.ceil(Math.max(0, targets - canary) / wave)
}

/** What a wave has come to so far. */
export interface WaveProgress extends CampaignCounts {
  readonly targets: number
  /** Not given yet, waiting for a report of the device, told and not answered. */
  readonly waiting: number
  readonly queued: number
  readonly sent: number
}

/** What follows from a wave's progress. */
export type WaveVerdict =
  | { readonly next: 'go_on' }
  | { readonly next: 'stop'; readonly failed: number; readonly targets: number }
  | { readonly next: 'wave' }

/**
 * A wave stops the campaign as soon as so many failed that its share of failures is exceeded however the others end; a wave that
 * ended within the limit is followed by the next.
 */
export function judgeWave(progress: WaveProgress, stopRate: number): WaveVerdict {
  const { targets, failed, waiting, queued, sent } = progress
  if (failed > stopRate * targets) return { next: 'stop', failed, targets }
  return waiting + queued + sent === 0 ? { next: 'wave' } : { next: 'go_on' }
}
