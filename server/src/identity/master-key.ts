import { UsageError } from '@gastwin/twin'
import { keyBytes } from './device-keys.ts'
import { readKeyFile } from './key-file.ts'
import { runKeyProgram } from './key-program.ts'
import { Kms } from './kms.ts'

export const MASTER_KEY_BYTES = 16

/** Where the master key comes from: at most one of them. */
export interface MasterKeySource {
  readonly masterKey: string | null
  readonly masterKeyFile: string | null
  /** Program and arguments. */
  readonly masterKeyCommand: readonly string[] | null
  /** Program and arguments by which a KMS wraps and unwraps; there is no master key here then. */
  readonly kmsCommand?: readonly string[] | null
}

/**
 * The master key: printed by a command, from a file, or the setting itself; empty when there is none of them. Or who wraps in its
 * place: a KMS that keeps its own.
 * @throws UsageError CFG_INVALID as `readKeyFile` and `keyFromCommand`, or when more than one is given
 */
export function masterKeyOf({
  masterKey,
  masterKeyFile,
  masterKeyCommand,
  kmsCommand = null,
}: MasterKeySource): Uint8Array | Kms {
  if ([masterKey, masterKeyFile, masterKeyCommand, kmsCommand].filter((source) => source !== null).length > 1)
    throw new UsageError('CFG_INVALID', 'set one of masterKey, masterKeyFile, masterKeyCommand and kmsCommand')
  if (kmsCommand !== null) return new Kms(kmsCommand)
  if (masterKeyCommand !== null) return keyFromCommand(masterKeyCommand, MASTER_KEY_BYTES)
  return masterKeyFile === null ? keyBytes(masterKey) : readKeyFile(masterKeyFile, MASTER_KEY_BYTES)
}

/**
 * The master key as the environment names it, for verbs that read no other settings.
 * @throws UsageError CFG_INVALID as `masterKeyOf`, or when the command is no JSON list of texts
 */
export function masterKeyFromEnvironment(environment: Readonly<Record<string, string | undefined>>): Uint8Array | Kms {
  const named = (name: string): string | null => environment[name] || null
  const words = (name: string): readonly string[] | null => {
    const text = named(name)
    return text === null ? null : readCommandLine(name, text)
  }
  return masterKeyOf({
    masterKey: named('GASTWIN_MASTER_KEY'),
    masterKeyFile: named('GASTWIN_MASTER_KEY_FILE'),
    masterKeyCommand: words('GASTWIN_MASTER_KEY_COMMAND'),
    kmsCommand: words('GASTWIN_KMS_COMMAND'),
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
 * A secret that a program prints in hexadecimal digits, as the client of a KMS does that hands it out.
 * @throws UsageError CFG_INVALID as `runKeyProgram`, or when it prints something else
 */
export function keyFromCommand(command: readonly string[], bytes: number): Uint8Array {
  const { printed, fail } = runKeyProgram(command)
  if (!/^[0-9a-f]+$/i.test(printed) || printed.length !== 2 * bytes)
    return fail(`did not print ${2 * bytes} hexadecimal digits`)
  return new Uint8Array(Buffer.from(printed, 'hex'))
}
