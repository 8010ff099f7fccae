import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import path from 'node:path'
import { UsageError } from '@gastwin/twin'
import { Envelope } from './envelope.ts'

const FORMAT = 'gastwin-keyring/1'
const PURPOSE = 'root key'

/** The file: the root key under the master key, and when the master key changed. Instants are Unix ms of the wall. */
interface Keyring {
  readonly format: string
  readonly made_at: number
  readonly rotated_at: number | null
  readonly rotations: number
  readonly root: string
}

/** What may be told of a keyring. */
export type KeyringFacts = Omit<Keyring, 'root' | 'format'>

export const keyringFile = (dataDir: string): string => path.join(dataDir, 'keys.json')

/**
 * The root key, from which device, transport and sealing keys are derived. It stays the same for the life of the meters, which
 * have what was derived from it; the master key that wraps it may change. A first start takes the master key's value as root, so
 * that meters made for that value are read.
 * @param masterKey 16 bytes; empty when there is none: then there is no root key either
 * @param makeAt wall time at which a missing keyring is made; undefined only reads
 * @throws UsageError CFG_INVALID when the master key does not open the keyring
 */
export function openRootKey(file: string, masterKey: Uint8Array, makeAt: number | undefined): Uint8Array {
  if (masterKey.length === 0) return masterKey
  if (existsSync(file)) return unwrap(file, readKeyring(file), masterKey)
  if (makeAt !== undefined) {
    const root = wrap(masterKey, masterKey)
    writeKeyring(file, { format: FORMAT, made_at: makeAt, rotated_at: null, rotations: 0, root })
  }
  return masterKey
}

/**
 * Wraps the root key under another master key. The old one opens nothing afterwards; a running service goes on with what it has.
 * @throws UsageError CFG_INVALID when there is no keyring or the present key does not open it
 */
export function rotateMasterKey(file: string, present: Uint8Array, next: Uint8Array, at: number): KeyringFacts {
  if (!existsSync(file))
    throw new UsageError(
      'CFG_INVALID',
      `there is no keyring ${file}: the service makes it at its first start with a key`,
    )
  const keyring = readKeyring(file)
  const root = wrap(unwrap(file, keyring, present), next)
  writeKeyring(file, { ...keyring, root, rotated_at: at, rotations: keyring.rotations + 1 })
  return keyringFacts(file) as KeyringFacts
}

/** What may be told; undefined when there is no keyring. */
export function keyringFacts(file: string): KeyringFacts | undefined {
  if (!existsSync(file)) return undefined
  const { made_at, rotated_at, rotations } = readKeyring(file)
  return { made_at, rotated_at, rotations }
}

const wrap = (root: Uint8Array, masterKey: Uint8Array): string =>
  Buffer.from(new Envelope(masterKey).seal(root, PURPOSE)).toString('hex')

function unwrap(file: string, keyring: Keyring, masterKey: Uint8Array): Uint8Array {
  const root = new Envelope(masterKey).open(Buffer.from(keyring.root, 'hex'), PURPOSE)
  if (root !== undefined) return root
  throw new UsageError('CFG_INVALID', `the master key does not open ${file}: it was changed, or is of another service`)
}

function readKeyring(file: string): Keyring {
  try {
    const keyring = JSON.parse(readFileSync(file, 'utf8')) as Keyring
    if (keyring.format === FORMAT && typeof keyring.root === 'string') return keyring
  } catch (error) {
    throw new UsageError('CFG_INVALID', `the keyring ${file} cannot be read`, {}, error)
  }
  throw new UsageError('CFG_INVALID', `${file} is no ${FORMAT}`)
}

/** Beside it, then renamed: there is always one that opens. */
function writeKeyring(file: string, keyring: Keyring): void {
  mkdirSync(path.dirname(file), { recursive: true })
  const beside = `${file}.making`
  const handle = openSync(beside, 'w', 0o600)
  try {
    writeSync(handle, `${JSON.stringify(keyring, null, 1)}\n`)
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
  renameSync(beside, file)
}
