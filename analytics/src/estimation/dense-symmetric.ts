/**
 * Cholesky factor of a symmetric positive definite matrix in place: the lower triangle becomes L, the upper is not looked at.
 * @param a  Float64Array[n · n], row by row
 * @returns false when the matrix is not positive definite
 */
export function choleskyInPlace(a: Float64Array, n: number): boolean {
  for (let i = 0; i < n; i++) {
    const rowI = i * n
    for (let j = 0; j <= i; j++) {
      const rowJ = j * n
      let sum = a[rowI + j] as number
      for (let k = 0; k < j; k++) sum -= (a[rowI + k] as number) * (a[rowJ + k] as number)
      if (i === j) {
        if (!(sum > 0)) return false
        a[rowI + i] = Math.sqrt(sum)
      } else a[rowI + j] = sum / (a[rowJ + j] as number)
    }
  }
  return true
}

/** Solves L x = b in place. @param l  result of `choleskyInPlace` */
export function solveLower(l: Float64Array, n: number, b: Float64Array): void {
  for (let i = 0; i < n; i++) {
    let sum = b[i] as number
    for (let k = 0; k < i; k++) sum -= (l[i * n + k] as number) * (b[k] as number)
    b[i] = sum / (l[i * n + i] as number)
  }
}

/** Solves Lᵀ x = b in place. */
export function solveLowerTransposed(l: Float64Array, n: number, b: Float64Array): void {
  for (let i = n - 1; i >= 0; i--) {
    const x = (b[i] as number) / (l[i * n + i] as number)
    b[i] = x
    for (let k = 0; k < i; k++) b[k] = (b[k] as number) - (l[i * n + k] as number) * x
  }
}

/** Solves L Lᵀ x = b in place. */
export function solveCholesky(l: Float64Array, n: number, b: Float64Array): void {
  solveLower(l, n, b)
  solveLowerTransposed(l, n, b)
}

/** Inverse of L Lᵀ. @returns Float64Array[n · n] */
export function invertCholesky(l: Float64Array, n: number): Float64Array {
  const inverse = new Float64Array(n * n)
  for (let i = 0; i < n; i++) {
    const row = inverse.subarray(i * n, (i + 1) * n)
    row[i] = 1
    solveCholesky(l, n, row)
  }
  return inverse
}
