import { NIGHT } from '@gastwin/analytics'
import { type CityCalendar, UsageError } from '@gastwin/twin'
import type { AuditFacts } from '../command/audit-chain.ts'
import { type DeliveryRules, isPermit } from '../command/ledger.ts'
import type { CommandSetting, LedgerEntry } from '../command/ledger-snapshot.ts'
import { isForLine } from '../command/line-form.ts'
import type {
  CampaignChange,
  CampaignFilter,
  CampaignRequest,
  RollbackRequest,
  SpreadingProposal,
  SpreadingRequest,
} from '../contract/index.ts'
import { PARAMETER_LIMITS } from '../contract/index.ts'
import type { Campaign, CampaignDraft, CampaignOrder } from '../devices/campaign.ts'
import type { TargetGroup } from '../devices/campaign-book.ts'
import { CampaignRunner } from '../devices/campaign-runner.ts'
import { CellLoad } from '../devices/cell-load.ts'
import type { DeviceBooks } from '../devices/device-books.ts'
import type { FirmwareImage } from '../devices/firmware-image.ts'
import type { PersonalSeal } from '../devices/personal-seal.ts'
import type { PlatformEvent } from '../log/platform-events.ts'
import { timeSlice } from '../time-slice.ts'
import type { CommandDesk } from './command-desk.ts'
import { CONCENTRATOR_ORDERS, keptOrder, orderWords } from './device-orders.ts'

const DAY_MS = 86_400_000
const SLICE_MS = 5
const COMMAND_LIFE_MS = 7 * DAY_MS
const PER_CELL = 200
/** No order waits longer for a calm cell: a meter whose minute is always busy would never hear it. */
const MOST_HELD_MS = DAY_MS
/** Steps of a spreading campaign that names none. */
const SPREADING_STEPS = { canary: 20, wave: 500, stop_rate: 0.05 } as const

export interface CampaignDeskParts {
  readonly books: DeviceBooks
  readonly commands: CommandDesk
  readonly record: (events: readonly PlatformEvent[]) => Promise<void>
  readonly audit: (at: number, event: string, facts: AuditFacts) => Promise<unknown>
  readonly now: () => number
  readonly failed: (error: unknown) => void
  readonly cellOf: (device: number) => number
  /** Tells at once the concentrators that listen, for themselves and for meters behind them. */
  readonly push: (devices: readonly number[]) => void
  /** Whether a device is told things by a concentrator. */
  readonly isBehind: (device: number) => boolean
  /** Numbers of the devices that a filter finds, rising. */
  readonly targets: (filter: CampaignFilter) => Promise<Float64Array>
  /** Number of the meter that stands at a point now. */
  readonly deviceAt: (point: number) => number
  readonly usableFirmware: (number: number) => FirmwareImage
  readonly planOfCell: (pci: number, capacityPerMinute: number) => SpreadingProposal
  /** Why a permit may not reach its device now. */
  readonly permitRefusal: (entry: LedgerEntry) => string | undefined
  /** The consent that covers the point where a device stands. */
  readonly consentFor: (device: number) => string | undefined
  readonly seal: PersonalSeal
  readonly calendar: CityCalendar
  /** Where in the log the session of a device begins, −1 without one. */
  readonly sessionOf: (device: number) => number
  /** Answers a minute of a cell above which what can wait is held back. */
  readonly cellAnswers: number
  /** Campaigns to more devices ask for a second person. */
  readonly secondPersonAbove: number
}

/** What people decide about many devices, and when what was ordered may go. */
export class CampaignDesk {
  readonly runner: CampaignRunner
  readonly load: CellLoad
  readonly #parts: CampaignDeskParts
  #last: Promise<unknown> = Promise.resolve()

  constructor(parts: CampaignDeskParts) {
    this.#parts = parts
    this.load = new CellLoad(parts.cellAnswers)
    this.runner = new CampaignRunner(parts.books.campaigns, {
      now: parts.now,
      record: parts.record,
      commandOf: (kind, device, cause) => parts.commands.ofCause(kind, String(device), cause),
      versionOf: (device) => parts.books.firmware.running(device)?.version ?? null,
      order: (requests) => {
        parts.commands.requestAll(requests)
        parts.push(requests.map(({ device }) => Number(device)))
      },
      withdraw: (ids, who) => parts.commands.withdraw(ids, parts.now(), who),
      cellOf: parts.cellOf,
      failed: parts.failed,
    })
  }

  /** What holds a command back although the answer to this report could carry it. */
  readonly rules: DeliveryRules = {
    holds: (entry) => {
      const { now, cellOf, permitRefusal } = this.#parts
      if (this.runner.rests(entry)) return true
      // Somebody stands at the meter and waits; what is urgent does not wait for a cell either.
      if (isPermit(entry)) return permitRefusal(entry) !== undefined
      if (entry.priority === 'urgent' || now() - entry.created_at >= MOST_HELD_MS) return false
      return this.load.isBusy(cellOf(Number(entry.device)), now())
    },
    consentFor: (entry) => this.#parts.consentFor(Number(entry.device)),
    open: (sealed) => this.#parts.seal.open(sealed),
    sessionOf: (device) => this.#parts.sessionOf(device),
  }

  /** Whether a campaign to so many waits for a second person. */
  needsSecond(devices: number): boolean {
    return devices > this.#parts.secondPersonAbove
  }

  /** @throws UsageError API_CONFLICT when the filter finds others than the operator saw */
  async begin(request: CampaignRequest, user: string): Promise<Campaign> {
    const { parameter, value, firmware, order, filter, expected_devices } = request
    const given = [parameter, firmware, order].filter((one) => one !== undefined).length
    if (given !== 1 || (parameter === undefined) !== (value === undefined))
      throw new UsageError('API_INPUT', 'a campaign gives a parameter with its value, a firmware image, or an order')
    const { seal, calendar, now } = this.#parts
    const kept = order && keptOrder(order, seal, calendar, now())
    if (parameter !== undefined && value !== undefined) requireInLimits({ parameter, value })
    const numbers = await this.#parts.targets(filter)
    if (numbers.length !== expected_devices)
      throw new UsageError('API_CONFLICT', `the filter finds ${numbers.length} devices, not ${expected_devices}`)
    if (filter.kind === 'concentrator' && (parameter !== undefined || (kept && !CONCENTRATOR_ORDERS.has(kept.kind))))
      throw new UsageError('CMD_REFUSED', 'concentrators take firmware, and the orders clock, restart and renew_key')
    const draft = {
      ...this.#common(request, request.reason, user),
      name: request.name,
      priority: request.priority ?? 'low',
      filter: JSON.stringify(filter).slice(0, 500),
      command_life_ms: request.expires_in_s === undefined ? COMMAND_LIFE_MS : request.expires_in_s * 1000,
      per_cell: request.per_cell ?? PER_CELL,
    } as const
    if (firmware !== undefined) return this.#giveFirmware(firmware, draft, numbers, user)
    if (kept !== undefined) {
      this.#requireForm(kept, numbers)
      return this.#begin({ ...draft, order: kept }, numbers, orderWords(kept), user)
    }
    const setting = { parameter, value } as CommandSetting
    return this.#begin({ ...draft, setting }, numbers, `${parameter} = ${value}`, user)
  }

  /** Sends the devices that a firmware campaign changed back to what they ran before. @throws UsageError saying why not */
  async rollBack(id: string, request: RollbackRequest, user: string): Promise<Campaign> {
    const { books } = this.#parts
    const known = this.#known(id)
    const { firmware, state } = known
    if (firmware === undefined) throw new UsageError('CMD_REFUSED', `campaign ${id} gave no firmware`)
    if (state === 'running' || state === 'paused' || state === 'proposed')
      throw new UsageError('CMD_REFUSED', `campaign ${id} is ${state}: stop it first`)
    const given = books.firmware.image(firmware.image)
    const changed = books.campaigns.targets(id).filter((device) => {
      const runs = books.firmware.running(device)
      return runs?.version === firmware.version && runs.before !== null && runs.before !== firmware.version
    })
    if (changed.length === 0)
      throw new UsageError('CMD_REFUSED', `no device of campaign ${id} runs ${firmware.version}`)
    const former = new Map<string, number>()
    for (const device of changed) {
      const before = books.firmware.running(device)?.before ?? ''
      former.set(before, (former.get(before) ?? 0) + 1)
    }
    const [only = ''] = former.keys()
    if (former.size > 1 && request.firmware === undefined)
      throw new UsageError(
        'CMD_REFUSED',
        `they came from ${[...former].map(([version, n]) => `${version} (${n})`).join(', ')}: name the image`,
      )
    const image =
      request.firmware ??
      books.firmware
        .images()
        .find((one) => one.version === only && one.maker === given?.maker && one.model === given?.model)?.number
    if (image === undefined)
      throw new UsageError('CMD_REFUSED', `there is no image of ${only}, which they ran before: upload it`)
    const draft: CampaignDraft = {
      ...this.#common({ ...stepsOf(known), ...named(request) }, request.reason, user),
      ...{ name: `back from ${known.name}`.slice(0, 100), filter: `changed by ${id}` },
      priority: 'normal',
      ...{ command_life_ms: known.command_life_ms, per_cell: known.per_cell, rollback_of: id },
    }
    return this.#giveFirmware(image, draft, Float64Array.from(changed).sort(), user)
  }

  /** Sets base time, k and x of a cell's daily meters as its plan says. @throws UsageError */
  async spread(pci: number, request: SpreadingRequest, user: string): Promise<Campaign> {
    const plan = this.#parts.planOfCell(pci, request.capacity_per_minute)
    if (plan.meters !== request.expected_meters)
      throw new UsageError('API_CONFLICT', `the plan is for ${plan.meters} meters, not ${request.expected_meters}`)
    const groups = plan.groups.flatMap((group) => this.#targetsOf(group))
    const draft: CampaignDraft = {
      ...this.#common({ ...SPREADING_STEPS, ...named(request) }, request.reason, user),
      ...{ name: `spreading of cell ${pci}`, filter: `cell ${pci}`, spreading: { pci } },
      priority: 'low',
      ...{ command_life_ms: COMMAND_LIFE_MS, per_cell: PER_CELL },
    }
    return this.#begin(draft, groups, `peak ${plan.peak_before} to ${plan.peak_after} a minute`, user)
  }

  async change(id: string, { state, reason }: CampaignChange, user: string): Promise<Campaign> {
    const known = this.#known(id)
    await this.#parts.audit(this.#parts.now(), 'change_campaign', { id, by: user, detail: `${state}: ${reason}` })
    const changed = await this.runner.change(id, state, user)
    if (changed === undefined) throw new UsageError('CMD_REFUSED', `campaign ${id} is ${known.state}`)
    return changed
  }

  /** The second person agrees. @throws UsageError, also for the one who began it */
  async approve(id: string, reason: string, user: string): Promise<Campaign> {
    const known = this.#known(id)
    if (known.state === 'proposed' && personOf(known.by) === personOf(user))
      throw new UsageError('CMD_REFUSED', `campaign ${id} was begun by ${user}: somebody else must agree`)
    await this.#parts.audit(this.#parts.now(), 'approve_campaign', { id, by: user, detail: reason })
    const approved = await this.runner.approve(id, user)
    if (approved === undefined) throw new UsageError('CMD_REFUSED', `campaign ${id} is ${known.state}`)
    return approved
  }

  #known(id: string): Campaign {
    const known = this.#parts.books.campaigns.get(id)
    if (known === undefined) throw new UsageError('API_NOT_FOUND', `no campaign has the id ${id}`)
    return known
  }

  #common(steps: Pick<Campaign, 'canary' | 'wave' | 'stop_rate'>, reason: string, user: string) {
    const at = this.#parts.now()
    return { ...stepsOf(steps), reason, by: user, created_at: at, updated_at: at }
  }

  /** What no concentrator passes on is said before it waits for nothing; a key is renewed by who has one. */
  #requireForm(order: CampaignOrder, numbers: Float64Array): void {
    const { isBehind, sessionOf } = this.#parts
    const refuse = (found: Float64Array, why: string) => {
      if (found.length > 0)
        throw new UsageError('CMD_REFUSED', `${found.length} of the devices ${why}, for one ${found[0]}`)
    }
    if (!isForLine(order))
      refuse(numbers.filter(isBehind), `stand behind a concentrator, which does not pass ${order.kind} on`)
    if (order.kind === 'renew_key')
      refuse(
        numbers.filter((device) => sessionOf(device) < 0),
        'have no session key',
      )
  }

  /** One after the other: what a campaign may not do beside another must still be so when it is on record. */
  #giveFirmware(number: number, draft: CampaignDraft, numbers: Float64Array, user: string): Promise<Campaign> {
    const done = this.#last.then(async () => {
      const image = this.#parts.usableFirmware(number)
      await this.#requireFitting(image, numbers)
      const { version, maker, model } = image
      const firmware = { image: number, version }
      return this.#begin({ ...draft, firmware }, numbers, `${maker} ${model} ${version}`, user)
    })
    this.#last = done.catch(() => undefined)
    return done
  }

  /** What can be known before a device is asked is said before: it would refuse, or burn its battery for nothing. */
  async #requireFitting(image: FirmwareImage, numbers: Float64Array): Promise<void> {
    const { archive, firmware, campaigns } = this.#parts.books
    const refuse = (count: number, device: number, why: string) => {
      if (count > 0) throw new UsageError('CMD_REFUSED', `${count} of the devices ${why}, for one ${device}`)
    }
    let [other, below, busy, behind] = [0, 0, 0, 0]
    let [otherOne, belowOne, busyOne, behindOne] = [0, 0, 0, 0]
    // A campaign that goes on will order what it has not ordered yet.
    const others = new Set<number>()
    for (const one of campaigns.list())
      if (one.firmware !== undefined && GOES_ON.has(one.state))
        for (const device of campaigns.targets(one.id)) others.add(device)
    const slice = timeSlice(SLICE_MS)
    for (const device of numbers) {
      await slice()
      if (this.#parts.isBehind(device)) [behind, behindOne] = [behind + 1, device]
      const row = archive.get('devices', String(device))
      const isOther = (said: string | undefined, wanted: string) => said !== undefined && said !== '' && said !== wanted
      if (isOther(row?.['maker'], image.maker) || isOther(row?.['model'], image.model))
        [other, otherOne] = [other + 1, device]
      const runs = firmware.running(device)?.version
      const known = firmware
        .images()
        .find((one) => one.version === runs && one.maker === image.maker && one.model === image.model)
      if (known !== undefined && known.security > image.security) [below, belowOne] = [below + 1, device]
      if (
        others.has(device) ||
        this.#parts.commands.ofDevice(device).some(({ kind, state }) => kind === 'firmware' && LIVE.has(state))
      )
        [busy, busyOne] = [busy + 1, device]
    }
    refuse(behind, behindOne, 'stand behind a concentrator, which carries no firmware')
    refuse(other, otherOne, `are by the archive not ${image.maker} ${image.model}`)
    refuse(below, belowOne, `run an image above security ${image.security}: what closed a hole is not taken back`)
    refuse(busy, busyOne, 'have a firmware order under way, or to come')
  }

  async #begin(
    draft: CampaignDraft,
    targets: Float64Array | readonly TargetGroup[],
    what: string,
    user: string,
  ): Promise<Campaign> {
    const { audit } = this.#parts
    const devices = targets instanceof Float64Array ? targets.length : targets.reduce((n, g) => n + g.devices.length, 0)
    const { name, reason, created_at } = draft
    await audit(created_at, 'begin_campaign', { name, devices, by: user, detail: `${what}: ${reason}` })
    return this.runner.begin(draft, targets, this.needsSecond(devices))
  }

  /** The slot follows from the number of the meter itself: one that came in place of another gets a base of its own. */
  #targetsOf({ report_base_s, report_spread_s, meters }: SpreadingProposal['groups'][number]): TargetGroup[] {
    const bases = new Map<number, number[]>()
    for (const text of meters) {
      const point = Number(text)
      const device = this.#parts.deviceAt(point)
      const shift = ((point % 100) - (device % 100)) * report_spread_s
      const base = (((report_base_s + shift) % 86_400) + 86_400) % 86_400
      bases.set(base, [...(bases.get(base) ?? []), device])
    }
    return [...bases].map(([base, devices]) => ({
      devices: Float64Array.from(devices).sort(),
      settings: [
        { parameter: 'report_base_s', value: base },
        { parameter: 'report_spread_s', value: report_spread_s },
      ],
      offsets: devices.map((_, i) => Math.floor((i * NIGHT.mostX) / devices.length)),
    }))
  }
}

/** One person may sign in and have a key of the same name. */
const personOf = (user: string): string => user.replace(/^key:/, '')

const GOES_ON: ReadonlySet<Campaign['state']> = new Set(['proposed', 'running', 'paused'])
const LIVE: ReadonlySet<LedgerEntry['state']> = new Set(['queued', 'sent', 'accepted'])

const stepsOf = ({ canary, wave, stop_rate }: Pick<Campaign, 'canary' | 'wave' | 'stop_rate'>) => ({
  ...{ canary, wave, stop_rate },
})

/** The steps that a request names. */
const named = ({ canary, wave, stop_rate }: Pick<RollbackRequest, 'canary' | 'wave' | 'stop_rate'>) => ({
  ...(canary !== undefined && { canary }),
  ...(wave !== undefined && { wave }),
  ...(stop_rate !== undefined && { stop_rate }),
})

/** @throws UsageError CMD_REFUSED for a value that no meter may have */
export function requireInLimits({ parameter, value }: CommandSetting): void {
  const [least, most] = PARAMETER_LIMITS[parameter]
  if (value < least || value > most)
    throw new UsageError('CMD_REFUSED', `${parameter} may be ${least} to ${most}, not ${value}`)
}
