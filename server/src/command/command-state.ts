import type { CommandRecord } from '../contract/safety.ts'

export type CommandState = CommandRecord['state']

/**
 * Which state may follow which. `sent` may follow itself (sent again). What was given up can still be confirmed: a valve that
 * proves closed is closed, whatever was believed before.
 */
const FOLLOWERS: Readonly<Record<CommandState, readonly CommandState[]>> = {
  queued: ['sent', 'accepted', 'confirmed', 'expired', 'refused', 'failed', 'cancelled'],
  sent: ['sent', 'accepted', 'confirmed', 'expired', 'refused', 'failed'],
  accepted: ['confirmed', 'expired', 'failed'],
  confirmed: [],
  expired: ['confirmed'],
  refused: [],
  failed: ['confirmed'],
  cancelled: [],
}

export const COMMAND_STATES = Object.keys(FOLLOWERS) as readonly CommandState[]

export const mayFollow = (from: CommandState, to: CommandState): boolean => FOLLOWERS[from].includes(to)

/** Still to be delivered to the device. */
export const isWaiting = (state: CommandState): boolean => state === 'queued' || state === 'sent'

/** Neither done nor given up. */
export const isLive = (state: CommandState): boolean => isWaiting(state) || state === 'accepted'
