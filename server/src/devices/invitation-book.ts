import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

/** A customer is asked to agree, by a token of their own, that the valve at a point may be opened at its button (S0-106). */
export interface Invitation {
  /** `I1`, `I2`, … */
  readonly id: string
  /** Number of the metering point. */
  readonly point: number
  readonly asked_by: string
  readonly reason: string
  /** Unix ms of the service's clock. */
  readonly asked_at: number
  readonly expires_at: number
  /** How long a consent that is given holds, ms. */
  readonly holds_ms: number
  /** SHA-256 of the token, which has 256 random bits and is told once. */
  readonly sha256: string
  /** `replaced` by a later one for the same point, `locked` after too many wrong proofs, `undelivered` to the customer. */
  readonly state: 'pending' | 'agreed' | 'declined' | 'withdrawn' | 'replaced' | 'locked' | 'undelivered'
  readonly wrong_proofs: number
  /** The consent that followed. */
  readonly consent: string | null
  readonly answered_at: number | null
}

const PREFIX = 'gc_'

/** All invitations; what is over stays on record. */
export class InvitationBook {
  readonly #kept = new Map<string, Invitation>()
  readonly #ofHash = new Map<string, string>()
  #next = 1

  apply(invitation: Invitation): void {
    this.#kept.set(invitation.id, invitation)
    this.#ofHash.set(invitation.sha256, invitation.id)
    this.#next = Math.max(this.#next, Number(invitation.id.slice(1)) + 1)
  }

  /** The id of one that is about to be recorded; it is not given twice. */
  takeId(): string {
    return `I${this.#next++}`
  }

  /** Newest first. */
  list(): Invitation[] {
    return [...this.#kept.values()].reverse()
  }

  /** The one of a point that waits for an answer. @param now Unix ms */
  openOf(point: number, now: number): Invitation | undefined {
    return this.list().find((one) => one.point === point && one.state === 'pending' && one.expires_at > now)
  }

  /** The invitation that a token stands for, whatever became of it. */
  find(token: string): Invitation | undefined {
    if (!token.startsWith(PREFIX)) return undefined
    const hash = hashOf(token)
    const found = this.#kept.get(this.#ofHash.get(hash) ?? '')
    return found !== undefined && timingSafeEqual(Buffer.from(found.sha256), Buffer.from(hash)) ? found : undefined
  }

  save(): readonly Invitation[] {
    return [...this.#kept.values()]
  }
}

/** A fresh token and its hash. */
export function makeInvitationToken(): { readonly token: string; readonly sha256: string } {
  const token = PREFIX + randomBytes(32).toString('base64url')
  return { token, sha256: hashOf(token) }
}

const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex')
