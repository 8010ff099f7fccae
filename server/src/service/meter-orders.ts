import { type FleetState, UsageError } from '@gastwin/twin'
import type { AuditLog } from '../command/audit-log.ts'
import type { LedgerEntry } from '../command/ledger-snapshot.ts'
import type { CloseMeterRequest, SettingRequest } from '../contract/index.ts'
import { PARAMETER_LIMITS } from '../contract/index.ts'
import type { CommandDesk } from './command-desk.ts'
import type { DeviceDesk } from './device-desk.ts'

const COMMAND_LIFE_MS = 7 * 24 * 3_600_000

/** What people order of single meters: first in the audit, then in the ledger. */
export class MeterOrders {
  readonly #commands: CommandDesk
  readonly #devices: DeviceDesk
  readonly #fleet: FleetState
  readonly #audit: AuditLog
  readonly #now: () => number

  /** @param now service clock, Unix ms */
  constructor(commands: CommandDesk, devices: DeviceDesk, fleet: FleetState, audit: AuditLog, now: () => number) {
    this.#commands = commands
    this.#devices = devices
    this.#fleet = fleet
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
    await this.#audit.append(this.#now(), 'close_meter', { device, by: user, detail: reason })
    return this.#commands.order({ kind: 'close', device, ...this.#terms(request, user) })
  }

  /** Queues a setting of a meter. @throws UsageError, also for a value that no meter may have */
  async setParameter(request: SettingRequest, user: string): Promise<LedgerEntry> {
    const { parameter, value, priority, reason } = request
    const device = this.#deviceOf(request.device, 'only meters take settings')
    const [least, most] = PARAMETER_LIMITS[parameter]
    if (value < least || value > most)
      throw new UsageError('CMD_REFUSED', `${parameter} may be ${least} to ${most}, not ${value}`)
    const detail = `${parameter} = ${value}: ${reason}`
    await this.#audit.append(this.#now(), 'set_parameter', { device, by: user, detail })
    return this.#commands.order({
      kind: 'parameter',
      device,
      setting: { parameter, value },
      ...(priority && { priority }),
      ...this.#terms(request, user),
    })
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

  /** The meter that stands where the number says. */
  #deviceOf(number: string, why: string): string {
    const slot = this.#devices.slotOf(number)
    if (this.#fleet.columns.kind[slot] !== 0) throw new UsageError('CMD_REFUSED', why)
    return this.#devices.deviceFor(number)
  }

  #terms(request: CloseMeterRequest, user: string): { cause: string; now: number; expiresAt: number } {
    const now = this.#now()
    const { idempotency_key: key, expires_in_s: seconds, reason } = request
    const cause = key === undefined ? `${user} ${new Date(now).toISOString()}: ${reason}` : `key ${key}`
    return { cause, now, expiresAt: now + (seconds === undefined ? COMMAND_LIFE_MS : seconds * 1000) }
  }
}
