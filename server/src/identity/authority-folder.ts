import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs'
import path from 'node:path'
import { UsageError } from '@gastwin/twin'
import { type Certificate, decodeCertificate, encodeCertificate, issueCertificate } from './certificate.ts'
import { openSecret, sealSecret } from './sealed-key.ts'
import { keyPairOf, newKeyPair, type Sm2KeyPair } from './sm2.ts'

/** One line of the ledger: a certificate issued, or one taken back. */
type Line =
  | { readonly issued: string; readonly at: number }
  | { readonly revoked: number; readonly at: number; readonly reason: string }

/** A certificate and whether it still counts. */
export interface IssuedCertificate {
  readonly certificate: Certificate
  readonly revoked: { readonly at: number; readonly reason: string } | undefined
}

const KEY_FILE = 'authority.key'
const LEDGER = 'ledger.ndjson'
const YEAR_S = 365 * 86_400

/**
 * The utility's certificate authority in a folder: its private key under a passphrase, and a ledger that only grows. Every line is
 * on the disk before it is spoken of.
 */
export class AuthorityFolder {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  /** Makes the authority. @param at Unix seconds. @throws UsageError CFG_INVALID when the folder has one */
  create(name: string, passphrase: string, at: number, years: number): Certificate {
    if (existsSync(this.#path(KEY_FILE)))
      throw new UsageError('CFG_INVALID', `${this.#folder} has an authority already`)
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 })
    const keys = newKeyPair()
    const own = issueCertificate(keys, {
      role: 'authority',
      serial: 1,
      subject: name,
      notBefore: at,
      notAfter: at + years * YEAR_S,
      publicKey: keys.publicKey,
    })
    this.#append(KEY_FILE, `${hexOf(sealSecret(keys.privateKey, passphrase))}\n`, 'wx')
    this.#record({ issued: hexOf(encodeCertificate(own)), at })
    return own
  }

  /** The authority's own certificate: what devices and platforms are given at their making. */
  get certificate(): Certificate {
    const [first] = this.list()
    if (!first) throw new UsageError('CFG_INVALID', `${this.#folder} has no authority: make one with init`)
    return first.certificate
  }

  /**
   * Issues the next certificate.
   * @param at Unix seconds
   * @throws UsageError CFG_INVALID when the passphrase is wrong
   */
  issue(
    claims: Pick<Certificate, 'role' | 'subject' | 'publicKey'>,
    passphrase: string,
    at: number,
    years: number,
  ): Certificate {
    return this.issueAll([claims], passphrase, at, years)[0] as Certificate
  }

  /** The same for a whole delivery of a maker: one look at the ledger and one write. */
  issueAll(
    claims: readonly Pick<Certificate, 'role' | 'subject' | 'publicKey'>[],
    passphrase: string,
    at: number,
    years: number,
  ): readonly Certificate[] {
    let serial = 0
    for (const { certificate } of this.list()) serial = Math.max(serial, certificate.serial)
    const keys = this.#keys(passphrase)
    const issued = claims.map((claim) =>
      issueCertificate(keys, { ...claim, serial: ++serial, notBefore: at, notAfter: at + years * YEAR_S }),
    )
    const lines = issued.map((one): Line => ({ issued: hexOf(encodeCertificate(one)), at }))
    this.#append(LEDGER, lines.map((line) => `${JSON.stringify(line)}\n`).join(''), 'a')
    return issued
  }

  /** Takes a certificate back, for good. @throws UsageError API_NOT_FOUND for a serial that was never issued */
  revoke(serial: number, reason: string, at: number): void {
    if (!this.list().some(({ certificate }) => certificate.serial === serial))
      throw new UsageError('API_NOT_FOUND', `no certificate has serial ${serial}`, { serial })
    this.#record({ revoked: serial, at, reason })
  }

  /** Everything that was issued, in its order. @throws UsageError CFG_INVALID for a ledger line that cannot be read */
  list(): readonly IssuedCertificate[] {
    const file = this.#path(LEDGER)
    const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : []
    const issued = new Map<number, IssuedCertificate>()
    for (const [i, text] of lines.entries()) {
      const line = readLine(text)
      const certificate = line && 'issued' in line ? decodeCertificate(Buffer.from(line.issued, 'hex')) : undefined
      const taken = line && 'revoked' in line ? issued.get(line.revoked) : undefined
      if (certificate) issued.set(certificate.serial, { certificate, revoked: undefined })
      else if (taken && line && 'revoked' in line)
        issued.set(line.revoked, { ...taken, revoked: taken.revoked ?? { at: line.at, reason: line.reason } })
      else throw new UsageError('CFG_INVALID', `line ${i + 1} of ${file} cannot be read`)
    }
    return [...issued.values()]
  }

  #keys(passphrase: string): Sm2KeyPair {
    const sealed = Buffer.from(readFileSync(this.#path(KEY_FILE), 'utf8').trim(), 'hex')
    const secret = openSecret(sealed, passphrase)
    if (!secret) throw new UsageError('CFG_INVALID', 'the passphrase does not open the authority’s key')
    return keyPairOf(secret)
  }

  #record(line: Line): void {
    this.#append(LEDGER, `${JSON.stringify(line)}\n`, 'a')
  }

  #append(name: string, text: string, flags: 'a' | 'wx'): void {
    const file = openSync(this.#path(name), flags, 0o600)
    try {
      writeSync(file, text)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
  }

  #path = (name: string): string => path.join(this.#folder, name)
}

function readLine(text: string): Line | undefined {
  try {
    return JSON.parse(text) as Line
  } catch {
    return undefined
  }
}

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
