import { statSync } from 'node:fs'
import path from 'node:path'
import { UsageError } from '@gastwin/twin'
import { AuthorityFolder } from './authority-folder.ts'
import type { Certificate } from './certificate.ts'
import { readKeyFile } from './key-file.ts'
import { keyPairOf, PRIVATE_KEY_BYTES, type Sm2KeyPair } from './sm2.ts'

/** Whom the platform believes, and who it is itself. */
export interface PlatformIdentity {
  readonly authorityKey: Uint8Array
  readonly keys: Sm2KeyPair
  readonly certificate: Certificate
}

/** The authority's ledger as the service sees it: read at the start and again when it grew. */
export class AuthorityWatch {
  readonly identity: PlatformIdentity
  readonly #folder: string
  #revoked: ReadonlySet<number>
  #mark: string

  /**
   * @param at Unix seconds
   * @throws UsageError CFG_INVALID when the ledger cannot be read or has no valid certificate for the platform's key
   */
  constructor(folder: string, platformKeyFile: string, at: number) {
    this.#folder = folder
    this.#mark = this.#look()
    const authority = new AuthorityFolder(folder)
    const keys = keyPairOf(readKeyFile(platformKeyFile, PRIVATE_KEY_BYTES))
    const issued = authority.list()
    const own = issued.findLast(
      ({ certificate: c, revoked }) =>
        c.role === 'platform' && revoked === undefined && at <= c.notAfter && sameBytes(c.publicKey, keys.publicKey),
    )
    if (own === undefined)
      throw new UsageError(
        'CFG_INVALID',
        `${folder} has no valid platform certificate for the key in ${platformKeyFile}`,
      )
    this.identity = { authorityKey: authority.certificate.publicKey, keys, certificate: own.certificate }
    this.#revoked = revokedOf(issued)
  }

  /** Certificates that were taken back. */
  get revoked(): number {
    return this.#revoked.size
  }

  readonly isRevoked = (serial: number): boolean => this.#revoked.has(serial)

  /**
   * Reads the ledger again when it changed. To be called every few seconds.
   * @returns serials that are revoked since the last look
   * @throws UsageError CFG_INVALID for a line that cannot be read: what was known before holds
   */
  renew(): readonly number[] {
    const mark = this.#look()
    if (mark === this.#mark) return []
    const revoked = revokedOf(new AuthorityFolder(this.#folder).list())
    const fresh = [...revoked].filter((serial) => !this.#revoked.has(serial))
    this.#revoked = revoked
    this.#mark = mark
    return fresh
  }

  #look(): string {
    try {
      const { mtimeMs, size } = statSync(path.join(this.#folder, 'ledger.ndjson'))
      return `${mtimeMs} ${size}`
    } catch (error) {
      return String(error)
    }
  }
}

const revokedOf = (issued: ReturnType<AuthorityFolder['list']>): ReadonlySet<number> =>
  new Set(issued.flatMap(({ certificate, revoked }) => (revoked === undefined ? [] : [certificate.serial])))

const sameBytes = (a: Uint8Array, b: Uint8Array): boolean => Buffer.from(a).equals(b)
