import type { CommandSetting, LedgerEntry } from '../command/ledger-snapshot.ts'
import { packNumbers, unpackNumbers } from '../log/packed-numbers.ts'
import { type Campaign, type WaveProgress, waveBounds } from './campaign.ts'

/** A part of a campaign's devices, as packed rising numbers: a record of the log is small, a campaign is not. */
export interface CampaignTargets {
  readonly campaign: string
  readonly devices: string
  /** What these are set to, where each group of devices has settings of its own … */
  readonly settings?: readonly CommandSetting[]
  /** … and each device its own seconds within the slot, in the order of the numbers. */
  readonly offsets?: readonly number[]
}

/** Devices that get the same settings, rising, and what each adds. */
export interface TargetGroup {
  readonly devices: Float64Array
  readonly settings: readonly CommandSetting[]
  readonly offsets: readonly number[]
}

export interface SavedCampaigns {
  readonly campaigns: readonly Campaign[]
  readonly targets: readonly CampaignTargets[]
  readonly next: number
}

const TARGETS_AN_EVENT = 20_000

/**
 * Cause under which a campaign's commands stand in the command ledger: one device is told once, however often it is tried.
 * @param step of several commands for one device
 */
export const causeOf = (campaign: string, step = 0): string => `campaign ${campaign}${step === 0 ? '' : ` #${step}`}`
const CAUSE = /^campaign (C\d+)(?: #\d)?$/
/** The campaign that gave a command; undefined when it was somebody else. */
export const campaignOfCause = (cause: string): string | undefined => CAUSE.exec(cause)?.[1]

/** Numbers in parts that fit an event each. */
export function targetParts(campaign: string, numbers: Float64Array): readonly CampaignTargets[] {
  const parts: CampaignTargets[] = []
  for (let from = 0; from < numbers.length; from += TARGETS_AN_EVENT)
    parts.push({ campaign, devices: packNumbers(numbers.subarray(from, from + TARGETS_AN_EVENT)) })
  return parts
}

/** Groups with settings of their own, an event each. */
export const groupParts = (campaign: string, groups: readonly TargetGroup[]): readonly CampaignTargets[] =>
  groups.map(({ devices, settings, offsets }) => ({ campaign, devices: packNumbers(devices), settings, offsets }))

/** All campaigns and their devices, as the events of the log leave them. */
export class CampaignBook {
  readonly #campaigns = new Map<string, Campaign>()
  readonly #targets = new Map<string, readonly number[]>()
  /** Devices of campaigns that are not there yet, in rising order. */
  readonly #parts = new Map<string, number[]>()
  /** Parts with settings of their own, as they came, and the settings of each device. */
  readonly #groups = new Map<string, readonly CampaignTargets[]>()
  readonly #settings = new Map<string, Map<number, readonly CommandSetting[]>>()
  #next = 1

  /** Parts of a campaign come before it. */
  addTargets(part: CampaignTargets): void {
    const { campaign, devices, settings } = part
    if (this.#campaigns.has(campaign)) return
    const known = this.#parts.get(campaign) ?? []
    const numbers = unpackNumbers(devices)
    this.#parts.set(campaign, [...known, ...numbers])
    if (settings !== undefined) this.#groups.set(campaign, [...(this.#groups.get(campaign) ?? []), part])
  }

  apply(campaign: Campaign): void {
    const { id, targets } = campaign
    if (!this.#campaigns.has(id)) {
      // Parts that a crash left without a campaign stand before the parts of the next one of that number.
      const numbers = (this.#parts.get(id) ?? []).slice(-targets)
      this.#targets.set(id, spread(numbers))
      this.#parts.delete(id)
      this.#trimGroups(campaign)
    }
    this.#campaigns.set(id, campaign)
    this.#next = Math.max(this.#next, Number(id.slice(1)) + 1)
  }

  /** The same for groups with settings of their own. */
  #trimGroups({ id, targets, spreading }: Campaign): void {
    const groups = spreading === undefined ? [] : [...(this.#groups.get(id) ?? [])]
    let left = targets
    const own = groups.reverse().filter(({ devices }) => {
      left -= unpackNumbers(devices).length
      return left >= 0
    })
    this.#groups.delete(id)
    this.#settings.delete(id)
    if (own.length === 0) return
    this.#groups.set(id, own.reverse())
    for (const part of own) this.#takeSettings(part)
  }

  #takeSettings({ campaign, devices, settings, offsets = [] }: CampaignTargets): void {
    if (settings === undefined) return
    const own = this.#settings.get(campaign) ?? new Map<number, readonly CommandSetting[]>()
    this.#settings.set(campaign, own)
    unpackNumbers(devices).forEach((device, i) => {
      const value = offsets[i]
      own.set(device, value === undefined ? settings : [...settings, { parameter: 'report_offset_s', value }])
    })
  }

  /** The number of a campaign that is about to begin; it is not given twice. */
  takeId(): string {
    return `C${this.#next++}`
  }

  get(id: string): Campaign | undefined {
    return this.#campaigns.get(id)
  }

  /** Device numbers in their order. */
  targets(id: string): readonly number[] {
    return this.#targets.get(id) ?? []
  }

  /** What a device is set to by a campaign, in the order in which it is told; nothing for a campaign that gives an image. */
  settingsOf({ id, setting }: Pick<Campaign, 'id' | 'setting'>, device: number): readonly CommandSetting[] {
    return setting === undefined ? (this.#settings.get(id)?.get(device) ?? []) : [setting]
  }

  /** Newest first. */
  list(): Campaign[] {
    return [...this.#campaigns.values()].reverse()
  }

  save(): SavedCampaigns {
    const targets = [...this.#campaigns.keys()].flatMap(
      (id) => this.#groups.get(id) ?? targetParts(id, Float64Array.from(this.targets(id)).sort()),
    )
    return { campaigns: [...this.#campaigns.values()], targets, next: this.#next }
  }

  load(saved: SavedCampaigns): void {
    for (const part of saved.targets) this.addTargets(part)
    for (const campaign of saved.campaigns) this.apply(campaign)
    this.#next = Math.max(this.#next, saved.next)
  }

  /** What the wave under way has come to. @param commandsOf the commands of this campaign for a device, undefined those to come */
  progress(campaign: Campaign, commandsOf: (device: number) => readonly (LedgerEntry | undefined)[]): WaveProgress {
    const targets = this.targets(campaign.id)
    const [from, to] = waveBounds(campaign, campaign.at_wave, targets.length)
    const counts = { targets: to - from, waiting: 0, queued: 0, sent: 0, confirmed: 0, failed: 0, cancelled: 0 }
    for (let i = from; i < to; i++) counts[worst(commandsOf(targets[i] ?? 0))]++
    return counts
  }
}

type Place = Exclude<keyof WaveProgress, 'targets'>
/** Of several commands to a device the first of these speaks for it. */
const RANK: readonly Place[] = ['failed', 'cancelled', 'waiting', 'sent', 'queued', 'confirmed']

function worst(commands: readonly (LedgerEntry | undefined)[]): Place {
  const places = commands.map(placeOf)
  return RANK.find((place) => places.includes(place)) ?? 'waiting'
}

function placeOf(command: LedgerEntry | undefined): Place {
  switch (command?.state) {
    case undefined:
      return 'waiting'
    case 'queued':
      return 'queued'
    case 'sent':
    case 'accepted':
      return 'sent'
    case 'confirmed':
      return 'confirmed'
    case 'cancelled':
      return 'cancelled'
    default:
      return 'failed'
  }
}

/** Numbers mixed, the same way each time: a canary of neighbours of one make would tell nothing of the others. */
function spread(numbers: readonly number[]): readonly number[] {
  const keyed = numbers.map((number) => [mix(number), number] as const)
  return keyed.sort((a, b) => a[0] - b[0] || a[1] - b[1]).map(([, number]) => number)
}

function mix(number: number): number {
  let h = Math.imul((number % 0x1_0000_0000) ^ Math.floor(number / 0x1_0000_0000), 0x9e37_79b1)
  h = Math.imul(h ^ (h >>> 15), 0x85eb_ca6b)
  return (h ^ (h >>> 13)) >>> 0
}
