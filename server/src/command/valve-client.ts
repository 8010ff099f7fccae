import { setTimeout as pause } from 'node:timers/promises'
import { CommandError, type ValvePosition } from '@gastwin/twin'
import {
  CONTENT_FORMAT,
  decodeValveReply,
  encodeValveRequest,
  type ValveOperation,
  type ValveReply,
} from '../protocol/index.ts'
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

/** How one order travels to an actuator, and how what it answers is read: in clear, or under the seal of its session. */
export interface OrderEnvelope {
  readonly contentFormat: number
  wrap(request: Uint8Array): Uint8Array
  /** @returns the words of the actuator about the order that was wrapped last; undefined for what anybody else may have sent */
  unwrap(reply: Uint8Array): Uint8Array | undefined
  /** The actuator's refusal, which may prove why. */
  refused(reply: Uint8Array): void
}

export const ORDER_IN_CLEAR: OrderEnvelope = {
  contentFormat: CONTENT_FORMAT.CBOR,
  wrap: (request) => request,
  unwrap: (reply) => reply,
  refused: () => {},
}

export interface ValveClientOptions {
  /** Exchanges at the same time; more wait. Default 32. */
  readonly lanes?: number
  /** Lanes made at start. Default 4. */
  readonly warm?: number
  /** Wait for the answer to one step, the library's retransmissions (after 2–3 s, then doubling) within. Default 10 s. */
  readonly stepTimeoutMs?: number
  /** Whole exchanges tried when the device stays silent or resets. Default 2. */
  readonly tries?: number
  /** Wait before the next try of a device that does not know its session and is about to make another, ms. Default 2 000. */
  readonly contactPauseMs?: number
}

const NO_SESSION = '4.01'

/** Closes remote valves. It cannot do anything else to them: the wire knows no operation that opens (S2-18). */
export class ValveClient {
  readonly #pool: LanePool
  readonly #stepTimeoutMs: number
  readonly #tries: number
  readonly #contactPauseMs: number
  readonly #running = new Map<string, Promise<ValveAnswer>>()

  constructor(options: ValveClientOptions = {}) {
    this.#pool = new LanePool(options.lanes ?? 32, options.warm ?? 4)
    this.#stepTimeoutMs = options.stepTimeoutMs ?? 10_000
    this.#tries = options.tries ?? 2
    this.#contactPauseMs = options.contactPauseMs ?? 2_000
  }

  /**
   * Select, compare the number that the actuator answers, close. Takes at most 2 × tries × stepTimeoutMs; the same command asked
   * for again while it runs is the same exchange.
   * @param device the valve actuator's own number
   * @param commandId number under which the actuator reports its arrival
   * @param onCloseSent called when the close datagram has been handed to the socket
   * @param envelope asked before each try; undefined when the order must be sealed and there is no session to seal it
   */
  operateValve(
    target: CoapTarget,
    device: number,
    commandId: number,
    onCloseSent: () => void = () => {},
    envelope: () => OrderEnvelope | undefined = () => ORDER_IN_CLEAR,
  ): Promise<ValveAnswer> {
    const name = `${target.host} ${target.port} ${device} ${commandId}`
    const running = this.#running.get(name)
    if (running) return running
    const command = { device, commandId, envelope, knew: true }
    const answer = this.#operate(target, command, onCloseSent).finally(() => this.#running.delete(name))
    this.#running.set(name, answer)
    return answer
  }

  async #operate(target: CoapTarget, command: Command, onCloseSent: () => void): Promise<ValveAnswer> {
    let answer: ValveAnswer = { outcome: 'silent', step: 'select' }
    for (let attempt = 0; attempt < this.#tries; attempt++) {
      if (!command.knew) await pause(this.#contactPauseMs)
      command.knew = true
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
    const { device, commandId } = command
    const envelope = command.envelope()
    if (envelope === undefined) return { outcome: 'failed', step, detail: 'no session' }
    try {
      const request = envelope.wrap(encodeValveRequest({ operation: step, device, commandId }))
      const answer = await lane.post(target, 'v', request, this.#stepTimeoutMs, envelope.contentFormat)
      command.knew = answer.code !== NO_SESSION
      return judge(step, command, answer, envelope)
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
  readonly envelope: () => OrderEnvelope | undefined
  /** Whether the device knew its session when it was asked last. */
  knew: boolean
}

function judge(step: ValveOperation, command: Command, answer: CoapAnswer, envelope: OrderEnvelope): ValveAnswer {
  const { device, commandId } = command
  if (answer.codeClass !== 2) {
    envelope.refused(answer.payload)
    const detail = `answered ${answer.code}`
    // A refusal that anybody may have sent ends nothing where the device could prove that it was its own.
    const isProven = envelope.contentFormat !== CONTENT_FORMAT.SEALED
    return { outcome: isProven ? 'refused' : 'failed', step, detail }
  }
  const words = envelope.unwrap(answer.payload)
  if (words === undefined)
    return { outcome: 'failed', step, detail: 'the answer does not bear the seal of the actuator' }
  const reply = decodeValveReply(words)
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
