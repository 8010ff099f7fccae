import { isLive } from '../command/command-state.ts'
import type { CommandRequest } from '../command/ledger.ts'
import type { LedgerEntry } from '../command/ledger-snapshot.ts'
import type { PlatformEvent } from '../log/platform-events.ts'
import {
  type Campaign,
  type CampaignDraft,
  type CampaignState,
  judgeWave,
  kindOf,
  type WaveProgress,
  waveBounds,
  wavesOf,
} from './campaign.ts'
import {
  type CampaignBook,
  campaignOfCause,
  causeOf,
  groupParts,
  type TargetGroup,
  targetParts,
} from './campaign-book.ts'
import { NO_CELL } from './cell-load.ts'

/** What a campaign acts on. */
export interface CampaignPorts {
  /** Service clock, Unix ms. */
  now(): number
  /** Makes events durable. @throws (rejects) StoreError LOG_FULL */
  record(events: readonly PlatformEvent[]): Promise<void>
  commandOf(kind: LedgerEntry['kind'], device: number, cause: string): LedgerEntry | undefined
  /** Version that a device said it runs; null when it never did. */
  versionOf(device: number): string | null
  /** Queues commands; what the log refuses is told to nobody and asked for again. */
  order(requests: readonly CommandRequest[]): void
  /** Takes back what no device was told. */
  withdraw(ids: readonly number[], who: string): void
  /** Radio cell of a device, NO_CELL when it said none. */
  cellOf(device: number): number
  failed(error: unknown): void
}

/** Commands given in one turn of a campaign. */
const MOST_A_TURN = 1_000

/** Drives campaigns: gives the commands of a wave, looks what became of them, stops or goes on. */
export class CampaignRunner {
  readonly #book: CampaignBook
  readonly #ports: CampaignPorts
  /** Campaigns whose next state is on its way to the log. */
  readonly #changing = new Set<string>()
  #isBegun = false

  constructor(book: CampaignBook, ports: CampaignPorts) {
    this.#book = book
    this.#ports = ports
  }

  /**
   * Puts a campaign on record; its canary begins with the next turn.
   * @param targets devices in rising order, or groups of them with settings of their own
   * @param needsSecond waits for somebody else to agree
   * @throws (rejects) StoreError LOG_FULL
   */
  async begin(
    campaign: CampaignDraft,
    targets: Float64Array | readonly TargetGroup[],
    needsSecond = false,
  ): Promise<Campaign> {
    const id = this.#book.takeId()
    const isList = targets instanceof Float64Array
    const begun: Campaign = {
      ...campaign,
      id,
      targets: isList ? targets.length : targets.reduce((sum, { devices }) => sum + devices.length, 0),
      state: needsSecond ? 'proposed' : 'running',
      at_wave: 0,
      ending: null,
      past: { confirmed: 0, failed: 0, cancelled: 0 },
    }
    const parts = isList ? targetParts(id, targets) : groupParts(id, targets)
    const at = campaign.created_at
    await this.#ports.record([
      ...parts.map((part): PlatformEvent => ({ type: 'campaign_targets', at, part })),
      { type: 'campaign', at, campaign: begun },
    ])
    for (const part of parts) this.#book.addTargets(part)
    this.#book.apply(begun)
    return begun
  }

  /** Pause, go on, or give up. @returns undefined when the state does not allow it */
  async change(id: string, state: 'paused' | 'running' | 'cancelled', who: string): Promise<Campaign | undefined> {
    const campaign = this.#book.get(id)
    if (campaign === undefined || !MAY_BECOME[campaign.state].includes(state) || this.#changing.has(id))
      return undefined
    await this.#move(campaign, { state, ending: state === 'running' ? null : `${state}_by:${who}` })
    if (state === 'cancelled') this.#withdrawAll(id, who)
    return this.#book.get(id)
  }

  /** The second person agrees. @returns undefined when it does not wait for one */
  async approve(id: string, who: string): Promise<Campaign | undefined> {
    const campaign = this.#book.get(id)
    if (campaign?.state !== 'proposed' || this.#changing.has(id)) return undefined
    await this.#move(campaign, { state: 'running', approved_by: who })
    return this.#book.get(id)
  }

  /** What the wave under way has come to. */
  progress(campaign: Campaign): WaveProgress {
    return this.#book.progress(campaign, (device) => this.#commandsOf(campaign, device))
  }

  /** Whether a command must wait for another report because its campaign rests. */
  rests(entry: LedgerEntry): boolean {
    const id = campaignOfCause(entry.cause)
    // Also of a campaign that was stopped: a crash may have come before its commands were taken back.
    return id !== undefined && this.#book.get(id)?.state !== 'running'
  }

  /** One turn of all campaigns. */
  tick(): void {
    if (!this.#isBegun) {
      this.#isBegun = true
      for (const { id, state } of this.#book.list())
        if (state === 'stopped' || state === 'cancelled') this.#withdrawAll(id, 'the campaign')
    }
    for (const campaign of this.#book.list())
      if (campaign.state === 'running' && !this.#changing.has(campaign.id)) this.#turn(campaign)
  }

  #turn(campaign: Campaign): void {
    const progress = this.progress(campaign)
    const verdict = judgeWave(progress, campaign.stop_rate)
    if (verdict.next === 'stop') {
      const ending = `failures:${verdict.failed}/${verdict.targets}`
      this.#move(campaign, { state: 'stopped', ending }).then(
        () => this.#withdrawAll(campaign.id, 'the campaign'),
        this.#ports.failed,
      )
    } else if (verdict.next === 'wave') {
      const { past, at_wave } = campaign
      const sum = {
        confirmed: past.confirmed + progress.confirmed,
        failed: past.failed + progress.failed,
        cancelled: past.cancelled + progress.cancelled,
      }
      const last = at_wave + 1 >= wavesOf(campaign, this.#book.targets(campaign.id).length)
      this.#move(campaign, { at_wave: at_wave + 1, past: sum, ...(last && { state: 'done' as const }) }).catch(
        this.#ports.failed,
      )
    } else if (progress.waiting > 0) this.#give(campaign)
  }

  /** Commands of a campaign to a device, one for each thing it is told; undefined what is still to come. */
  #commandsOf(campaign: Campaign, device: number): readonly (LedgerEntry | undefined)[] {
    const isOne = campaign.firmware !== undefined || campaign.order !== undefined
    const steps = isOne ? 1 : this.#book.settingsOf(campaign, device).length
    return Array.from({ length: steps }, (_, step) =>
      this.#ports.commandOf(kindOf(campaign), device, causeOf(campaign.id, step)),
    )
  }

  /** The requests by which a device is told what it was not yet asked. */
  #requestsOf(campaign: Campaign, device: number, now: number): CommandRequest[] {
    const { id, firmware, order, priority, command_life_ms } = campaign
    const common = { device: String(device), now, expiresAt: now + command_life_ms, priority }
    if (order !== undefined) return [{ ...order, cause: causeOf(id), ...common }]
    if (firmware !== undefined) {
      const image = { ...firmware, from: this.#ports.versionOf(device) }
      return [{ kind: 'firmware', cause: causeOf(id), ...common, firmware: image }]
    }
    return this.#book
      .settingsOf(campaign, device)
      .map((setting, step) => ({ kind: 'parameter', cause: causeOf(id, step), ...common, setting }))
  }

  /** Gives the commands of the wave, as many as each cell may have under way. */
  #give(campaign: Campaign): void {
    const ports = this.#ports
    const targets = this.#book.targets(campaign.id)
    const [from, to] = waveBounds(campaign, campaign.at_wave, targets.length)
    const underWay = new Map<number, number>()
    const waiting: [device: number, cell: number][] = []
    for (let i = from; i < to; i++) {
      const device = targets[i] ?? 0
      const cell = ports.cellOf(device)
      const commands = this.#commandsOf(campaign, device)
      if (commands.includes(undefined)) waiting.push([device, cell])
      else if (commands.some((command) => command !== undefined && isLive(command.state)))
        underWay.set(cell, (underWay.get(cell) ?? 0) + 1)
    }
    const now = ports.now()
    const requests: CommandRequest[] = []
    for (const [device, cell] of waiting) {
      const busy = underWay.get(cell) ?? 0
      if (cell !== NO_CELL && busy >= campaign.per_cell) continue
      underWay.set(cell, busy + 1)
      requests.push(...this.#requestsOf(campaign, device, now))
      if (requests.length >= MOST_A_TURN) break
    }
    if (requests.length > 0) ports.order(requests)
  }

  #withdrawAll(id: string, who: string): void {
    const campaign = this.#book.get(id)
    if (campaign === undefined) return
    const queued = this.#book
      .targets(id)
      .flatMap((device) => this.#commandsOf(campaign, device))
      .flatMap((command) => (command?.state === 'queued' ? [command.id] : []))
    this.#ports.withdraw(queued, who)
  }

  async #move(campaign: Campaign, change: Partial<Campaign>): Promise<void> {
    const moved = { ...campaign, ...change, updated_at: this.#ports.now() }
    this.#changing.add(campaign.id)
    try {
      await this.#ports.record([{ type: 'campaign', at: moved.updated_at, campaign: moved }])
      this.#book.apply(moved)
    } finally {
      this.#changing.delete(campaign.id)
    }
  }
}

const MAY_BECOME: Readonly<Record<CampaignState, readonly CampaignState[]>> = {
  proposed: ['cancelled'],
  running: ['paused', 'cancelled'],
  paused: ['running', 'cancelled'],
  stopped: ['cancelled'],
  cancelled: [],
  done: [],
}
