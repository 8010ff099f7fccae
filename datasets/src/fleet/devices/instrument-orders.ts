import type { QueuedCommand } from '@gastwin/server/protocol'
import type { FieldWork } from './field-work.ts'

/** What came of an order, and how the device tells it. */
export interface OrderWord {
  readonly id: number
  readonly accepted: boolean
  /** A device that started again registers. */
  readonly trigger: 'answer' | 'registration'
}

/**
 * Does what an order asks of an RTU or actuator; nothing that moves a valve comes this way.
 * @param reads whether it has something to read
 */
export function obeyOrder(command: QueuedCommand, device: number, work: FieldWork, reads: boolean): OrderWord {
  const { id } = command
  const word = (accepted: boolean, trigger: OrderWord['trigger'] = 'answer'): OrderWord => ({ id, accepted, trigger })
  switch (command.kind) {
    case 'restart':
      // The session was in its memory alone.
      work.link.forgetKey(device)
      return word(true, 'registration')
    case 'renew_key':
      if (!work.link.hasIdentity(device)) return word(false)
      work.link.forgetKey(device)
      return word(true)
    case 'read':
      return word(reads && command.month === undefined)
    default:
      return word(false)
  }
}
