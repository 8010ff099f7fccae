import { readFile } from 'node:fs/promises'
import { basename, extname } from 'node:path'
import { type Network, UsageError } from '@gastwin/twin'
import { compileDocument } from '../config/network-file.ts'
import { importNetwork, NETWORK_FORMATS, type NetworkFormat } from '../import/import-network.ts'
import { ImportFault, type ImportOptions } from '../import/imported.ts'
import { numberOption } from './command-line.ts'

/** Options of every verb that reads a network of any format. */
export const NETWORK_OPTIONS = {
  format: { type: 'string' },
  scn: { type: 'string' },
  time: { type: 'string' },
  friction: { type: 'string' },
  'compressor-ratio': { type: 'string' },
} as const

export const NETWORK_USAGE =
  '[--format FORMAT] [--scn FILE] [--time HOURS] [--friction LAW[,LAMINAR]] [--compressor-ratio R]'

export interface NetworkValues {
  readonly format?: string | undefined
  readonly scn?: string | undefined
  readonly time?: string | undefined
  readonly friction?: string | undefined
  readonly 'compressor-ratio'?: string | undefined
}

export interface NetworkInput {
  readonly network: Network
  readonly format: NetworkFormat
  /** What of the file could not be used, one line each. */
  readonly notes: readonly string[]
}

/**
 * Reads a network of any known format.
 * @throws UsageError CLI_USAGE for a wrong option, NET_DOCUMENT when the file cannot be read or breaks the rules, with its faults
 */
export async function readNetworkInput(file: string, values: NetworkValues = {}): Promise<NetworkInput> {
  const wanted = formatOption(values.format)
  const text = await readText(file)
  const scenario = await readScenario(file, values.scn)
  const options: ImportOptions = {
    name: basename(file, extname(file)),
    ...(scenario === undefined ? {} : { scenario }),
    ...(values.time === undefined ? {} : { patternTimeS: 3600 * numberOption('time', values.time, 0, 1e6) }),
  }
  const imported = importText(file, text, options, wanted)
  const { network } = await compileDocument(file, withOverrides(imported.document, values))
  return { network, format: imported.format, notes: imported.notes }
}

/** Tells a person what of the file could not be used. */
export function printNotes(notes: readonly string[]): void {
  for (const note of notes) console.error(`note: ${note}`)
}

function importText(file: string, text: string, options: ImportOptions, format: NetworkFormat | undefined) {
  try {
    return importNetwork(text, options, format)
  } catch (cause) {
    if (!(cause instanceof ImportFault)) throw cause
    throw new UsageError('NET_DOCUMENT', `${file}: ${cause.message}`, { file }, cause)
  }
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new UsageError('NET_DOCUMENT', `${file}: ${reason}`, { file }, cause)
  }
}

/** The nomination of a GasLib network lies beside it under the same name, or the only one does. */
async function readScenario(file: string, named: string | undefined): Promise<string | undefined> {
  if (named !== undefined) return readText(named)
  if (!/\.net$/i.test(file)) return undefined
  const { readdir } = await import('node:fs/promises')
  const folder = file.includes('/') ? file.slice(0, file.lastIndexOf('/')) : '.'
  const beside = (await readdir(folder).catch(() => [])).filter((name) => /\.scn$/i.test(name))
  const own = basename(file).replace(/\.net$/i, '.scn')
  const found = beside.includes(own) ? own : beside.length === 1 ? beside[0] : undefined
  return found === undefined ? undefined : readText(`${folder}/${found}`)
}

function formatOption(text: string | undefined): NetworkFormat | undefined {
  if (text === undefined) return undefined
  const found = NETWORK_FORMATS.find((format) => format === text)
  if (found === undefined)
    throw new UsageError('CLI_USAGE', `--format is "${text}", expected one of ${NETWORK_FORMATS.join(', ')}`)
  return found
}

/** What files of some formats cannot say may be said on the command line. */
function withOverrides(document: unknown, values: NetworkValues): unknown {
  if (typeof document !== 'object' || document === null) return document
  const changed: Record<string, unknown> = { ...document }
  if (values.friction !== undefined) {
    const [law, laminar] = values.friction.split(',')
    changed['friction'] = laminar === undefined ? { law } : { law, laminar }
  }
  if (values['compressor-ratio'] !== undefined) {
    const ratio = numberOption('compressor-ratio', values['compressor-ratio'], 1, 10)
    const rows = changed['compressors']
    if (Array.isArray(rows)) changed['compressors'] = rows.map((row: object) => ({ ...row, ratio }))
  }
  return changed
}
