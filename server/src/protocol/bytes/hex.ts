const DIGITS = '0123456789ABCDEF'

/** Upper-case hexadecimal, two digits a byte, optionally with a separator. */
export function toHex(bytes: Uint8Array, separator = ''): string {
  let text = ''
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] ?? 0
    text += (i > 0 ? separator : '') + (DIGITS[byte >> 4] ?? '') + (DIGITS[byte & 0x0f] ?? '')
  }
  return text
}

/** Bytes of a hexadecimal text; spaces, colons and line breaks between digits are ignored. Undefined when it is not hexadecimal. */
export function fromHex(text: string): Uint8Array | undefined {
  const digits = text.replace(/[\s:]+/g, '').replace(/^0x/i, '')
  if (digits.length % 2 !== 0 || /[^0-9a-f]/i.test(digits)) return undefined
  const bytes = new Uint8Array(digits.length / 2)
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16)
  return bytes
}
