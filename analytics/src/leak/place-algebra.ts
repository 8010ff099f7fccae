/*
 * Dense algebra over tens of thousands of places with a row each. Several sums run side by side: one alone waits for each of its
 * additions in turn, which costs four times as much.
 */

/**
 * Solves L γ = e for every place, in place.
 * @param factor  Float64Array[size · size], lower triangle
 * @param effects Float64Array[places · size]
 */
export function substitute(factor: Float64Array, size: number, effects: Float64Array): void {
  const end = effects.length - (effects.length % (4 * size))
  for (let at = 0; at < end; at += 4 * size) {
    const b = at + size
    const c = b + size
    const d = c + size
    for (let i = 0; i < size; i++) {
      const row = i * size
      let w = effects[at + i] as number
      let x = effects[b + i] as number
      let y = effects[c + i] as number
      let z = effects[d + i] as number
      for (let j = 0; j < i; j++) {
        const l = factor[row + j] as number
        w -= l * (effects[at + j] as number)
        x -= l * (effects[b + j] as number)
        y -= l * (effects[c + j] as number)
        z -= l * (effects[d + j] as number)
      }
      const scale = 1 / (factor[row + i] as number)
      effects[at + i] = w * scale
      effects[b + i] = x * scale
      effects[c + i] = y * scale
      effects[d + i] = z * scale
    }
  }
  for (let at = end; at < effects.length; at += size)
    for (let i = 0; i < size; i++) {
      let w = effects[at + i] as number
      for (let j = 0; j < i; j++) w -= (factor[i * size + j] as number) * (effects[at + j] as number)
      effects[at + i] = w / (factor[i * size + i] as number)
    }
}

/**
 * effect(place, i) −= row i · belief(place).
 * @param rows    Float64Array[size · parameters]
 * @param beliefs Float64Array[places · parameters]
 * @param effects Float64Array[places · size]
 */
export function subtractProducts(
  rows: Float64Array,
  beliefs: Float64Array,
  parameters: number,
  size: number,
  effects: Float64Array,
): void {
  const places = effects.length / size
  for (let place = 0; place < places; place++) {
    const own = place * parameters
    const at = place * size
    let i = 0
    for (; i + 3 < size; i += 4) {
      const a = i * parameters
      const b = a + parameters
      const c = b + parameters
      const d = c + parameters
      let w = 0
      let x = 0
      let y = 0
      let z = 0
      for (let k = 0; k < parameters; k++) {
        const belief = beliefs[own + k] as number
        w += (rows[a + k] as number) * belief
        x += (rows[b + k] as number) * belief
        y += (rows[c + k] as number) * belief
        z += (rows[d + k] as number) * belief
      }
      effects[at + i] = (effects[at + i] as number) - w
      effects[at + i + 1] = (effects[at + i + 1] as number) - x
      effects[at + i + 2] = (effects[at + i + 2] as number) - y
      effects[at + i + 3] = (effects[at + i + 3] as number) - z
    }
    for (; i < size; i++) {
      let w = 0
      for (let k = 0; k < parameters; k++) w += (rows[i * parameters + k] as number) * (beliefs[own + k] as number)
      effects[at + i] = (effects[at + i] as number) - w
    }
  }
}

/**
 * belief(place) += Σ γ(place, i) · gain row i.
 * @param gammas  Float64Array[places · size]
 * @param gain    Float64Array[size · parameters]
 * @param beliefs Float64Array[places · parameters]
 */
export function addCombinations(
  gammas: Float64Array,
  gain: Float64Array,
  size: number,
  parameters: number,
  beliefs: Float64Array,
): void {
  const places = gammas.length / size
  for (let place = 0; place < places; place++) {
    const own = place * parameters
    const at = place * size
    let i = 0
    for (; i + 3 < size; i += 4) {
      const a = i * parameters
      const b = a + parameters
      const c = b + parameters
      const d = c + parameters
      const w = gammas[at + i] as number
      const x = gammas[at + i + 1] as number
      const y = gammas[at + i + 2] as number
      const z = gammas[at + i + 3] as number
      for (let k = 0; k < parameters; k++)
        beliefs[own + k] =
          (beliefs[own + k] as number) +
          (w * (gain[a + k] as number) + x * (gain[b + k] as number)) +
          (y * (gain[c + k] as number) + z * (gain[d + k] as number))
    }
    for (; i < size; i++) {
      const w = gammas[at + i] as number
      for (let k = 0; k < parameters; k++)
        beliefs[own + k] = (beliefs[own + k] as number) + w * (gain[i * parameters + k] as number)
    }
  }
}
