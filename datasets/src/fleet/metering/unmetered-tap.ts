import { DAY_MS } from '../demand/weather.ts'

/** A secret branch before any meter: used, never counted. */
export class UnmeteredTap {
  readonly node: number
  /** m³/s at the reference state. */
  readonly flow: number
  readonly #from: number
  readonly #begin: number
  readonly #end: number

  /** @param from Unix ms @param begin hour of the day when it is opened @param end hour when it is shut, later than begin */
  constructor(node: number, from: number, flow: number, begin: number, end: number) {
    this.node = node
    this.flow = flow
    this.#from = from
    this.#begin = begin
    this.#end = end
  }

  /** Its use on the day that begins at an instant, in seconds after that. */
  onDay(start: number, sink: (from: number, to: number) => void): void {
    if (start + DAY_MS <= this.#from) return
    const from = Math.max(Math.ceil((this.#from - start) / 1000), Math.round(this.#begin * 3600))
    const to = Math.min(86_400, Math.round(this.#end * 3600))
    if (to > from) sink(from, to)
  }
}
