import { randomBytes } from 'node:crypto'
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import path from 'node:path'
import { UsageError } from '@gastwin/twin'
import { Envelope } from './envelope.ts'
import { Kms, type WrappedKey } from './kms.ts'

const FORMAT = 'gastwin-keyring/1'
const PURPOSE = 'root key'
const ROOT_BYTES = 16

/** The file: the root key under the master key, and when the master key changed. Instants are Unix ms of the wall. */
interface Keyring {
  readonly format: string
  readonly made_at: number
  readonly rotated_at: number | null
  readonly rotations: number
  /** Under the master key, in hexadecimal digits; or as the KMS wrapped it. */
  readonly root: string | WrappedKey
}

/** What may be told of a keyring. */
export type KeyringFacts = Omit<Keyring, 'root' | 'format'>

export const keyringFile = (dataDir: string): string => path.join(dataDir, 'keys.json')

/**
 * The root key, from which device, transport and sealing keys are derived. It stays the same for the life of the meters, which
 * have what was derived from it; the master key that wraps it may change. A first start takes the master key's value as root, so
 * that meters made for that value are read; with a KMS, which tells its key to nobody, 16 random bytes.
 * @param masterKey 16 bytes, or who wraps; empty when there is none: then there is no root key either
 * @param makeAt wall time at which a missing keyring is made; undefined only reads
 * @throws UsageError CFG_INVALID when the master key does not open the keyring
 */
export function openRootKey(file: string, masterKey: Uint8Array | Kms, makeAt: number | undefined): Uint8Array {
  if (!(masterKey instanceof Kms) && masterKey.length === 0) return masterKey
  if (existsSync(file)) return unwrap(file, readKeyring(file), masterKey)
  if (masterKey instanceof Kms && makeAt === undefined)
    throw new UsageError('CFG_INVALID', `there is no keyring ${file}: what a KMS wrapped is needed to read with it`)
  const rootKey = masterKey instanceof Kms ? new Uint8Array(randomBytes(ROOT_BYTES)) : masterKey
  if (makeAt !== undefined) {
    const root = wrap(rootKey, masterKey)
    writeKeyring(file, { format: FORMAT, made_at: makeAt, rotated_at: null, rotations: 0, root })
  }
  return rootKey
}

/**
 * Wraps the root key under another master key. The old one opens nothing afterwards; a running service goes on with what it has.
 * @throws UsageError CFG_INVALID when there is no keyring or the present key does not open it
 */
export function rotateMasterKey(
  file: string,
  present: Uint8Array | Kms,
  next: Uint8Array | Kms,
  at: number,
): KeyringFacts {
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

function wrap(root: Uint8Array, by: Uint8Array | Kms): Keyring['root'] {
  return by instanceof Kms ? by.wrap(root) : Buffer.from(new Envelope(by).seal(root, PURPOSE)).toString('hex')
}

function unwrap(file: string, { root: kept }: Keyring, by: Uint8Array | Kms): Uint8Array {
  if (by instanceof Kms) {
    if (typeof kept !== 'string') return by.unwrap(kept)
    throw new UsageError('CFG_INVALID', `${file} is under a master key, not under a KMS: gastwin keys rotate --new-kms`)
  }
  if (typeof kept !== 'string')
    throw new UsageError(
      'CFG_INVALID',
      `${file} was wrapped by a KMS: set GASTWIN_KMS_COMMAND in place of a master key`,
    )
  const root = new Envelope(by).open(Buffer.from(kept, 'hex'), PURPOSE)
  if (root !== undefined) return root
  throw new UsageError('CFG_INVALID', `the master key does not open ${file}: it was changed, or is of another service`)
}

function readKeyring(file: string): Keyring {
  try {
    const keyring = JSON.parse(readFileSync(file, 'utf8')) as Keyring
    if (keyring.format === FORMAT && isRoot(keyring.root)) return keyring
  } catch (error) {
    throw new UsageError('CFG_INVALID', `the keyring ${file} cannot be read`, {}, error)
  }
  throw new UsageError('CFG_INVALID', `${file} is no ${FORMAT}`)
}

const isRoot = (root: Keyring['root'] | null): boolean =>
  typeof root === 'string' || (typeof root?.wrapped === 'string' && typeof root.check === 'string')

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
