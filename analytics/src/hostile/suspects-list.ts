import { type HostileSettings, type Suspicion, TERMINAL_STEPS, type TerminalStep } from './hostile-settings.ts'
import type { LearnedReason } from './terminal-model.ts'

/** One sign as it adds up. */
export interface SuspicionSum {
  readonly code: Suspicion
  readonly count: number
  /** What it has added to the score, before any of it faded. */
  readonly weight: number
}

/** What the learned model says of a terminal, and when it said so. */
export interface LearnedWord {
  readonly probability: number
  readonly at: number
  /** Rank of the step it asks for: it warns and observes, and never keeps anybody away. */
  readonly rank: number
  readonly because: readonly LearnedReason[]
}

/** A device as it is heard from one source. Instants are Unix ms of event time. */
export interface HostileSubject {
  readonly device: number
  /** `address:port` */
  readonly from: string
  score: number
  at: number
  readonly since: number
  /** Rank of the step that holds or was proposed. */
  rank: number
  readonly reasons: Map<Suspicion, { count: number; weight: number }>
  learned: LearnedWord | undefined
}

const MOST_SUBJECTS = 5_000

/** Subjects with a score, bounded: who is hardly suspected makes room. */
export class SubjectList {
  readonly #settings: HostileSettings
  readonly #subjects = new Map<string, HostileSubject>()

  constructor(settings: HostileSettings) {
    this.#settings = settings
  }

  get size(): number {
    return this.#subjects.size
  }

  all(): IterableIterator<HostileSubject> {
    return this.#subjects.values()
  }

  find(device: number, from: string): HostileSubject | undefined {
    return this.#subjects.get(`${device}@${from}`)
  }

  /** Adds a sign and lets the former fade. */
  add(device: number, from: string, code: Suspicion, at: number, weight: number): HostileSubject {
    const subject = this.reach(device, from, at)
    this.fade(subject, at)
    subject.score += weight
    const sum = subject.reasons.get(code)
    if (sum === undefined) subject.reasons.set(code, { count: 1, weight })
    else {
      sum.count += 1
      sum.weight += weight
    }
    return subject
  }

  /** The subject, a new one without a score when it is not known. */
  reach(device: number, from: string, at: number): HostileSubject {
    const key = `${device}@${from}`
    const known = this.#subjects.get(key)
    if (known !== undefined) return known
    const subject: HostileSubject = {
      device,
      from,
      score: 0,
      at,
      since: at,
      rank: 0,
      reasons: new Map(),
      learned: undefined,
    }
    if (this.#subjects.size >= MOST_SUBJECTS) this.#makeRoom()
    // Where all are graver suspects, one more is weighed and not remembered.
    if (this.#subjects.size < MOST_SUBJECTS) this.#subjects.set(key, subject)
    return subject
  }

  fade(subject: HostileSubject, at: number): void {
    if (at <= subject.at) return
    subject.score *= 0.5 ** ((at - subject.at) / this.#settings.halfLifeMs)
    subject.at = at
  }

  drop(subject: HostileSubject): void {
    this.#subjects.delete(`${subject.device}@${subject.from}`)
  }

  /** The step that a score asks for. */
  dueRank(score: number): number {
    const { thresholds } = this.#settings
    let rank = 0
    for (const [i, step] of TERMINAL_STEPS.entries()) if (i > 0 && score >= thresholds[step]) rank = i
    return rank
  }

  /** All at once those who are hardly suspected: forged names must not buy work each time. */
  #makeRoom(): void {
    for (const subject of this.#subjects.values())
      if (subject.rank === 0 && subject.score < this.#settings.thresholds.none && subject.learned === undefined)
        this.drop(subject)
  }
}

export const sumsOf = ({ reasons }: HostileSubject): SuspicionSum[] =>
  [...reasons].map(([code, { count, weight }]) => ({ code, count, weight: Math.round(100 * weight) / 100 }))

export const stepOfRank = (rank: number): TerminalStep => TERMINAL_STEPS[rank] ?? 'none'
