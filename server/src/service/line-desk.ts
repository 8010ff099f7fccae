import { ADDRESS_LIFE_MS, type ConcentratorTwin, type Report, UsageError } from '@gastwin/twin'
import type { ConcentratorClient } from '../command/concentrator-client.ts'
import type { CommandLedger, CommandRequest, DeliveryRules } from '../command/ledger.ts'
import type { LedgerEntry } from '../command/ledger-snapshot.ts'
import { dueThrough, type LineReach, lineRefusal, takePassed } from '../command/line-commands.ts'
import { orderOf } from '../command/line-form.ts'
import type { DeviceOrder, MeterOrder } from '../contract/index.ts'
import { PARAMETER_LIMITS } from '../contract/index.ts'
import type { CityState } from '../pipeline/city-state.ts'
import { lineReach } from '../pipeline/line-reach.ts'
import { type AnswerForms, CONTENT_FORMAT, type DeviceLookup, encodeAnswer, type LineTerms } from '../protocol/index.ts'
import { OrderNumbers, openTaken, orderForm, sealOrder } from '../trust/sealed-frame.ts'
import type { TrustBook } from '../trust/trust-book.ts'
import type { CommandDesk } from './command-desk.ts'

export interface LineDeskParts {
  readonly city: CityState
  readonly ledger: CommandLedger
  readonly commands: CommandDesk
  /** Of what waits although it could be told. */
  readonly rules: DeliveryRules
  readonly lookup: () => DeviceLookup
  readonly authority: LineTerms['authority']
  readonly client: ConcentratorClient
  readonly trust: TrustBook
  readonly now: () => number
  readonly failed: (error: unknown) => void
}

/** What a concentrator is told for itself; it has no valve of its own. */
const OWN_FORMS: AnswerForms = { clock: true, close: false, parameter: true }

/** A close needs no more than a reason; everything else is kept in bounds here. */
export function orderFault(order: MeterOrder | Extract<DeviceOrder, { kind: 'price' }>): string | undefined {
  if (order.kind === 'parameter') {
    const [least, most] = PARAMETER_LIMITS[order.parameter]
    const inside = order.value >= least && order.value <= most
    return inside ? undefined : `${order.parameter} may be ${least} to ${most}, not ${order.value}`
  }
  if (order.kind !== 'price') return undefined
  const { tiers } = order.prices
  const ends = tiers.map(({ to_m3: end }) => end ?? Number.POSITIVE_INFINITY)
  const rising = ends.every((end, i) => end > (ends[i - 1] ?? 0))
  if (!rising || ends.at(-1) !== Number.POSITIVE_INFINITY) return 'steps end at rising volumes, and the last has no end'
  return undefined
}

/** What became of orders that were said to ports at which concentrators listen. */
export interface ToldCounts {
  taken: number
  /** Not acknowledged, or by nobody who could prove that he took them: they ride on the answer to the next word. */
  waiting: number
  /** Nobody was asked: where the concentrator spoke last is too long ago. */
  stale: number
}

/** What of a request decides whether a line carries it. */
export type LinePart = Parameters<typeof orderOf>[0]

/** Commands for meters behind concentrators: told on the concentrator's word, or at once where it listens. */
export class LineDesk {
  readonly told: ToldCounts = { taken: 0, waiting: 0, stale: 0 }
  readonly #parts: LineDeskParts
  readonly #reach: LineReach
  readonly #pushing = new Set<number>()
  readonly #numbers = new OrderNumbers()

  constructor(parts: LineDeskParts) {
    this.#parts = parts
    this.#reach = lineReach(parts.city, parts.lookup, parts.authority)
  }

  /** Whether a device is told things by a concentrator, and nothing on the answer to its values. */
  isBehind(device: number): boolean {
    return this.#parts.city.concentrators.reaching(device) !== undefined
  }

  /** Why a meter can never be told this; undefined for meters that speak for themselves, and when it can. */
  refusal(order: LinePart, device: number): string | undefined {
    const meter = this.#parts.city.concentrators.reaching(device)?.meterAt(device)
    if (meter === undefined) return undefined
    const said = orderOf(order)
    if (said !== undefined) return lineRefusal(said, meter, this.#reach, this.#parts.now())
    return order.read === undefined
      ? `${order.kind}: a meter behind a concentrator has no form for it`
      : 'a meter behind a concentrator is asked for past days by POST /concentrators/{number}/read'
  }

  /** What a concentrator said of commands. */
  take({ device, concentrator }: Report, now: number): void {
    const { ledger, city, commands, failed } = this.#parts
    const passed = concentrator?.passed ?? []
    if (passed.length === 0) return
    commands.note(takePassed(ledger, city.concentrators, this.#reach, device, passed, now)).catch(failed)
  }

  /**
   * The answer to a concentrator's word: its lists and readings, what it passes on, and an order to itself.
   * @returns the payload, and when it may leave: what a device may do is on record before
   */
  answer(twin: ConcentratorTwin, now: number): { readonly payload: Uint8Array; readonly recorded: Promise<unknown> } {
    const { ledger, city, commands, rules, lookup } = this.#parts
    const { number: device } = twin.archive
    const { frames, changed } = dueThrough(ledger, city.concentrators, this.#reach, twin, now, rules)
    // What a meter is to be told for the first time goes before lists and readings, so that the answer stays small: they come next.
    const isNew = changed.some(({ state }) => state === 'sent')
    const others = twin.orders().filter(({ kind }) => !isNew || kind === 'network')
    const orders = frames.length > 0 ? [...others, { kind: 'pass_on' as const, frames }] : others
    const { command, recorded } = commands.nextFor(device, now, OWN_FORMS, rules)
    const said = { device, now, orders, ...(command && { command }) }
    const payload = encodeAnswer(CONTENT_FORMAT.CBOR, said, lookup())
    return { payload, recorded: Promise.all([recorded, commands.note(changed)]) }
  }

  /** Tells what waits at once to concentrators that listen; the rest hear it on their next word. @param devices meters behind them, or themselves */
  push(devices: readonly number[]): void {
    const { concentrators } = this.#parts.city
    const twins = new Set(devices.map((device) => concentrators.find(device) ?? concentrators.reaching(device)))
    for (const twin of twins) if (twin !== undefined) this.#tell(twin).catch(this.#parts.failed)
  }

  async #tell(twin: ConcentratorTwin): Promise<void> {
    const { number } = twin.archive
    const { servicePort: port } = twin.status
    const { now, trust, client } = this.#parts
    if (port === undefined || port === 0 || twin.host === '' || this.#pushing.has(number)) return
    // Carriers give addresses to others: who has this one by now must not hear what was meant for the concentrator.
    if (now() - twin.hostAt > ADDRESS_LIFE_MS) {
      this.told.stale++
      return
    }
    const form = orderForm(number, trust)
    if (form === undefined) return
    this.#pushing.add(number)
    try {
      const at = now()
      const { payload, recorded } = this.answer(twin, at)
      await recorded
      const { key } = form
      const counter = this.#numbers.next(number, at)
      const target = { host: twin.host, port }
      const reply = await (key === undefined
        ? client.tell(target, payload, CONTENT_FORMAT.CBOR)
        : client.tell(target, sealOrder(number, counter, payload, key), CONTENT_FORMAT.SEALED))
      const isTold = reply !== undefined && (key === undefined || openTaken(number, reply, key)?.counter === counter)
      this.told[isTold ? 'taken' : 'waiting']++
    } finally {
      this.#pushing.delete(number)
    }
  }
}

/** An order of the API as the ledger keeps it. */
export function requestOf(
  order: MeterOrder,
): Pick<CommandRequest, 'setting' | 'prices'> & { readonly kind: MeterOrder['kind'] } {
  if (order.kind === 'price') return { kind: 'price', prices: order.prices }
  if (order.kind !== 'parameter') return { kind: order.kind }
  return { kind: 'parameter', setting: { parameter: order.parameter, value: order.value } }
}

/** What people order of meters behind a concentrator came to. */
export interface LineOrders {
  readonly commands: readonly LedgerEntry[]
  readonly refused: readonly { readonly device: string; readonly why: string }[]
}

/** @throws UsageError API_NOT_FOUND for a meter that is not behind it */
export function addressesOf(twin: ConcentratorTwin, meters: readonly string[] | null): readonly number[] {
  if (meters === null) return twin.meters.map(({ address }) => address)
  return meters.map((number) => {
    const meter = twin.meter(Number(number)) ?? twin.meterAt(Number(number))
    if (meter === undefined)
      throw new UsageError('API_NOT_FOUND', `meter ${number} is not behind concentrator ${twin.archive.number}`)
    return meter.address
  })
}
