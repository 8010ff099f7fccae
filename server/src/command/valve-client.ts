import { CommandError, type ValvePosition } from '@gastwin/twin'
import { decodeValveReply, encodeValveRequest, type ValveOperation, type ValveReply } from '../protocol/index.ts'
import type { CoapAnswer, CoapLane, CoapTarget } from './coap-lane.ts'
import { LanePool } from './lane-pool.ts'

/**
 * What became of a close command. `accepted`: the actuator closes, or has closed; its arrival comes as a report. `refused`: the
 * device said no. `wrong_device`: another valve answers at this address, nothing was closed. `silent`: no answer to `step`; after
 * `close` the valve may be closing all the same. `failed`: an answer that cannot be read, a Reset, or no socket.
 */
export type ValveAnswer =
  | { readonly outcome: 'accepted'; readonly position: ValvePosition }
  | { readonly outcome: 'refused'; readonly step: ValveOperation; readonly detail: string }
  | { readonly outcome: 'wrong_device'; readonly answered: number }
  | { readonly outcome: 'silent'; readonly step: ValveOperation }
  | { readonly outcome: 'failed'; readonly step: ValveOperation; readonly detail: string }

export interface ValveClientOptions {
  /** Exchanges at the same time; more wait. Default 32. */
  readonly lanes?: number
  /** Lanes made at start. Default 4. */
  readonly warm?: number
  /** Wait for the answer to one step, the library's retransmissions (after 2–3 s, then doubling) within. Default 10 s. */
  readonly stepTimeoutMs?: number
  /** Whole exchanges tried when the device stays silent or resets. Default 2. */
  readonly tries?: number
}

/** Closes remote valves. It cannot do anything else to them: the wire knows no operation that opens (S2-18). */
export class ValveClient {
  readonly #pool: LanePool
  readonly #stepTimeoutMs: number
  readonly #tries: number
  readonly #running = new Map<string, Promise<ValveAnswer>>()

  constructor(options: ValveClientOptions = {}) {
    this.#pool = new LanePool(options.lanes ?? 32, options.warm ?? 4)
    this.#stepTimeoutMs = options.stepTimeoutMs ?? 10_000
    this.#tries = options.tries ?? 2
  }

  /**
   * Select, compare the number that the actuator answers, close. Takes at most 2 × tries × stepTimeoutMs; the same command asked
   * for again while it runs is the same exchange.
   * @param device the valve actuator's own number
   * @param commandId number under which the actuator reports its arrival
   * @param onCloseSent called when the close datagram has been handed to the socket
   */
  operateValve(
    target: CoapTarget,
    device: number,
    commandId: number,
    onCloseSent: () => void = () => {},
  ): Promise<ValveAnswer> {
    const name = `${target.host} ${target.port} ${device} ${commandId}`
    const running = this.#running.get(name)
    if (running) return running
    const answer = this.#operate(target, { device, commandId }, onCloseSent).finally(() => this.#running.delete(name))
    this.#running.set(name, answer)
    return answer
  }

  async #operate(target: CoapTarget, command: Command, onCloseSent: () => void): Promise<ValveAnswer> {
    let answer: ValveAnswer = { outcome: 'silent', step: 'select' }
    for (let attempt = 0; attempt < this.#tries; attempt++) {
      answer = await this.#pool.lend((lane) => this.#exchange(lane, target, command, onCloseSent))
      if (answer.outcome !== 'silent' && answer.outcome !== 'failed') break
    }
    return answer
  }

  async #exchange(lane: CoapLane, target: CoapTarget, command: Command, onCloseSent: () => void): Promise<ValveAnswer> {
    const selected = await this.#step(lane, target, 'select', command)
    if (selected.outcome !== 'accepted') return selected
    const closing = this.#step(lane, target, 'close', command)
    // The library sends on the microtasks after the call; a macrotask later the datagram is with the socket.
    setImmediate(onCloseSent)
    return closing
  }

  async #step(lane: CoapLane, target: CoapTarget, step: ValveOperation, command: Command): Promise<ValveAnswer> {
    try {
      const request = encodeValveRequest({ operation: step, ...command })
      return judge(step, command, await lane.post(target, 'v', request, this.#stepTimeoutMs))
    } catch (error) {
      if (!(error instanceof CommandError)) throw error
      return error.code === 'CMD_TIMEOUT'
        ? { outcome: 'silent', step }
        : { outcome: 'failed', step, detail: error.message }
    }
  }
}

interface Command {
  readonly device: number
  readonly commandId: number
}

function judge(step: ValveOperation, { device, commandId }: Command, answer: CoapAnswer): ValveAnswer {
  if (answer.codeClass !== 2) return { outcome: 'refused', step, detail: `answered ${answer.code}` }
  const reply = decodeValveReply(answer.payload)
  if (isMalformed(reply)) return { outcome: 'failed', step, detail: `${reply.reason}: ${reply.detail}` }
  if (reply.device !== device) return { outcome: 'wrong_device', answered: reply.device }
  if (reply.operation !== step || reply.commandId !== commandId) {
    return { outcome: 'failed', step, detail: `answered ${reply.operation} of command ${reply.commandId}` }
  }
  return reply.accepted
    ? { outcome: 'accepted', position: reply.position }
    : { outcome: 'refused', step, detail: `valve is ${reply.position}` }
}

const isMalformed = <T extends object>(value: T | ValveReply): value is T => 'kind' in value
