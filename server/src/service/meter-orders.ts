import { DEVICE_KINDS, UsageError } from '@gastwin/twin'
import type { AuditLog } from '../command/audit-log.ts'
import type { LedgerEntry } from '../command/ledger-snapshot.ts'
import type {
  CloseMeterRequest,
  DeviceOrder,
  DeviceOrderRequest,
  MeterOrdersRequest,
  SettingRequest,
} from '../contract/index.ts'
import type { PersonalSeal } from '../devices/personal-seal.ts'
import type { CityState } from '../pipeline/city-state.ts'
import { requireInLimits } from './campaign-desk.ts'
import type { CommandDesk } from './command-desk.ts'
import type { DeviceDesk } from './device-desk.ts'
import { CONCENTRATOR_ORDERS, keptOrder, orderWords, shownConnection } from './device-orders.ts'
import { addressesOf, type LineDesk, type LineOrders, type LinePart, orderFault, requestOf } from './line-desk.ts'

const COMMAND_LIFE_MS = 7 * 24 * 3_600_000

/** What instruments take beside the orders that close valves, which are a shut-off's. */
const INSTRUMENT_ORDERS: Readonly<Record<'rtu' | 'valve', readonly DeviceOrder['kind'][]>> = {
  rtu: ['clock', 'read', 'restart', 'renew_key'],
  valve: ['clock', 'restart', 'renew_key'],
}

export interface MeterOrdersParts {
  readonly commands: CommandDesk
  readonly devices: DeviceDesk
  readonly city: CityState
  readonly line: LineDesk
  readonly audit: AuditLog
  /** Service clock, Unix ms. */
  readonly now: () => number
  readonly seal: PersonalSeal
  /** Whether a device has a session key. */
  readonly hasSession: (device: number) => boolean
}

/** What people order of single meters: first in the audit, then in the ledger. */
export class MeterOrders {
  readonly #commands: CommandDesk
  readonly #devices: DeviceDesk
  readonly #city: CityState
  readonly #line: LineDesk
  readonly #audit: AuditLog
  readonly #now: () => number
  readonly #seal: PersonalSeal
  readonly #hasSession: (device: number) => boolean

  constructor({ commands, devices, city, line, audit, now, seal, hasSession }: MeterOrdersParts) {
    this.#commands = commands
    this.#devices = devices
    this.#city = city
    this.#line = line
    this.#audit = audit
    this.#now = now
    this.#seal = seal
    this.#hasSession = hasSession
  }

  /** Queues the closing of a meter's own valve: it rides on the answer to the meter's next report. @throws UsageError */
  async closeMeter(request: CloseMeterRequest, user: string): Promise<LedgerEntry> {
    const { reason } = request
    const device = this.#deviceOf(
      request.device,
      'only meters are closed one by one; network valves close by a shut-off',
    )
    this.#mustHaveForm({ kind: 'close' }, device)
    await this.#audit.append(this.#now(), 'close_meter', { device, by: user, detail: reason })
    const entry = await this.#commands.order({ kind: 'close', device, ...this.#terms(request, user) })
    this.#line.push([Number(device)])
    return entry
  }

  /** Queues a setting of a meter. @throws UsageError, also for a value that no meter may have */
  async setParameter(request: SettingRequest, user: string): Promise<LedgerEntry> {
    const { parameter, value, priority, press, reason } = request
    const device = this.#deviceOf(request.device, 'only meters take settings')
    requireInLimits({ parameter, value })
    const detail = `${parameter} = ${value}: ${reason}`
    this.#mustHaveForm({ kind: 'parameter', setting: { parameter, value } }, device)
    if (press !== undefined) this.#mustHaveButton(device)
    await this.#audit.append(this.#now(), 'set_parameter', { device, by: user, detail })
    const entry = await this.#commands.order({
      kind: 'parameter',
      device,
      setting: { parameter, value },
      ...(priority && { priority }),
      ...(press && { press }),
      ...this.#terms(request, user),
    })
    this.#line.push([Number(device)])
    return entry
  }

  /** Queues any other order for a meter. @throws UsageError saying why not */
  async orderDevice(request: DeviceOrderRequest, user: string): Promise<LedgerEntry> {
    const { priority, press, reason } = request
    const device = this.#takerOf(request)
    if (press !== undefined) this.#mustHaveButton(device)
    const order = keptOrder(request.order, this.#seal, this.#city.calendar, this.#now())
    if (order.kind === 'renew_key' && !this.#hasSession(Number(device)))
      throw new UsageError('CMD_REFUSED', `${device} has no session key: it never made a first contact`)
    this.#mustHaveForm(order, device)
    const detail = `${orderWords(order)}: ${reason}`
    await this.#audit.append(this.#now(), `order_${order.kind}`, { device, by: user, detail })
    const entry = await this.#commands.order({
      ...order,
      device,
      ...(priority && { priority }),
      ...(press && { press }),
      ...this.#terms(request, user),
    })
    this.#line.push([Number(device)])
    return entry
  }

  /**
   * One order for meters behind a concentrator, a command for each. What a meter has no form for is said of that meter.
   * @throws UsageError API_NOT_FOUND, CMD_REFUSED
   */
  async orderBehind(concentrator: string, request: MeterOrdersRequest, user: string): Promise<LineOrders> {
    const { order, meters, priority, reason } = request
    const twin = this.#city.concentrators.find(Number(concentrator))
    if (twin === undefined) throw new UsageError('API_NOT_FOUND', `no concentrator has the number ${concentrator}`)
    const fault = orderFault(order)
    if (fault !== undefined) throw new UsageError('CMD_REFUSED', fault)
    const addresses = addressesOf(twin, meters)
    const detail = `${order.kind} for ${meters === null ? 'all' : addresses.length} meters: ${reason}`
    await this.#audit.append(this.#now(), 'order_behind', { device: concentrator, by: user, detail })
    const terms = this.#terms(request, user)
    const refused: { device: string; why: string }[] = []
    const orders: Promise<LedgerEntry>[] = []
    for (const address of addresses) {
      const device = String(address)
      const why = this.#line.refusal(requestOf(order), address)
      if (why !== undefined) refused.push({ device, why })
      else orders.push(this.#commands.order({ ...requestOf(order), device, ...(priority && { priority }), ...terms }))
    }
    const commands = await Promise.all(orders)
    this.#line.push(commands.map(({ device }) => Number(device)))
    return { commands, refused }
  }

  /** A connection as anybody may see it. */
  shown(connection: NonNullable<LedgerEntry['connection']>): NonNullable<LedgerEntry['connection']> {
    return shownConnection(connection, this.#seal)
  }

  /** Takes back a command that no device was told. @throws UsageError CMD_REFUSED when it was, or has ended */
  async cancelCommand(id: number, user: string): Promise<LedgerEntry> {
    const known = this.#commands.get(id)
    if (known === undefined) throw new UsageError('API_NOT_FOUND', `no command has the number ${id}`)
    await this.#audit.append(this.#now(), 'cancel_command', { device: known.device, by: user, detail: String(id) })
    const after = await this.#commands.cancel(id, this.#now(), user)
    if (after?.state !== 'cancelled')
      throw new UsageError(
        'CMD_REFUSED',
        `command ${id} is ${after?.state}: only what no device was told is taken back`,
      )
    return after
  }

  /** @throws UsageError CMD_REFUSED for what has no button, or is reached by its concentrator at its own times */
  #mustHaveButton(device: string): void {
    const number = Number(device)
    const isMeter = this.#city.fleet.columns.kind[this.#city.fleet.slotOf(number)] === 0
    if (!isMeter) throw new UsageError('CMD_REFUSED', 'only a meter has a button that makes it report')
    if (this.#city.concentrators.ofMeter(number) !== undefined)
      throw new UsageError('CMD_REFUSED', 'what a meter behind a concentrator is told does not wait for its button')
  }

  #mustHaveForm(order: LinePart, device: string): void {
    const why = this.#line.refusal(order, Number(device))
    if (why !== undefined) throw new UsageError('CMD_REFUSED', why)
  }

  /** Of RTUs, remote valves and concentrators those that take an order of this kind too. */
  #takerOf({ device, order }: DeviceOrderRequest): string {
    if (this.#city.concentrators.find(Number(device)) !== undefined) {
      if (CONCENTRATOR_ORDERS.has(order.kind)) return device
      throw new UsageError('CMD_REFUSED', 'a concentrator takes no order of this kind')
    }
    const slot = this.#devices.slotOf(device)
    const kind = DEVICE_KINDS[this.#city.fleet.columns.kind[slot] ?? 0] ?? 'meter'
    if (kind === 'meter') return this.#devices.deviceFor(device)
    const isMonth = order.kind === 'read' && order.month !== undefined
    if (isMonth || !INSTRUMENT_ORDERS[kind].includes(order.kind))
      throw new UsageError('CMD_REFUSED', `${kind === 'rtu' ? 'an RTU' : 'a remote valve'} takes no order of this kind`)
    return this.#devices.deviceFor(device)
  }

  /** The meter that stands where the number says. */
  #deviceOf(number: string, why: string): string {
    const slot = this.#devices.slotOf(number)
    if (this.#city.fleet.columns.kind[slot] !== 0) throw new UsageError('CMD_REFUSED', why)
    return this.#devices.deviceFor(number)
  }

  #terms(
    request: Pick<CloseMeterRequest, 'idempotency_key' | 'expires_in_s' | 'reason'>,
    user: string,
  ): { cause: string; now: number; expiresAt: number } {
    const now = this.#now()
    const { idempotency_key: key, expires_in_s: seconds, reason } = request
    const cause = key === undefined ? `${user} ${new Date(now).toISOString()}: ${reason}` : `key ${key}`
    return { cause, now, expiresAt: now + (seconds === undefined ? COMMAND_LIFE_MS : seconds * 1000) }
  }
}
