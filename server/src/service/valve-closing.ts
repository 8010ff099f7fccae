import { setTimeout as pause } from 'node:timers/promises'
import { type ServiceAddress, VALVE_POSITIONS } from '@gastwin/twin'
import type { OrderEnvelope, ValveAnswer, ValveClient } from '../command/valve-client.ts'
import type { CityState } from '../pipeline/city-state.ts'
import type { CommandDesk } from './command-desk.ts'

const COMMAND_LIFE_MS = 24 * 3_600_000
/** Less than the shortest wait for a valve's answer. */
const ADDRESS_WAIT_MS = 4_000
const ADDRESS_POLL_MS = 250

interface ValveClosingParts {
  readonly city: CityState
  readonly ledger: CommandDesk
  readonly valves: ValveClient
  /** How an order travels to an actuator; undefined when it must be sealed and there is no session to seal it. */
  readonly envelope: (device: number) => OrderEnvelope | undefined
  readonly now: () => number
  /** A valve is known to be shut, at that time. */
  readonly closed: (valve: string, at: number) => void
}

/** @returns what closes one valve for one cause, on record at each step; it rejects with a word when this try failed */
export function valveClosing(parts: ValveClosingParts): (valve: string, cause: string) => Promise<void> {
  const { city, ledger, valves, envelope, now, closed } = parts
  return async (valve, cause) => {
    const slot = city.isolation.slotOfValve(valve)
    const device = city.fleet.columns.number[slot] ?? 0
    const address = await addressOf(city, slot)
    const at = now()
    const attempt = ledger.list().filter((c) => c.device === String(device) && c.cause.startsWith(cause)).length + 1
    const command = ledger.request({
      kind: 'close',
      device: String(device),
      cause: `${cause}#${attempt}`,
      now: at,
      expiresAt: at + COMMAND_LIFE_MS,
    })
    if (address === undefined) {
      ledger.advance(command.id, 'failed', at, 'no address')
      throw new Error('no_address')
    }
    if (VALVE_POSITIONS[city.fleet.columns.valve[slot] ?? 0] === 'closed') {
      ledger.advance(command.id, 'confirmed', at)
      closed(valve, at)
      return
    }
    const sent = () => ledger.advance(command.id, 'sent', now())
    const answer = await valves.operateValve(address, device, command.id, sent, () => envelope(device))
    const answeredAt = now()
    if (answer.outcome === 'accepted') {
      ledger.advance(command.id, 'accepted', answeredAt)
      if (answer.position === 'closed') closed(valve, answeredAt)
      return
    }
    const why = wordOf(answer)
    ledger.advance(command.id, answer.outcome === 'refused' ? 'refused' : 'failed', answeredAt, why)
    throw new Error(why)
  }
}

/** Where an actuator listens. One that is not known may be about to tell: a try is not spent at once. */
async function addressOf(city: CityState, slot: number): Promise<ServiceAddress | undefined> {
  for (let waited = 0; ; waited += ADDRESS_POLL_MS) {
    const address = city.fleet.serviceAddresses.get(slot)
    if (address !== undefined && address.host !== '' && address.port !== 0) return address
    if (slot < 0 || waited >= ADDRESS_WAIT_MS) return undefined
    await pause(ADDRESS_POLL_MS)
  }
}

function wordOf(answer: Exclude<ValveAnswer, { outcome: 'accepted' }>): string {
  if (answer.outcome === 'wrong_device') return `wrong_device:${answer.answered}`
  const why = answer.outcome === 'failed' && answer.detail === 'no session' ? 'no_session' : answer.outcome
  return `${why}:${answer.step}`
}
