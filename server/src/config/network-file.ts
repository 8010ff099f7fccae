import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { buildNetwork, type Fault, type Network, NetworkParts, parseNetwork, UsageError } from '@gastwin/twin'
import { checkMetersFile, readMeterFiles } from './meter-files.ts'

const LINES = 50

export interface IdentifiedNetwork {
  readonly network: Network
  /** 16 hexadecimal digits of a SHA-256 over the document and the content of its column files. */
  readonly id: string
}

/**
 * Reads and compiles a network document.
 * @throws UsageError NET_DOCUMENT with every fault in a line of its own
 */
export async function readNetworkFile(file: string): Promise<Network> {
  return (await identifyNetworkFile(file)).network
}

/**
 * The same, with what tells this network from any other.
 * @throws UsageError NET_DOCUMENT
 */
export async function identifyNetworkFile(file: string): Promise<IdentifiedNetwork> {
  const { bytes, json } = await readDocument(file)
  const { network, columns } = await compileDocument(file, json)
  const hash = createHash('sha256').update(bytes)
  if (columns !== undefined) hash.update(columns)
  return { network, id: hash.digest('hex').slice(0, 16) }
}

/**
 * Compiles a document whose meters may lie in files beside it.
 * @param file where it was read from: column files are looked for in its folder
 * @returns `columns`: SHA-256 of the column files when there are any
 * @throws UsageError NET_DOCUMENT with every fault in a line of its own
 */
export async function compileDocument(
  file: string,
  json: unknown,
): Promise<{ readonly network: Network; readonly columns?: Uint8Array }> {
  const stated = (json as { readonly meters_file?: unknown } | null)?.meters_file
  if (stated === undefined || stated === null) {
    const parsed = parseNetwork(json)
    if (!parsed.ok) throw refused(file, parsed.faults)
    return { network: buildNetwork(parsed.document) }
  }
  const metersFile = checkMetersFile(file, stated)
  const parts = new NetworkParts(json, Math.max(1, metersFile.count))
  const columns = await readMeterFiles(file, metersFile, parts)
  const made = parts.finish()
  if (!made.ok) throw refused(file, made.faults)
  return { network: made.network, columns }
}

async function readDocument(file: string): Promise<{ bytes: Buffer; json: unknown }> {
  try {
    const bytes = await readFile(file)
    return { bytes, json: JSON.parse(bytes.toString('utf8')) as unknown }
  } catch (cause) {
    throw new UsageError(
      'NET_DOCUMENT',
      `${file}: ${cause instanceof Error ? cause.message : String(cause)}`,
      { file },
      cause,
    )
  }
}

function refused(file: string, faults: readonly Fault[]): UsageError {
  const lines = faults.slice(0, LINES).map((f) => `${file}: ${f.where}: ${f.what}, expected ${f.expected}`)
  if (faults.length > LINES) lines.push(`${file}: and ${faults.length - LINES} more faults`)
  return new UsageError('NET_DOCUMENT', lines.join('\n'), { file, faults: faults.length })
}
