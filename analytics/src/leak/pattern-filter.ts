import { choleskyInPlace } from '../estimation/dense-symmetric.ts'
import type { Picture } from './pattern-model.ts'

/** A row that differs from its expectation by more than this, in standard deviations, is not believed. */
const BELIEVED = 5

export interface Innovation {
  /** Rows that were used. */
  readonly used: Int32Array
  /** Rows that were measured and not believed. */
  readonly refused: readonly number[]
  /** Mean of squared normalised innovations of the used rows; near 1 when the errors are what they are taken for. */
  readonly misfit: number
  /** Lower factor L of the innovations' covariance, Float64Array[used · used], and L⁻¹ of the innovations. */
  readonly factor: Float64Array
  readonly whitened: Float64Array
  /** Float64Array[used · size]: a change γ of the innovations moves the mean by the sum of these rows times L⁻¹ γ. */
  readonly gain: Float64Array
}

const NOTHING = {
  used: new Int32Array(0),
  misfit: 0,
  factor: new Float64Array(0),
  whitened: new Float64Array(0),
  gain: new Float64Array(0),
}

/** Gaussian belief in the lasting errors of a network's model and instruments, sharpened hour by hour (a Kalman filter). */
export class PatternFilter {
  readonly size: number
  readonly mean: Float64Array
  /** Float64Array[size · size]. */
  readonly covariance: Float64Array

  constructor(priorSigma: Float64Array) {
    this.size = priorSigma.length
    this.mean = new Float64Array(this.size)
    this.covariance = new Float64Array(this.size * this.size)
    priorSigma.forEach((sigma, i) => {
      this.covariance[i * this.size + i] = sigma * sigma
    })
  }

  copy(): PatternFilter {
    const other = new PatternFilter(new Float64Array(this.size))
    other.mean.set(this.mean)
    other.covariance.set(this.covariance)
    return other
  }

  /** Lets parameters from `first` on wander. @param variance Float64Array: growth of each */
  wander(first: number, variance: Float64Array): void {
    variance.forEach((v, k) => {
      const at = (first + k) * (this.size + 1)
      this.covariance[at] = (this.covariance[at] as number) + v
    })
  }

  /**
   * What a picture says that was not expected; nothing is learned yet.
   * @param inflation  factor of the picture's own covariance: hours are not independent
   * @param allowance  Float64Array[rows]: what a leak could add to each row besides
   */
  compare(picture: Picture, inflation: number, allowance?: Float64Array): Innovation {
    const { rows, residual, byParameter, covariance } = picture
    const n = this.size
    const crossAll = new Float64Array(rows * n)
    const innovation = new Float64Array(rows)
    const refused: number[] = []
    const used: number[] = []
    for (let r = 0; r < rows; r++) {
      if (Number.isNaN(residual[r])) continue
      const h = byParameter.subarray(r * n, (r + 1) * n)
      const cross = crossAll.subarray(r * n, (r + 1) * n)
      let expected = 0
      for (let i = 0; i < n; i++) {
        const x = h[i] as number
        if (x === 0) continue
        expected += x * (this.mean[i] as number)
        const row = i * n
        for (let j = 0; j < n; j++) cross[j] = (cross[j] as number) + x * (this.covariance[row + j] as number)
      }
      innovation[r] = (residual[r] as number) - expected
      let own = (covariance[r * rows + r] as number) * inflation
      for (let i = 0; i < n; i++) own += (h[i] as number) * (cross[i] as number)
      if (Math.abs(innovation[r] as number) > BELIEVED * Math.sqrt(own) + (allowance?.[r] ?? 0)) refused.push(r)
      else used.push(r)
    }
    const m = used.length
    if (m === 0) return { ...NOTHING, refused }
    const s = new Float64Array(m * m)
    used.forEach((r, a) => {
      const h = byParameter.subarray(r * n, (r + 1) * n)
      for (let b = 0; b <= a; b++) {
        const c = used[b] as number
        let sum = (covariance[r * rows + c] as number) * inflation
        const cross = crossAll.subarray(c * n, (c + 1) * n)
        for (let i = 0; i < n; i++) sum += (h[i] as number) * (cross[i] as number)
        s[a * m + b] = sum
        s[b * m + a] = sum
      }
    })
    if (!choleskyInPlace(s, m)) return { ...NOTHING, refused }
    // Rows of L⁻¹ · cross and L⁻¹ · innovation give the update as sums of squares.
    const white = new Float64Array(m * n)
    const nu = new Float64Array(m)
    for (let a = 0; a < m; a++) {
      const row = white.subarray(a * n, (a + 1) * n)
      row.set(crossAll.subarray((used[a] as number) * n, ((used[a] as number) + 1) * n))
      let value = innovation[used[a] as number] as number
      for (let b = 0; b < a; b++) {
        const l = s[a * m + b] as number
        if (l === 0) continue
        const other = white.subarray(b * n, (b + 1) * n)
        for (let i = 0; i < n; i++) row[i] = (row[i] as number) - l * (other[i] as number)
        value -= l * (nu[b] as number)
      }
      const scale = 1 / (s[a * m + a] as number)
      for (let i = 0; i < n; i++) row[i] = (row[i] as number) * scale
      nu[a] = value * scale
    }
    let squares = 0
    for (let a = 0; a < m; a++) squares += (nu[a] as number) ** 2
    return { used: Int32Array.from(used), refused, misfit: squares / m, factor: s, whitened: nu, gain: white }
  }

  /** Learns from what a picture said. */
  learn({ whitened, gain }: Innovation): void {
    const n = this.size
    for (let a = 0; a < whitened.length; a++) {
      const value = whitened[a] as number
      const row = gain.subarray(a * n, (a + 1) * n)
      for (let i = 0; i < n; i++) {
        const x = row[i] as number
        this.mean[i] = (this.mean[i] as number) + x * value
        if (x === 0) continue
        const at = i * n
        for (let j = 0; j < n; j++)
          this.covariance[at + j] = (this.covariance[at + j] as number) - x * (row[j] as number)
      }
    }
  }
}
