const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const VALUE_OF = new Uint8Array(128)
for (let i = 0; i < 64; i++) VALUE_OF[DIGITS.charCodeAt(i)] = i

/** Bytes of a column as base64 (RFC 4648 §4), so that a detector's memory is plain JSON. */
export function textOfBytes(bytes: Uint8Array): string {
  const parts: string[] = []
  for (let from = 0; from < bytes.length; from += 3 * 4096)
    parts.push(encodePart(bytes.subarray(from, from + 3 * 4096)))
  return parts.join('')
}

/** The bytes again; `text` must come from `textOfBytes`. */
export function bytesOfText(text: string): Uint8Array<ArrayBuffer> {
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0
  const bytes = new Uint8Array((text.length / 4) * 3 - padding)
  for (let i = 0, out = 0; i < text.length; i += 4) {
    let word = 0
    for (let j = 0; j < 4; j++) word = (word << 6) | (VALUE_OF[text.charCodeAt(i + j)] ?? 0)
    bytes[out++] = word >>> 16
    if (out < bytes.length) bytes[out++] = word >>> 8
    if (out < bytes.length) bytes[out++] = word
  }
  return bytes
}

function encodePart(bytes: Uint8Array): string {
  let text = ''
  for (let i = 0; i < bytes.length; i += 3) {
    const left = bytes.length - i
    const word = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0)
    text += DIGITS[word >>> 18] ?? ''
    text += DIGITS[(word >>> 12) & 63] ?? ''
    text += left > 1 ? (DIGITS[(word >>> 6) & 63] ?? '') : '='
    text += left > 2 ? (DIGITS[word & 63] ?? '') : '='
  }
  return text
}
