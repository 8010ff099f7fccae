/** Dense symmetric matrices, row after row in one array. */

/**
 * Inverse of a symmetric positive definite matrix, by Cholesky's factors.
 * @param matrix n², kept as it is
 * @returns n²; undefined when the matrix is not positive definite
 */
export function invertPositive(matrix: Float64Array, n: number): Float64Array | undefined {
  const lower = matrix.slice()
  for (let j = 0; j < n; j++) {
    for (let i = j; i < n; i++) {
      let sum = lower[i * n + j] as number
      for (let k = 0; k < j; k++) sum -= (lower[i * n + k] as number) * (lower[j * n + k] as number)
      if (i > j) lower[i * n + j] = sum / (lower[j * n + j] as number)
      else if (sum > 0) lower[i * n + j] = Math.sqrt(sum)
      else return undefined
    }
  }
  const inverse = new Float64Array(n * n)
  const column = new Float64Array(n)
  for (let j = 0; j < n; j++) {
    for (let i = 0; i < n; i++) {
      let sum = i === j ? 1 : 0
      for (let k = j; k < i; k++) sum -= (lower[i * n + k] as number) * (column[k] as number)
      column[i] = i < j ? 0 : sum / (lower[i * n + i] as number)
    }
    for (let i = n - 1; i >= 0; i--) {
      let sum = column[i] as number
      for (let k = i + 1; k < n; k++) sum -= (lower[k * n + i] as number) * (column[k] as number)
      column[i] = sum / (lower[i * n + i] as number)
    }
    for (let i = 0; i < n; i++) inverse[i * n + j] = column[i] as number
  }
  return inverse
}

/** matrix · vector. */
export function times(matrix: Float64Array, vector: Float64Array): Float64Array {
  const n = vector.length
  const out = new Float64Array(n)
  for (let i = 0; i < n; i++) {
    let sum = 0
    for (let k = 0; k < n; k++) sum += (matrix[i * n + k] as number) * (vector[k] as number)
    out[i] = sum
  }
  return out
}

export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number)
  return sum
}

/** matrix += vector · vectorᵀ. */
export function addOuter(matrix: Float64Array, vector: Float64Array): void {
  const n = vector.length
  for (let i = 0; i < n; i++) {
    const vi = vector[i] as number
    if (vi === 0) continue
    for (let k = 0; k < n; k++) matrix[i * n + k] = (matrix[i * n + k] as number) + vi * (vector[k] as number)
  }
}
