import type { ValveReply, ValveRequest } from '@gastwin/server/protocol'
import type { ValvePosition } from '@gastwin/twin'

/** After this a selection is forgotten, ms of the wall. */
const SELECTION_MS = 60_000

/** A remote valve on a main: it closes when it was selected and told to, takes its time, and cannot be told to open. */
export class ValveActuator {
  readonly device: number
  /** s */
  readonly travelS: number
  /** Set by scenarios: the spindle will not turn. */
  readonly sticks: boolean
  #position: ValvePosition
  #selected = -1
  #selectedUntil = 0
  /** The command that is being, or was, carried out. */
  #command = -1

  constructor(device: number, open: boolean, travelS: number, sticks: boolean) {
    this.device = device
    this.#position = open ? 'open' : 'closed'
    this.travelS = travelS
    this.sticks = sticks
  }

  get position(): ValvePosition {
    return this.#position
  }
  get command(): number {
    return this.#command
  }

  /**
   * Takes a request. Repeating one changes nothing more.
   * @param wall ms
   * @returns the reply, and whether the spindle begins to move
   */
  handle(request: ValveRequest, wall: number): { readonly reply: ValveReply; readonly moves: boolean } {
    const { operation, commandId } = request
    const reply = (accepted: boolean): ValveReply => ({
      operation,
      device: this.device,
      commandId,
      accepted,
      position: this.#position,
    })
    if (request.device !== this.device) return { reply: reply(false), moves: false }
    if (operation === 'select') {
      this.#selected = commandId
      this.#selectedUntil = wall + SELECTION_MS
      return { reply: reply(true), moves: false }
    }
    if (commandId === this.#command) return { reply: reply(true), moves: false }
    if (this.#selected !== commandId || wall > this.#selectedUntil) return { reply: reply(false), moves: false }
    this.#command = commandId
    const moves = this.#position === 'open' || this.#position === 'abnormal'
    if (moves) this.#position = 'moving'
    return { reply: reply(true), moves }
  }

  /** The time of travel is over. @returns true when the valve is tight */
  arrive(): boolean {
    this.#position = this.sticks ? 'abnormal' : 'closed'
    return !this.sticks
  }

  /** Somebody on site turned it by hand. */
  turnByHand(open: boolean): void {
    this.#position = open ? 'open' : 'closed'
    this.#command = -1
  }
}
