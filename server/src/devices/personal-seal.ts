import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'

const IV_BYTES = 12
const TAG_BYTES = 16
const MARK = 'sealed:'

/** Personal values as they stand in the log and in snapshots: nobody reads them there without the master key. */
export interface PersonalSeal {
  readonly canSeal: boolean
  seal(text: string): string
  /** The text; undefined when another key sealed it. */
  open(sealed: string): string | undefined
}

/**
 * AES-256-GCM under a key that is derived from the master key.
 * @param masterKey empty: nothing can be sealed, so nothing personal is taken
 */
export function personalSeal(masterKey: Uint8Array): PersonalSeal {
  const key = Buffer.from(hkdfSync('sha256', masterKey, '', 'gastwin personal values', 32))
  return {
    canSeal: masterKey.length > 0,
    seal(text) {
      const iv = randomBytes(IV_BYTES)
      const cipher = createCipheriv('aes-256-gcm', key, iv)
      const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
      return MARK + Buffer.concat([iv, cipher.getAuthTag(), body]).toString('base64')
    },
    open(sealed) {
      if (!sealed.startsWith(MARK)) return sealed === '' ? '' : undefined
      const bytes = Buffer.from(sealed.slice(MARK.length), 'base64')
      if (bytes.length < IV_BYTES + TAG_BYTES) return undefined
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, IV_BYTES))
      decipher.setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES))
      try {
        return Buffer.concat([decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]).toString('utf8')
      } catch {
        return undefined
      }
    },
  }
}

/** What those see who may not read it: the first character of a name, three digits at each end of a number. */
export function masked(text: string): string {
  if (text === '') return ''
  if (/^\+?[\d\s-]{7,}$/.test(text)) return `${text.slice(0, 3)}****${text.slice(-3)}`
  return `${[...text][0] ?? ''}**`
}
