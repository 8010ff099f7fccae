import type { SavedCounter } from './message-counters.ts'
import type { RelayFacts } from './relay-book.ts'
import type { KnownSecureOnly } from './secure-only.ts'
import type { Session } from './session-table.ts'
import type { TrustAct, TrustBook } from './trust-book.ts'

/** What a snapshot keeps of trust: the keys of all sessions in one envelope, 16 bytes each in the order of the rows. */
export interface SavedTrust {
  readonly sessions: readonly SavedSession[]
  /** Base 64; empty without sessions. */
  readonly keys: string
  readonly acts: readonly TrustAct[]
  /** Missing in what was saved before concentrators were known by their sources. */
  readonly relays?: RelayFacts
  /** Missing in what was saved before messages were sealed. */
  readonly counters?: readonly SavedCounter[]
  /** Missing in what was saved before DTLS. */
  readonly secure?: readonly KnownSecureOnly[]
}

type SavedSession = readonly [
  device: number,
  position: number,
  ended: 0 | 1,
  serial: number,
  platform: string,
  nonceAt: number,
]

const KEY_BYTES = 16
const PURPOSE = 'session keys of a snapshot'

export function saveTrust(book: TrustBook): SavedTrust {
  const sessions: SavedSession[] = []
  const keys: Uint8Array[] = []
  for (const [device, { position, key, serial, platform, nonceAt }] of book.sessions()) {
    sessions.push([device, position, key === undefined ? 1 : 0, serial, platform, nonceAt])
    keys.push(key ?? new Uint8Array(KEY_BYTES))
  }
  const sealed = sessions.length === 0 ? '' : Buffer.from(book.seal(Buffer.concat(keys), PURPOSE)).toString('base64')
  return {
    sessions,
    keys: sealed,
    acts: book.facts.acts.slice(),
    relays: book.relays.save(),
    counters: book.counters.save(),
    secure: book.secure.facts.slice(),
  }
}

/** Mirror of `saveTrust`, into a book that knows nothing yet; keys that do not open leave their devices without one. */
export function loadTrust(book: TrustBook, saved: SavedTrust): void {
  const keys = saved.keys === '' ? undefined : book.open(Buffer.from(saved.keys, 'base64'), PURPOSE)
  const sessions = saved.sessions.map(
    ([device, position, ended, serial, platform, nonceAt], row): readonly [number, Session] => {
      const key = ended === 1 ? undefined : keys?.slice(row * KEY_BYTES, (row + 1) * KEY_BYTES)
      return [device, { position, key, serial, platform, nonceAt }]
    },
  )
  book.restore(sessions, saved.acts, saved.relays, saved.secure)
  book.counters.load(saved.counters ?? [])
}
