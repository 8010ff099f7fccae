import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

/** Which devices another application may deal with; what is not said does not narrow. */
export interface DelegationScope {
  readonly zones?: readonly string[]
  /** Marks of the archive: `tag:T`, `group:G`. */
  readonly marks?: readonly string[]
  /** Device numbers. */
  readonly devices?: readonly string[]
}

/** The right to deal with some devices, granted to another application by a key of its own. */
export interface Delegation {
  readonly id: string
  /** The application. */
  readonly name: string
  readonly role: 'viewer' | 'dispatcher' | 'safety'
  readonly scope: DelegationScope
  readonly granted_by: string
  readonly granted_at: number
  /** Unix ms of the service's clock. */
  readonly expires_at: number
  readonly revoked_at: number | null
  readonly revoked_by: string | null
  readonly reason: string
}

/** … with the SHA-256 of its key: the key has 256 random bits and is told once. */
export interface KeptDelegation extends Delegation {
  readonly sha256: string
}

const PREFIX = 'gd_'

/** All delegations, by id; a revoked one stays on record. */
export class Delegations {
  readonly #kept = new Map<string, KeptDelegation>()
  #next = 1

  apply(delegation: KeptDelegation): void {
    this.#kept.set(delegation.id, delegation)
    this.#next = Math.max(this.#next, Number(delegation.id.slice(1)) + 1)
  }

  get(id: string): KeptDelegation | undefined {
    return this.#kept.get(id)
  }

  list(): Delegation[] {
    return [...this.#kept.values()].map(({ sha256: _, ...delegation }) => delegation)
  }

  save(): KeptDelegation[] {
    return [...this.#kept.values()]
  }

  /** The id of one that is about to be granted; it is not given twice. */
  takeId(): string {
    return `D${this.#next++}`
  }

  /** The delegation that a key stands for, while it holds. @param now service clock, Unix ms */
  find(key: string, now: number): Delegation | undefined {
    if (!key.startsWith(PREFIX)) return undefined
    const hash = Buffer.from(hashOf(key))
    for (const one of this.#kept.values())
      if (timingSafeEqual(Buffer.from(one.sha256), hash))
        return one.revoked_at === null && one.expires_at > now ? one : undefined
    return undefined
  }
}

/** A fresh key and its hash. */
export function makeDelegationKey(): { readonly key: string; readonly sha256: string } {
  const key = PREFIX + randomBytes(32).toString('base64url')
  return { key, sha256: hashOf(key) }
}

const hashOf = (key: string): string => createHash('sha256').update(key).digest('hex')
