import { unpackNumbers } from '../log/packed-numbers.ts'
import type { SecureOnlyEvent } from './trust-events.ts'

/** Which devices are believed over DTLS only from here on, or are no more. */
export interface KnownSecureOnly {
  readonly position: number
  readonly event: SecureOnlyEvent
}

interface Word {
  readonly position: number
  readonly only: boolean
}

/** Which devices are believed over DTLS only, at one place of the log. */
export class SecureOnlyBook {
  /** What another thread must be given, and a snapshot keeps; grows in place. */
  readonly facts: KnownSecureOnly[]
  readonly #words = new Map<number, Word[]>()

  constructor(facts: KnownSecureOnly[] = []) {
    this.facts = facts
    for (const one of facts) this.#index(one)
  }

  get isEmpty(): boolean {
    return this.#words.size === 0
  }

  hold(event: SecureOnlyEvent, position: number): void {
    const known = { position, event }
    this.facts.push(known)
    this.#index(known)
  }

  /** @param at position of the record that is read */
  holds(device: number, at: number): boolean {
    return this.#words.get(device)?.findLast(({ position }) => position < at)?.only ?? false
  }

  /** Those for which it holds at the end of the log, rising. */
  now(): Float64Array {
    const found: number[] = []
    for (const [device, words] of this.#words) if (words.at(-1)?.only === true) found.push(device)
    return Float64Array.from(found).sort()
  }

  #index({ position, event }: KnownSecureOnly): void {
    const { only } = event
    for (const device of unpackNumbers(event.devices)) {
      const words = this.#words.get(device)
      if (words === undefined) this.#words.set(device, [{ position, only }])
      else words.push({ position, only })
    }
  }
}
