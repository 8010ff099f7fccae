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

/**
 * A Bᵀ where that is symmetric, four products at a time so that rows are read once.
 * @param a, b  Float64Array[count · width], row by row
 * @param out   Float64Array[count · count]; overwritten
 */
export function products(a: Float64Array, b: Float64Array, count: number, width: number, out: Float64Array): void {
  for (let k = 0; k < count; k++) {
    const own = a.subarray(k * width, (k + 1) * width)
    for (let l = 0; l <= k; l += 4) {
      const b0 = b.subarray(l * width, (l + 1) * width)
      const b1 = b.subarray(Math.min(l + 1, k) * width, (Math.min(l + 1, k) + 1) * width)
      const b2 = b.subarray(Math.min(l + 2, k) * width, (Math.min(l + 2, k) + 1) * width)
      const b3 = b.subarray(Math.min(l + 3, k) * width, (Math.min(l + 3, k) + 1) * width)
      let s0 = 0
      let s1 = 0
      let s2 = 0
      let s3 = 0
      for (let j = 0; j < width; j++) {
        const x = own[j] as number
        s0 += x * (b0[j] as number)
        s1 += x * (b1[j] as number)
        s2 += x * (b2[j] as number)
        s3 += x * (b3[j] as number)
      }
      put(out, count, k, l, s0)
      if (l + 1 <= k) put(out, count, k, l + 1, s1)
      if (l + 2 <= k) put(out, count, k, l + 2, s2)
      if (l + 3 <= k) put(out, count, k, l + 3, s3)
    }
  }
}

function put(out: Float64Array, count: number, k: number, l: number, value: number): void {
  out[k * count + l] = value
  out[l * count + k] = value
}
