import { spawnSync } from 'node:child_process'
import { UsageError } from '@gastwin/twin'
import { keyBytes } from './device-keys.ts'
import { readKeyFile } from './key-file.ts'

export const MASTER_KEY_BYTES = 16
const ANSWER_WITHIN_MS = 30_000
const MOST_ANSWER_BYTES = 4_096

/** Where the master key comes from: at most one of them. */
export interface MasterKeySource {
  readonly masterKey: string | null
  readonly masterKeyFile: string | null
  /** Program and arguments. */
  readonly masterKeyCommand: readonly string[] | null
}

/**
 * The master key: printed by a command, from a file, or the setting itself; empty when there is none of them.
 * @throws UsageError CFG_INVALID as `readKeyFile` and `keyFromCommand`, or when more than one is given
 */
export function masterKeyOf({ masterKey, masterKeyFile, masterKeyCommand }: MasterKeySource): Uint8Array {
  if ([masterKey, masterKeyFile, masterKeyCommand].filter((source) => source !== null).length > 1)
    throw new UsageError('CFG_INVALID', 'set one of masterKey, masterKeyFile and masterKeyCommand')
  if (masterKeyCommand !== null) return keyFromCommand(masterKeyCommand, MASTER_KEY_BYTES)
  return masterKeyFile === null ? keyBytes(masterKey) : readKeyFile(masterKeyFile, MASTER_KEY_BYTES)
}

/**
 * The master key as the environment names it, for verbs that read no other settings.
 * @throws UsageError CFG_INVALID as `masterKeyOf`, or when the command is no JSON list of texts
 */
export function masterKeyFromEnvironment(environment: Readonly<Record<string, string | undefined>>): Uint8Array {
  const named = (name: string): string | null => environment[name] || null
  const command = named('GASTWIN_MASTER_KEY_COMMAND')
  return masterKeyOf({
    masterKey: named('GASTWIN_MASTER_KEY'),
    masterKeyFile: named('GASTWIN_MASTER_KEY_FILE'),
    masterKeyCommand: command === null ? null : readCommandLine('GASTWIN_MASTER_KEY_COMMAND', command),
  })
}

/** A program and its arguments as a JSON list of texts. @throws UsageError CFG_INVALID */
export function readCommandLine(name: string, text: string): readonly string[] {
  let words: unknown
  try {
    words = JSON.parse(text)
  } catch (error) {
    throw new UsageError('CFG_INVALID', `${name} is no JSON: a list of texts such as ["kms","decrypt"]`, {}, error)
  }
  if (Array.isArray(words) && words.length > 0 && words.every((word) => typeof word === 'string')) return words
  throw new UsageError('CFG_INVALID', `${name} is no list of texts such as ["kms","decrypt"]`)
}

/**
 * A secret that a program prints in hexadecimal digits, as the client of a KMS does that unwraps it. No shell reads the words, nothing
 * is given on its input, and what it printed is never repeated in an error: only its last line on stderr is.
 * @throws UsageError CFG_INVALID when it cannot be run, fails, takes more than 30 s, or prints something else
 */
export function keyFromCommand([program = '', ...words]: readonly string[], bytes: number): Uint8Array {
  const ran = spawnSync(program, words, {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: ANSWER_WITHIN_MS,
    killSignal: 'SIGKILL',
    maxBuffer: MOST_ANSWER_BYTES,
    windowsHide: true,
  })
  const fail = (why: string): never => {
    const said = ran.stderr?.toString('utf8').trim().split('\n').at(-1)?.slice(0, 200) ?? ''
    const words = said === '' ? '' : `: ${said}`
    throw new UsageError('CFG_INVALID', `the key command ${program} ${why}${words}`, {}, ran.error)
  }
  const code = (ran.error as NodeJS.ErrnoException | undefined)?.code
  if (code === 'ETIMEDOUT') return fail(`did not answer within ${ANSWER_WITHIN_MS / 1000} s`)
  if (code === 'ENOBUFS') return fail('said more than a key')
  if (code !== undefined) return fail(`cannot be run (${code})`)
  if (ran.status !== 0) return fail(`ended with ${ran.status ?? ran.signal}`)
  const text = ran.stdout.toString('latin1').trim()
  if (!/^[0-9a-f]+$/i.test(text) || text.length !== 2 * bytes)
    return fail(`did not print ${2 * bytes} hexadecimal digits`)
  return new Uint8Array(Buffer.from(text, 'hex'))
}
