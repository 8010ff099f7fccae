import type { BudgetLimits } from '../ingest/source-budget.ts'

/** What the server bears; times in ms. */
export interface DtlsLimits {
  /** Established associations, and handshakes under way. */
  readonly associations: number
  readonly handshakes: number
  /** Datagrams of one source, before anything is read of them. */
  readonly datagrams: BudgetLimits
  /** ClientHellos without a cookie that one address has answered. */
  readonly hellos: BudgetLimits
  /** Handshakes of one source and of one address, behind which many honest devices may be. */
  readonly ofSource: BudgetLimits
  readonly ofAddress: BudgetLimits
  /** When our flight is said again for the first time; doubled each time. */
  readonly firstRepeatMs: number
  readonly mostRepeats: number
  readonly handshakeMs: number
  /** An association that is not heard for so long, or is so old, ends. */
  readonly idleMs: number
  readonly ageMs: number
  /** Most bytes of a datagram that we send in a handshake. */
  readonly mtu: number
}

/**
 * Nine seconds before a flight is repeated: what RFC 7925 §11 advises for slow radio; a client that is in a hurry repeats its own, which
 * is answered at once. A meter that reports once a day keeps its association over a silent weekend.
 */
export const DTLS_LIMITS: DtlsLimits = {
  associations: 100_000,
  handshakes: 4_096,
  datagrams: { perSecond: 2_000, burst: 4_000 },
  hellos: { perSecond: 200, burst: 1_000 },
  ofSource: { perSecond: 0.2, burst: 8 },
  ofAddress: { perSecond: 40, burst: 400 },
  firstRepeatMs: 9_000,
  mostRepeats: 2,
  handshakeMs: 60_000,
  idleMs: 4 * 86_400_000,
  ageMs: 90 * 86_400_000,
  mtu: 1_200,
}

/** What the server did since it was opened. */
export interface DtlsCounters {
  datagrams: number
  /** Above a budget, dropped. */
  overBudget: number
  /** Records of which nothing could be made. */
  unreadable: number
  /** ClientHellos answered with a cookie. */
  verified: number
  /** … whose cookie was good and whose offer was not: no suite of ours, another version, compression. */
  refused: number
  handshakes: number
  established: number
  /** Handshakes that ended without a proof. */
  abandoned: number
  /** Keys that did not open the client's proof, and identities that nobody has: a client is not told which. */
  wrongKey: number
  unknownIdentity: number
  /** Flights said again, by the timer or because a client did. */
  repeated: number
  /** Records in an association's name that were replayed, stale or not authentic. */
  rejected: number
  /** Datagrams handed on, and answers sent. */
  received: number
  answered: number
  /** Associations that spoke from another source than before. */
  moved: number
  closed: number
}

export const newDtlsCounters = (): DtlsCounters => ({
  ...{ datagrams: 0, overBudget: 0, unreadable: 0, verified: 0, refused: 0, handshakes: 0, established: 0 },
  ...{ abandoned: 0, wrongKey: 0, unknownIdentity: 0, repeated: 0, rejected: 0, received: 0, answered: 0 },
  ...{ moved: 0, closed: 0 },
})
