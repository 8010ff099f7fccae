/** Hash of a source, 32 bits, never 0; the same after every restart. FNV-1a over the text of the address and the port. */
export function hashSource({ address, port }: { readonly address: string; readonly port: number }): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < address.length; i++) hash = Math.imul(hash ^ address.charCodeAt(i), 0x01000193)
  hash = Math.imul(hash ^ (port & 0xff), 0x01000193)
  hash = Math.imul(hash ^ (port >> 8), 0x01000193)
  return hash >>> 0 || 1
}
