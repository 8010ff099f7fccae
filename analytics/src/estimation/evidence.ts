import { choleskyInPlace, invertCholesky, solveCholesky } from './dense-symmetric.ts'

/**
 * Information that measurements give about parameters scaled to a standard deviation of one before: sums of H̃ᵀH̃ and H̃ᵀỹ of
 * whitened rows, and the posterior they lead to.
 */
export class Evidence {
  readonly size: number
  readonly #information: Float64Array
  readonly #pull: Float64Array

  constructor(size: number) {
    this.size = size
    this.#information = new Float64Array(size * size)
    this.#pull = new Float64Array(size)
  }

  /**
   * @param rows    Float64Array[count · size], whitened and scaled
   * @param values  Float64Array[count], whitened
   */
  add(rows: Float64Array, values: Float64Array, count: number): void {
    const n = this.size
    for (let k = 0; k < count; k++) {
      const base = k * n
      const value = values[k] as number
      for (let i = 0; i < n; i++) {
        const x = rows[base + i] as number
        if (x === 0) continue
        this.#pull[i] = (this.#pull[i] as number) + x * value
        const at = i * n
        for (let j = 0; j <= i; j++)
          this.#information[at + j] = (this.#information[at + j] as number) + x * (rows[base + j] as number)
      }
    }
  }

  /** Posterior mean and covariance of the scaled parameters, Float64Array[size] and [size · size]. */
  posterior(): { readonly mean: Float64Array; readonly covariance: Float64Array } {
    const n = this.size
    const factor = this.#information.slice()
    for (let i = 0; i < n; i++) factor[i * n + i] = (factor[i * n + i] as number) + 1
    // Identity plus a sum of squares is always positive definite.
    choleskyInPlace(factor, n)
    const mean = this.#pull.slice()
    solveCholesky(factor, n, mean)
    return { mean, covariance: invertCholesky(factor, n) }
  }
}
