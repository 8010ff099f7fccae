/**
 * Speeds up repeated substitution with an old factor. Each pass proposes a correction; how past steps changed the proposals shows
 * what the factor misjudges, and the combination is taken that leaves the least proposal over. Nothing is allocated after
 * construction.
 * @source Anderson, Iterative procedures for nonlinear integral equations, J. ACM 12 (1965)
 */
export class SecantMemory {
  readonly #size: number
  readonly #most: number
  /** Changes of proposals, orthogonal and of length 1, and how much more the steps were that led to them. */
  readonly #changes: Float64Array
  readonly #beyond: Float64Array
  readonly #lastStep: Float64Array
  readonly #lastProposal: Float64Array
  readonly #shares: Float64Array
  #known = 0
  #begun = false

  /** @param most steps remembered; the next take the place of the oldest */
  constructor(size: number, most: number) {
    this.#size = size
    this.#most = most
    this.#changes = new Float64Array(size * most)
    this.#beyond = new Float64Array(size * most)
    this.#lastStep = new Float64Array(size)
    this.#lastProposal = new Float64Array(size)
    this.#shares = new Float64Array(most)
  }

  /** Forgets all: another factor, or a matrix that has nothing to do with the last. */
  forget(): void {
    this.#known = 0
    this.#begun = false
  }

  /** Another right-hand side, and a matrix near the last: what was learned still helps. */
  begin(): void {
    this.#begun = false
  }

  /**
   * Turns a proposal into the step to be taken, in place.
   * @param proposal  Float64Array[size]: M⁻¹ (b − A x) at the present x, which is the last one plus the last step
   */
  improve(proposal: Float64Array): void {
    if (this.#begun) this.#learn(proposal)
    this.#begun = true
    this.#lastProposal.set(proposal)
    const known = Math.min(this.#known, this.#most)
    for (let k = 0; k < known; k++) this.#shares[k] = dot(this.#changes, k * this.#size, proposal)
    for (let k = 0; k < known; k++) addMultiple(proposal, this.#shares[k] as number, this.#beyond, k * this.#size)
    this.#lastStep.set(proposal)
  }

  #learn(proposal: Float64Array): void {
    const size = this.#size
    const change = this.#lastProposal
    const beyond = this.#lastStep
    for (let i = 0; i < size; i++) {
      const less = (change[i] as number) - (proposal[i] as number)
      change[i] = less
      beyond[i] = (beyond[i] as number) - less
    }
    const known = Math.min(this.#known, this.#most)
    const place = this.#known % this.#most
    for (let k = 0; k < known; k++) {
      if (k === place) continue
      const share = -dot(this.#changes, k * size, change)
      addMultiple(change, share, this.#changes, k * size)
      addMultiple(beyond, share, this.#beyond, k * size)
    }
    const square = dot(change, 0, change)
    if (!(square > 0)) return
    const scale = 1 / Math.sqrt(square)
    const base = place * size
    for (let i = 0; i < size; i++) {
      this.#changes[base + i] = (change[i] as number) * scale
      this.#beyond[base + i] = (beyond[i] as number) * scale
    }
    this.#known += 1
  }
}

function addMultiple(to: Float64Array, share: number, of: Float64Array, base: number): void {
  for (let i = 0; i < to.length; i++) to[i] = (to[i] as number) + share * (of[base + i] as number)
}

/** Four sums side by side, since each addition waits for the one before. */
function dot(a: Float64Array, base: number, b: Float64Array): number {
  const whole = b.length & ~3
  let s0 = 0
  let s1 = 0
  let s2 = 0
  let s3 = 0
  for (let i = 0; i < whole; i += 4) {
    s0 += (a[base + i] as number) * (b[i] as number)
    s1 += (a[base + i + 1] as number) * (b[i + 1] as number)
    s2 += (a[base + i + 2] as number) * (b[i + 2] as number)
    s3 += (a[base + i + 3] as number) * (b[i + 3] as number)
  }
  for (let i = whole; i < b.length; i++) s0 += (a[base + i] as number) * (b[i] as number)
  return s0 + s1 + (s2 + s3)
}
