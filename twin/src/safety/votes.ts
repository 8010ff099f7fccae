/** One piece of evidence for a shut-off. */
export interface Vote {
  /** The physical principle it rests on: only different kinds are independent. */
  readonly evidenceKind: string
  readonly strength: 'certain' | 'strong' | 'weak'
  readonly rule: string
  readonly asset: { readonly kind: string; readonly id: string }
  /** When the evidence appeared, Unix ms. */
  readonly at: number
}

/**
 * The votes of one neighbourhood after one more came or ended: one per rule and asset, weak ones left out, and only those that
 * appeared within `windowMs` of the newest.
 */
export function castVote(votes: readonly Vote[], vote: Vote, active: boolean, windowMs: number): readonly Vote[] {
  const same = (other: Vote) =>
    other.rule === vote.rule && other.asset.kind === vote.asset.kind && other.asset.id === vote.asset.id
  const known = votes.find(same)
  if (!active || vote.strength === 'weak') return known === undefined ? votes : votes.filter((other) => !same(other))
  if (known?.strength === vote.strength) return votes
  const all = [...votes.filter((other) => !same(other)), vote]
  const newest = Math.max(...all.map((other) => other.at))
  return all.filter((other) => other.at >= newest - windowMs)
}

/** Number of independent kinds of evidence among the votes. */
export function evidenceKinds(votes: readonly Vote[]): number {
  return new Set(votes.filter((vote) => vote.strength !== 'weak').map((vote) => vote.evidenceKind)).size
}

export type Verdict = 'shut' | 'ask' | 'wait'

/**
 * What the votes allow: `shut` with two independent kinds, or one certain vote when nobody protected is cut off; `ask` a person
 * when one certain vote stands against protected customers; else `wait` for a second vote.
 */
export function verdictOf(votes: readonly Vote[], protectedMeters: number): Verdict {
  if (evidenceKinds(votes) >= 2) return 'shut'
  if (!votes.some((vote) => vote.strength === 'certain')) return 'wait'
  return protectedMeters === 0 ? 'shut' : 'ask'
}
