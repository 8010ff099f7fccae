import type { Detection } from '@gastwin/analytics'
import { castVote, isFinal, type Network, SAFETY_POLICY, type SafetyMode, type Shutoff, type Vote } from '@gastwin/twin'
import { placeToIsolate, voteOf } from './vote-of.ts'

/** What deciding needs of the runner. */
export interface DecisionPorts {
  readonly open: () => readonly Shutoff[]
  readonly modeOf: (zone: string | null) => SafetyMode
  /** Whether closed valves already part a place from every source. */
  readonly isIsolated: (place: string) => boolean
  readonly detect: (edge: string, votes: readonly Vote[], mode: SafetyMode, zone: string | null) => void
  readonly vote: (id: string, vote: Vote, active: boolean, at: number) => void
}

/**
 * Gathers votes by zone. A shut-off is opened when one vote is certain or two independent kinds agree; later votes of the zone go to
 * the shut-off that is open. The same votes open no second shut-off after the first ended: a newer one must come.
 */
export class ShutoffDecisions {
  readonly #network: Network
  readonly #ports: DecisionPorts
  readonly #votes = new Map<string, readonly Vote[]>()
  /** When the last shut-off of a zone was opened by votes, Unix ms. */
  readonly #decidedAt = new Map<string, number>()

  constructor(network: Network, ports: DecisionPorts) {
    this.#network = network
    this.#ports = ports
  }

  take(detections: readonly Detection[], now: number): void {
    for (const detection of detections) {
      const vote = voteOf(detection)
      if (vote === undefined) continue
      const zone = detection.zone ?? ''
      const votes = castVote(this.#votes.get(zone) ?? [], vote, detection.active, SAFETY_POLICY.voteWindowMs)
      this.#votes.set(zone, votes)
      const running = this.#ports
        .open()
        .find((s) => s.cause.kind === 'detection' && (s.zone ?? '') === zone && !isFinal(s.state))
      if (running !== undefined) this.#ports.vote(running.id, vote, detection.active, now)
      else if (detection.active) this.#consider(zone, votes, vote, now)
    }
  }

  #consider(zone: string, votes: readonly Vote[], newest: Vote, now: number): void {
    const kinds = new Set(votes.map((v) => v.evidenceKind)).size
    if (kinds < 2 && !votes.some((v) => v.strength === 'certain')) return
    if (newest.at <= (this.#decidedAt.get(zone) ?? Number.NEGATIVE_INFINITY)) return
    const place = placeToIsolate(this.#network, votes)
    if (place === undefined || this.#ports.isIsolated(place)) return
    this.#decidedAt.set(zone, now)
    const named = zone === '' ? null : zone
    this.#ports.detect(place, votes, this.#ports.modeOf(named), named)
  }
}
