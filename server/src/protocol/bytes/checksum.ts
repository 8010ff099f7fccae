/** Sum of the bytes from `from` to before `to`, mod 256. @source CJ/T 188-2004, link layer, as publicly described */
export function sum8(bytes: Uint8Array, from: number, to: number): number {
  let sum = 0
  for (let i = from; i < to; i++) sum += bytes[i] ?? 0
  return sum & 0xff
}
