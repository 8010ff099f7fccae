import { UsageError } from '@gastwin/twin'
import type { AuditLog } from '../command/audit-log.ts'
import type { LedgerEntry } from '../command/ledger-snapshot.ts'
import type { CloseMeterRequest, MeterOrdersRequest, SettingRequest } from '../contract/index.ts'
import type { CityState } from '../pipeline/city-state.ts'
import { requireInLimits } from './campaign-desk.ts'
import type { CommandDesk } from './command-desk.ts'
import type { DeviceDesk } from './device-desk.ts'
import { addressesOf, type LineDesk, type LineOrders, orderFault, requestOf } from './line-desk.ts'

const COMMAND_LIFE_MS = 7 * 24 * 3_600_000

/** What people order of single meters: first in the audit, then in the ledger. */
export class MeterOrders {
  readonly #commands: CommandDesk
  readonly #devices: DeviceDesk
  readonly #city: CityState
  readonly #line: LineDesk
  readonly #audit: AuditLog
  readonly #now: () => number

  /** @param now service clock, Unix ms */
  constructor(
    commands: CommandDesk,
    devices: DeviceDesk,
    city: CityState,
    line: LineDesk,
    audit: AuditLog,
    now: () => number,
  ) {
    this.#commands = commands
    this.#devices = devices
    this.#city = city
    this.#line = line
    this.#audit = audit
    this.#now = now
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
    const { parameter, value, priority, reason } = request
    const device = this.#deviceOf(request.device, 'only meters take settings')
    requireInLimits({ parameter, value })
    const detail = `${parameter} = ${value}: ${reason}`
    this.#mustHaveForm({ kind: 'parameter', parameter, value }, device)
    await this.#audit.append(this.#now(), 'set_parameter', { device, by: user, detail })
    const entry = await this.#commands.order({
      kind: 'parameter',
      device,
      setting: { parameter, value },
      ...(priority && { priority }),
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
      const why = this.#line.refusal(order, address)
      if (why !== undefined) refused.push({ device, why })
      else orders.push(this.#commands.order({ ...requestOf(order), device, ...(priority && { priority }), ...terms }))
    }
    const commands = await Promise.all(orders)
    this.#line.push(commands.map(({ device }) => Number(device)))
    return { commands, refused }
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

  #mustHaveForm(order: Parameters<LineDesk['refusal']>[0], device: string): void {
    const why = this.#line.refusal(order, Number(device))
    if (why !== undefined) throw new UsageError('CMD_REFUSED', why)
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
