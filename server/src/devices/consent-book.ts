/** A customer's agreement that the valve at a point may be opened at its button (S0-106). */
export interface Consent {
  /** `K1`, `K2`, … */
  readonly id: string
  /** Number of the metering point. */
  readonly point: number
  /** Sealed under the master key. */
  readonly given_by: string
  readonly how: 'written' | 'telephone' | 'app' | 'on_site'
  readonly evidence: string
  /** Unix ms. */
  readonly until: number
  readonly recorded_at: number
  readonly recorded_by: string
  /** By which the customer gave it; not there when a person of the company recorded it. */
  readonly invitation?: string
  readonly revoked_at: number | null
  readonly revoked_by: string | null
}

/** All consents; one that was taken back or has ended stays on record. */
export class ConsentBook {
  readonly #kept = new Map<string, Consent>()
  readonly #ofPoint = new Map<number, string[]>()
  #next = 1

  apply(consent: Consent): void {
    if (!this.#kept.has(consent.id)) {
      const others = this.#ofPoint.get(consent.point)
      if (others === undefined) this.#ofPoint.set(consent.point, [consent.id])
      else others.push(consent.id)
    }
    this.#kept.set(consent.id, consent)
    this.#next = Math.max(this.#next, Number(consent.id.slice(1)) + 1)
  }

  /** The id of one that is about to be recorded; it is not given twice. */
  takeId(): string {
    return `K${this.#next++}`
  }

  get(id: string): Consent | undefined {
    return this.#kept.get(id)
  }

  /** Of a point, newest first. */
  ofPoint(point: number): Consent[] {
    const ids = this.#ofPoint.get(point) ?? []
    return ids
      .map((id) => this.#kept.get(id))
      .filter((one) => one !== undefined)
      .reverse()
  }

  /** Newest first. */
  list(): Consent[] {
    return [...this.#kept.values()].reverse()
  }

  /** The consent that covers a point now. @param now Unix ms. @param ownOnly those that customers gave themselves */
  covering(point: number, now: number, ownOnly = false): Consent | undefined {
    const counts = ({ invitation }: Consent) => !ownOnly || invitation !== undefined
    return this.ofPoint(point).find((one) => one.revoked_at === null && one.until > now && counts(one))
  }

  save(): readonly Consent[] {
    return [...this.#kept.values()]
  }
}
