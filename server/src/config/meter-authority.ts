import type { LineTerms } from '../protocol/index.ts'

/** Password and operator of DL/T 645 from the setting; undefined when none is set. @param digits 16 hexadecimal digits */
export function meterAuthority(digits: string | null): LineTerms['authority'] {
  if (digits === null) return undefined
  const bytes = Uint8Array.from(Buffer.from(digits, 'hex'))
  return { password: bytes.slice(0, 4), operator: bytes.slice(4) }
}
