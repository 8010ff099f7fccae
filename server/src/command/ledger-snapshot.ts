import { COMMAND_PARAMETERS, type ParameterName } from '../contract/parameters.table.ts'
import { COMMAND_KINDS, type CommandRecord } from '../contract/safety.ts'
import { COMMAND_STATES } from './command-state.ts'

/** Most urgent first. */
export const PRIORITIES = ['urgent', 'normal', 'low'] as const
export type CommandPriority = (typeof PRIORITIES)[number]

/** A command as it is kept: the contract's record, when it expires (Unix ms), and the setting of a parameter command. */
export interface LedgerEntry extends CommandRecord {
  readonly expires_at: number
  readonly setting?: CommandSetting
  readonly priority?: CommandPriority
  /** Of a firmware order: the image, its version, and the version that the device ran when it was ordered. */
  readonly firmware?: FirmwareOrder
  /** Of a permit: how long the button at the meter opens its valve, s. */
  readonly permit?: PermitOrder
  /** Of a change of the way to the platform: the value sealed under the master key. */
  readonly connection?: NonNullable<CommandRecord['connection']>
  /** Of a permit that the device was told: the customer's consent under which it was. */
  readonly consent?: string
}

export interface FirmwareOrder {
  readonly image: number
  readonly version: string
  /** null when it had never said. */
  readonly from: string | null
}

export interface PermitOrder {
  readonly window_s: number
}

/** A setting of the device and its new value, in the unit of the parameter. */
export interface CommandSetting {
  readonly parameter: ParameterName
  readonly value: number
}

/** The ledger as JSON. */
export interface LedgerSnapshot {
  readonly format: 'gastwin-ledger/1'
  readonly nextId: number
  readonly commands: readonly LedgerEntry[]
}

/** Whether a parsed JSON value is a saved ledger. */
export function isSnapshot(saved: unknown): saved is LedgerSnapshot {
  if (!isRecord(saved) || saved['format'] !== 'gastwin-ledger/1' || !Number.isInteger(saved['nextId'])) return false
  return Array.isArray(saved['commands']) && saved['commands'].every(isEntry)
}

function isEntry(entry: unknown): boolean {
  if (!isRecord(entry)) return false
  const { id, device, kind, state, cause, created_at, updated_at, expires_at, tries, error, setting, priority } = entry
  const numbers = [id, created_at, updated_at, expires_at, tries]
  return (
    numbers.every((number) => typeof number === 'number' && Number.isFinite(number)) &&
    typeof device === 'string' &&
    typeof cause === 'string' &&
    (error === null || typeof error === 'string') &&
    COMMAND_KINDS.some((known) => known === kind) &&
    COMMAND_STATES.some((known) => known === state) &&
    (setting === undefined || isSetting(setting)) &&
    (priority === undefined || PRIORITIES.some((known) => known === priority))
  )
}

const isSetting = (setting: unknown): boolean =>
  isRecord(setting) &&
  COMMAND_PARAMETERS.some((parameter) => parameter === setting['parameter']) &&
  typeof setting['value'] === 'number'

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null
