import { timingSafeEqual } from 'node:crypto'
import { runKeyProgram } from './key-program.ts'
import { hmacSm3 } from './sm3.ts'

const PURPOSE = 'gastwin root key'
const CHECKED = new TextEncoder().encode('gastwin root key check 1')
const CHECK_BYTES = 8
const MOST_WRAPPED = 4_096

/** What the KMS made of a key, and by what to tell that it gave the same key back. */
export interface WrappedKey {
  /** The KMS's own text, which only it can read. */
  readonly wrapped: string
  /** Hexadecimal digits. */
  readonly check: string
}

/**
 * A key management system that keeps its key: it is asked, by a program of the utility, to wrap a key and to unwrap it again. The
 * program gets one JSON object on its input and prints one.
 */
export class Kms {
  readonly #command: readonly string[]

  /** @param command program and arguments */
  constructor(command: readonly string[]) {
    this.#command = command
  }

  /** @throws UsageError CFG_INVALID */
  wrap(key: Uint8Array): WrappedKey {
    const answer = this.#ask({ do: 'wrap', purpose: PURPOSE, key: Buffer.from(key).toString('hex') }, 'wrapped')
    if (answer.text.length > MOST_WRAPPED || answer.text.includes(Buffer.from(key).toString('hex')))
      return answer.fail('did not wrap the key')
    return { wrapped: answer.text, check: checkOf(key) }
  }

  /** @throws UsageError CFG_INVALID, also when it gives another key back than the one that was wrapped */
  unwrap({ wrapped, check }: WrappedKey): Uint8Array {
    const { text, fail } = this.#ask({ do: 'unwrap', purpose: PURPOSE, wrapped }, 'key')
    if (!/^([0-9a-f]{2}){16,64}$/i.test(text)) return fail('did not give a key back')
    const key = new Uint8Array(Buffer.from(text, 'hex'))
    return timingSafeEqual(Buffer.from(checkOf(key)), Buffer.from(check)) ? key : fail('gave another key back')
  }

  #ask(question: Readonly<Record<string, string>>, wanted: string) {
    const { printed, fail } = runKeyProgram(this.#command, `${JSON.stringify(question)}\n`)
    let text: unknown
    try {
      text = (JSON.parse(printed) as Record<string, unknown> | null)?.[wanted]
    } catch {
      return fail(`did not print JSON with "${wanted}"`)
    }
    return typeof text === 'string' && text !== '' ? { text, fail } : fail(`did not print JSON with "${wanted}"`)
  }
}

/** Tells keys apart and says nothing about them: the root key has 128 bits of its own. */
const checkOf = (key: Uint8Array): string => Buffer.from(hmacSm3(key, CHECKED).subarray(0, CHECK_BYTES)).toString('hex')
