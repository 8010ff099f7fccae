/** Rising numbers as their differences, seven bits a byte, in base 64. */
export function packNumbers(numbers: Float64Array): string {
  const bytes: number[] = []
  let before = 0
  for (const number of numbers) {
    let rest = number - before
    before = number
    for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128)
    bytes.push(rest)
  }
  return Buffer.from(bytes).toString('base64')
}

/** Mirror of `packNumbers`. */
export function unpackNumbers(text: string): number[] {
  const numbers: number[] = []
  let [value, scale, before] = [0, 1, 0]
  for (const byte of Buffer.from(text, 'base64')) {
    value += (byte & 127) * scale
    scale *= 128
    if (byte >= 128) continue
    before += value
    numbers.push(before)
    value = 0
    scale = 1
  }
  return numbers
}
