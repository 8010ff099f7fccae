import type { CommandRequest } from '../command/ledger.ts'
import type { LedgerEntry } from '../command/ledger-snapshot.ts'
import type { PlatformEvent } from '../log/platform-events.ts'
import { type Campaign, type CampaignState, judgeWave, type WaveProgress, waveBounds, wavesOf } from './campaign.ts'
import { type CampaignBook, campaignOfCause, causeOf, targetParts } from './campaign-book.ts'
import { type CellLoad, NO_CELL } from './cell-load.ts'

/** What a campaign acts on. */
export interface CampaignPorts {
  /** Service clock, Unix ms. */
  now(): number
  /** Makes events durable. @throws (rejects) StoreError LOG_FULL */
  record(events: readonly PlatformEvent[]): Promise<void>
  commandOf(device: number, cause: string): LedgerEntry | undefined
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
  readonly #load: CellLoad
  /** Campaigns whose next state is on its way to the log. */
  readonly #changing = new Set<string>()
  #isBegun = false

  constructor(book: CampaignBook, load: CellLoad, ports: CampaignPorts) {
    this.#book = book
    this.#load = load
    this.#ports = ports
  }

  /**
   * Puts a campaign on record; its canary begins with the next turn.
   * @param numbers devices in rising order
   * @throws (rejects) StoreError LOG_FULL
   */
  async begin(
    campaign: Omit<Campaign, 'id' | 'state' | 'at_wave' | 'ending' | 'past' | 'targets'>,
    numbers: Float64Array,
  ): Promise<Campaign> {
    const id = this.#book.takeId()
    const begun: Campaign = {
      ...campaign,
      id,
      targets: numbers.length,
      state: 'running',
      at_wave: 0,
      ending: null,
      past: { confirmed: 0, failed: 0, cancelled: 0 },
    }
    const parts = targetParts(id, numbers)
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

  /** What the wave under way has come to. */
  progress(campaign: Campaign): WaveProgress {
    const cause = causeOf(campaign.id)
    return this.#book.progress(campaign, (device) => this.#ports.commandOf(device, cause))
  }

  /** Whether a command must wait for another report: its campaign rests, or its cell carries enough already. */
  holds(entry: LedgerEntry, now: number): boolean {
    const id = campaignOfCause(entry.cause)
    if (id === undefined) return false
    // Also of a campaign that was stopped: a crash may have come before its commands were taken back.
    if (this.#book.get(id)?.state !== 'running') return true
    return this.#load.isBusy(this.#ports.cellOf(Number(entry.device)), now)
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

  /** Gives the commands of the wave, as many as each cell may have under way. */
  #give(campaign: Campaign): void {
    const { ports, targets, cause } = this.#of(campaign)
    const [from, to] = waveBounds(campaign, campaign.at_wave, targets.length)
    const underWay = new Map<number, number>()
    const waiting: [device: number, cell: number][] = []
    for (let i = from; i < to; i++) {
      const device = targets[i] ?? 0
      const cell = ports.cellOf(device)
      const command = ports.commandOf(device, cause)
      if (command === undefined) waiting.push([device, cell])
      else if (command.state === 'queued' || command.state === 'sent') underWay.set(cell, (underWay.get(cell) ?? 0) + 1)
    }
    const now = ports.now()
    const requests: CommandRequest[] = []
    for (const [device, cell] of waiting) {
      const busy = underWay.get(cell) ?? 0
      if (cell !== NO_CELL && busy >= campaign.per_cell) continue
      underWay.set(cell, busy + 1)
      requests.push({
        kind: 'parameter',
        device: String(device),
        cause,
        now,
        expiresAt: now + campaign.command_life_ms,
        setting: campaign.setting,
        priority: campaign.priority,
      })
      if (requests.length >= MOST_A_TURN) break
    }
    if (requests.length > 0) ports.order(requests)
  }

  #withdrawAll(id: string, who: string): void {
    const { ports, targets, cause } = this.#of({ id })
    const queued = targets.flatMap((device) => {
      const command = ports.commandOf(device, cause)
      return command?.state === 'queued' ? [command.id] : []
    })
    ports.withdraw(queued, who)
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

  #of({ id }: Pick<Campaign, 'id'>) {
    return { ports: this.#ports, targets: this.#book.targets(id), cause: causeOf(id) }
  }
}

const MAY_BECOME: Readonly<Record<CampaignState, readonly CampaignState[]>> = {
  running: ['paused', 'cancelled'],
  paused: ['running', 'cancelled'],
  stopped: ['cancelled'],
  cancelled: [],
  done: [],
}
