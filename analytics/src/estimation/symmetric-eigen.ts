const MOST_STEPS = 60

/**
 * Eigenvalues and orthonormal eigenvectors of a symmetric matrix: reflections to tridiagonal form, then implicitly shifted QL.
 *
 * @param matrix  Float64Array[n · n]; not changed
 * @returns values in no order; `vectors` row i belongs to value i, Float64Array[n · n]
 */
export function symmetricEigen(matrix: Float64Array, n: number): { values: Float64Array; vectors: Float64Array } {
  const a = matrix.slice()
  const values = new Float64Array(n)
  const beside = new Float64Array(n)
  const q = tridiagonal(a, n, values, beside)
  implicitQl(n, values, beside, q)
  return { values, vectors: q }
}

/** Householder reflections H_k = I − 2 v vᵀ; returns rows of Qᵀ with Qᵀ A Q tridiagonal. */
function tridiagonal(a: Float64Array, n: number, diagonal: Float64Array, beside: Float64Array): Float64Array {
  const q = new Float64Array(n * n)
  for (let i = 0; i < n; i++) q[i * n + i] = 1
  const v = new Float64Array(n)
  const w = new Float64Array(n)
  for (let k = 0; k < n - 2; k++) {
    let norm = 0
    for (let i = k + 1; i < n; i++) norm += (a[i * n + k] as number) ** 2
    norm = Math.sqrt(norm)
    if (norm === 0) continue
    const head = a[(k + 1) * n + k] as number
    const target = head > 0 ? -norm : norm
    let length = 0
    for (let i = k + 1; i < n; i++) {
      v[i] = (a[i * n + k] as number) - (i === k + 1 ? target : 0)
      length += (v[i] as number) ** 2
    }
    if (length === 0) continue
    const scale = Math.sqrt(2 / length)
    for (let i = k + 1; i < n; i++) v[i] = (v[i] as number) * scale
    // A ← (I − v vᵀ) A (I − v vᵀ) within rows and columns from k + 1.
    let half = 0
    for (let i = k + 1; i < n; i++) {
      let sum = 0
      for (let j = k + 1; j < n; j++) sum += (a[i * n + j] as number) * (v[j] as number)
      w[i] = sum
      half += sum * (v[i] as number)
    }
    half /= 2
    for (let i = k + 1; i < n; i++) w[i] = (w[i] as number) - half * (v[i] as number)
    for (let i = k + 1; i < n; i++) {
      const vi = v[i] as number
      const wi = w[i] as number
      for (let j = k + 1; j < n; j++)
        a[i * n + j] = (a[i * n + j] as number) - vi * (w[j] as number) - wi * (v[j] as number)
    }
    a[(k + 1) * n + k] = target
    reflectRows(q, n, v, k + 1)
  }
  for (let i = 0; i < n; i++) {
    diagonal[i] = a[i * n + i] as number
    beside[i] = i + 1 < n ? (a[(i + 1) * n + i] as number) : 0
  }
  return q
}

/** Rows from `first` of Qᵀ ← (I − v vᵀ) Qᵀ. */
function reflectRows(q: Float64Array, n: number, v: Float64Array, first: number): void {
  const sums = new Float64Array(n)
  for (let i = first; i < n; i++) {
    const vi = v[i] as number
    for (let j = 0; j < n; j++) sums[j] = (sums[j] as number) + vi * (q[i * n + j] as number)
  }
  for (let i = first; i < n; i++) {
    const vi = v[i] as number
    for (let j = 0; j < n; j++) q[i * n + j] = (q[i * n + j] as number) - vi * (sums[j] as number)
  }
}

/** Diagonalises a tridiagonal matrix; rotations are applied to the rows of q. */
function implicitQl(n: number, d: Float64Array, e: Float64Array, q: Float64Array): void {
  for (let l = 0; l < n; l++) {
    for (let step = 0; step < MOST_STEPS; step++) {
      let m = l
      while (m < n - 1) {
        const near = Math.abs(d[m] as number) + Math.abs(d[m + 1] as number)
        if (Math.abs(e[m] as number) <= Number.EPSILON * near) break
        m += 1
      }
      if (m === l) break
      let g = ((d[l + 1] as number) - (d[l] as number)) / (2 * (e[l] as number))
      let r = Math.hypot(g, 1)
      g = (d[m] as number) - (d[l] as number) + (e[l] as number) / (g + (g >= 0 ? r : -r))
      let s = 1
      let c = 1
      let p = 0
      let i = m - 1
      for (; i >= l; i--) {
        const f = s * (e[i] as number)
        const b = c * (e[i] as number)
        r = Math.hypot(f, g)
        e[i + 1] = r
        if (r === 0) {
          d[i + 1] = (d[i + 1] as number) - p
          e[m] = 0
          break
        }
        s = f / r
        c = g / r
        g = (d[i + 1] as number) - p
        r = ((d[i] as number) - g) * s + 2 * c * b
        p = s * r
        d[i + 1] = g + p
        g = c * r - b
        for (let k = 0; k < n; k++) {
          const upper = q[(i + 1) * n + k] as number
          const lower = q[i * n + k] as number
          q[(i + 1) * n + k] = s * lower + c * upper
          q[i * n + k] = c * lower - s * upper
        }
      }
      if (r === 0 && i >= l) continue
      d[l] = (d[l] as number) - p
      e[l] = g
      e[m] = 0
    }
  }
}
