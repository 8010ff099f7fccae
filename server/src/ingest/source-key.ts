/**
 * A datagram's source as numbers: an IPv6 address in four words (IPv4 mapped into it), and a fifth word of port and message id,
 * so that tables compare and hash without keeping strings.
 */
export const SOURCE_KEY_WORDS = 5

/** Fills `key`; a text that is no IP address (none comes from a socket) becomes the unspecified address. */
export function writeSourceKey(key: Uint32Array, address: string, port: number, messageId: number): void {
  if (!writeIpv4(key, address)) writeIpv6(key, address)
  key[4] = (port << 16) | messageId
}

/** First word of an address that no datagram comes from: a group of IPv6. */
const NO_SOURCE = 0xff00_0000

/** Fills `key` for a message of an association, which is the same from whichever address it comes. */
export function writeAssociationKey(key: Uint32Array, association: number, messageId: number): void {
  key[0] = NO_SOURCE
  key[1] = Math.floor(association / 2 ** 32)
  key[2] = association >>> 0
  key[3] = 0
  key[4] = messageId
}

/**
 * Hash of a key, 32 bits. With a seed that nobody outside knows, sources cannot choose to collide.
 * @param words how many words count: 5 for one exchange
 */
export function hashSourceKey(key: Uint32Array, words: number, seed: number): number {
  let hash = seed
  for (let i = 0; i < words; i++) hash = mix(hash, key[i] ?? 0)
  return finish(hash)
}

/** Hash of address and port alone. */
export function hashEndpoint(key: Uint32Array, port: number, seed: number): number {
  let hash = seed
  for (let i = 0; i < 4; i++) hash = mix(hash, key[i] ?? 0)
  return finish(mix(hash, port))
}

/** One round and the finaliser of MurmurHash3. @source A. Appleby, MurmurHash3_x86_32 (public domain) */
function mix(hash: number, word: number): number {
  let k = Math.imul(word, 0xcc9e2d51)
  k = Math.imul((k << 15) | (k >>> 17), 0x1b873593)
  const h = hash ^ k
  return (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0
}

function finish(hash: number): number {
  let h = hash ^ (hash >>> 16)
  h = Math.imul(h, 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

function writeIpv4(key: Uint32Array, address: string): boolean {
  let value = 0
  let part = 0
  for (let i = 0; i < address.length; i++) {
    const c = address.charCodeAt(i)
    if (c === 0x2e) {
      value = (value << 8) | part
      part = 0
    } else if (c >= 0x30 && c <= 0x39) part = part * 10 + c - 0x30
    else return false
  }
  key[0] = 0
  key[1] = 0
  key[2] = 0xffff
  key[3] = (value << 8) | part
  return true
}

/** The text is what the system printed, so it is well formed; a zone (`%eth0`) does not take part. */
function writeIpv6(key: Uint32Array, address: string): void {
  const zone = address.indexOf('%')
  const bare = zone < 0 ? address : address.slice(0, zone)
  const lastColon = bare.lastIndexOf(':')
  if (bare.includes('.') && lastColon >= 0) {
    // An embedded IPv4 address takes the place of the last two groups.
    writeIpv4(key, bare.slice(lastColon + 1))
    const low = key[3] ?? 0
    writeIpv6(key, `${bare.slice(0, lastColon + 1)}${(low >>> 16).toString(16)}:${(low & 0xffff).toString(16)}`)
    return
  }
  const [head = '', tail] = bare.split('::')
  const before = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  const group = (i: number): number => {
    const text = i < before.length ? before[i] : after[i - (8 - after.length)]
    return text === undefined ? 0 : Number.parseInt(text, 16) || 0
  }
  for (let word = 0; word < 4; word++) key[word] = (group(2 * word) << 16) | group(2 * word + 1)
}
