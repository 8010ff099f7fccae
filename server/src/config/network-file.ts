import { readFile } from 'node:fs/promises'
import { buildNetwork, type Network, parseNetwork, UsageError } from '@gastwin/twin'

/**
 * Reads and compiles a network document.
 * @throws UsageError NET_DOCUMENT with every fault in a line of its own
 */
export async function readNetworkFile(file: string): Promise<Network> {
  let json: unknown
  try {
    json = JSON.parse(await readFile(file, 'utf8'))
  } catch (cause) {
    throw new UsageError(
      'NET_DOCUMENT',
      `${file}: ${cause instanceof Error ? cause.message : String(cause)}`,
      { file },
      cause,
    )
  }
  const parsed = parseNetwork(json)
  if (!parsed.ok) {
    const lines = parsed.faults.slice(0, 50).map((f) => `${file}: ${f.where}: ${f.what}, expected ${f.expected}`)
    if (parsed.faults.length > 50) lines.push(`${file}: and ${parsed.faults.length - 50} more faults`)
    throw new UsageError('NET_DOCUMENT', lines.join('\n'), { file, faults: parsed.faults.length })
  }
  return buildNetwork(parsed.document)
}
