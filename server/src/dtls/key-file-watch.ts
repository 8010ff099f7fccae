import { readFileSync, statSync } from 'node:fs'
import { Envelope } from '../identity/envelope.ts'
import { hmacSm3 } from '../identity/sm3.ts'
import { type ReadPsk, readPskFile } from './read-psk-file.ts'

const SEAL = new TextEncoder().encode('gastwin dtls seal 1')

/** What seals keys of the file; undefined without a root key. */
export const pskEnvelope = (rootKey: Uint8Array): Envelope | undefined =>
  rootKey.length === 0 ? undefined : new Envelope(hmacSm3(rootKey, SEAL))

/** A file of keys that is read again when it was written. */
export class KeyFileWatch {
  readonly #file: string
  readonly #envelope: Envelope | undefined
  #mark = ''

  constructor(file: string, rootKey: Uint8Array) {
    this.#file = file
    this.#envelope = pskEnvelope(rootKey)
  }

  /** What the file says; undefined when nobody wrote it since the last call. */
  read(): Omit<ReadPsk, 'openKeys'> | undefined {
    try {
      const { mtimeMs, size, mode, ino } = statSync(this.#file)
      const mark = `${mtimeMs} ${size} ${mode} ${ino}`
      if (mark === this.#mark) return undefined
      this.#mark = mark
      const { entries, mistakes, openKeys } = readPskFile(readFileSync(this.#file, 'utf8'), (sealed, purpose) =>
        this.#envelope?.open(sealed, purpose),
      )
      if (openKeys > 0 && (mode & 0o077) !== 0)
        return { entries, mistakes: [...mistakes, `others may read ${this.#file}, in which keys lie open: chmod 600`] }
      return { entries, mistakes }
    } catch (error) {
      const mark = String(error)
      if (mark === this.#mark) return undefined
      this.#mark = mark
      return { entries: [], mistakes: [`${this.#file} cannot be read: ${mark}`] }
    }
  }
}
