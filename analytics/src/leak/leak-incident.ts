export type LeakState = 'suspected' | 'confirmed' | 'located' | 'isolated' | 'closed' | 'dismissed'

export interface LeakCandidate {
  /** Pipe id. */
  readonly pipe: string
  readonly probability: number
  /** Most probable place along the pipe, share of its length from its `from` end. */
  readonly position: number
}

/** What speaks for a leak, in words a dispatcher reads and numbers a program uses. */
export interface LeakEvidence {
  /** Natural logarithms of odds: from the balance of flows and registers, from pressures, and together. */
  readonly balance: number
  readonly pressure: number
  readonly total: number
  /** Uncounted flow by the forecast of use and by registers, m³/s; NaN where nothing is known yet. */
  readonly byForecast: number
  readonly byRegisters: number
  /** Hours of pressures since the begin that were used. */
  readonly pressureHours: number
  readonly words: readonly string[]
}

/** One leak or rupture from first suspicion to its end. Times are Unix ms. */
export interface LeakIncident {
  readonly id: string
  readonly kind: 'leak' | 'rupture'
  readonly state: LeakState
  /** Zone id. */
  readonly zone: string
  readonly suspectedAt: number
  /** When it was confirmed: the newest time known then. */
  readonly detectedAt: number | undefined
  readonly startedAt: number
  /** Pipes by probability, largest first, until 0.995 of it is covered. */
  readonly candidates: readonly LeakCandidate[]
  /** m³/s at the reference state, now. */
  readonly standardFlow: { readonly p05: number; readonly p50: number; readonly p95: number }
  readonly evidence: LeakEvidence
}
