import { LONGEST_IDENTITY, LONGEST_KEY, type PskEntry } from './psk-table.ts'

/** Numbers that one identity may speak for: they travel with each of its records into the log. */
export const MOST_DEVICES = 16
const SHORTEST_KEY = 16
const SEALED = 'sealed:'
const DEVICE = /^[1-9][0-9]{0,13}$/

/** What a file of keys came to. */
export interface ReadPsk {
  readonly entries: readonly PskEntry[]
  /** One line for each mistake, with the number of the line. */
  readonly mistakes: readonly string[]
  /** Keys that lie in the file as they are. */
  readonly openKeys: number
}

/** What a sealed key of the file is for: it does not open beside another identity. */
export const pskPurpose = (identity: string): string => `dtls key ${identity}`

/**
 * Reads lines `identity,key,devices,words`: key in hexadecimal digits or `sealed:` and base 64; device numbers with spaces between, by
 * default the identity; words `only` (believed over DTLS only) and `legacy` (may do without the extended master secret).
 * @param open opens a sealed key, undefined when it does not
 */
export function readPskFile(
  text: string,
  open: (sealed: Uint8Array, purpose: string) => Uint8Array | undefined,
): ReadPsk {
  const entries = new Map<string, PskEntry>()
  const mistakes: string[] = []
  let openKeys = 0
  for (const [i, line] of text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .entries()) {
    if (line.trim() === '' || line.startsWith('#') || line.startsWith('identity,')) continue
    const [identity = '', secret = '', devices = '', words = ''] = line.split(',').map((cell) => cell.trim())
    const key = secret.startsWith(SEALED)
      ? open(Buffer.from(secret.slice(SEALED.length), 'base64'), pskPurpose(identity))
      : fromHex(secret)
    const numbers = devices === '' ? [identity] : devices.split(/\s+/)
    const said = words === '' ? [] : words.split(/\s+/)
    const fault = faultOf(line, identity, key, numbers, said) ?? (entries.has(identity) ? 'a second line' : undefined)
    if (fault !== undefined || key === undefined) {
      // The key itself is in no message.
      mistakes.push(`line ${i + 1} (${identity.slice(0, 40)}): ${fault ?? 'no key'}`)
      continue
    }
    if (!secret.startsWith(SEALED)) openKeys++
    entries.set(identity, {
      ...{ identity, key, devices: numbers.map(Number), only: said.includes('only'), legacy: said.includes('legacy') },
    })
  }
  return { entries: [...entries.values()], mistakes, openKeys }
}

/** A file with every key sealed; lines that are none stay as they are. */
export function sealPskFile(text: string, seal: (key: Uint8Array, purpose: string) => Uint8Array): string {
  const lines = text.split(/\r?\n/).map((line) => {
    if (line.startsWith('#') || line.startsWith('identity,')) return line
    const [identity = '', secret = '', ...rest] = line.split(',').map((cell) => cell.trim())
    const key = fromHex(secret)
    if (key === undefined) return line
    const sealed = Buffer.from(seal(key, pskPurpose(identity))).toString('base64')
    return [identity, `${SEALED}${sealed}`, ...rest].join(',')
  })
  return lines.join('\n')
}

const fromHex = (text: string): Uint8Array | undefined =>
  /^([0-9a-f]{2})+$/i.test(text) ? new Uint8Array(Buffer.from(text, 'hex')) : undefined

function faultOf(
  line: string,
  identity: string,
  key: Uint8Array | undefined,
  devices: readonly string[],
  words: readonly string[],
): string | undefined {
  if (line.split(',').length > 4) return 'more than four fields'
  if (identity === '' || Buffer.byteLength(identity) > LONGEST_IDENTITY)
    return `an identity of 1 to ${LONGEST_IDENTITY} bytes is expected`
  if (key === undefined) return 'its key is neither hexadecimal nor sealed under the key of this service'
  if (key.length < SHORTEST_KEY || key.length > LONGEST_KEY)
    return `a key of ${SHORTEST_KEY} to ${LONGEST_KEY} bytes is expected, not ${key.length}`
  if (devices.length > MOST_DEVICES) return `at most ${MOST_DEVICES} devices`
  const stranger = devices.find((number) => !DEVICE.test(number))
  if (stranger !== undefined) return `"${stranger}" is no number of a device`
  const word = words.find((one) => one !== 'only' && one !== 'legacy')
  return word === undefined ? undefined : `"${word}" is neither only nor legacy`
}
