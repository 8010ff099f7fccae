import { completeDocument } from '@gastwin/twin'
import { importGaslib } from './gaslib/import-gaslib.ts'
import { importGeojson } from './geojson.ts'
import { type Imported, ImportFault, type ImportOptions } from './imported.ts'
import { importInp } from './inp/import-inp.ts'
import { parseJson } from './loose-json.ts'
import { importMatgas } from './matgas/import-matgas.ts'
import { importPandapipes } from './pandapipes/import-pandapipes.ts'

export const NETWORK_FORMATS = ['gastwin', 'geojson', 'pandapipes', 'gaslib', 'matgas', 'inp'] as const
export type NetworkFormat = (typeof NETWORK_FORMATS)[number]

/** Tells a network file's format by its content, undefined when it is none that is known. */
export function formatOf(text: string): NetworkFormat | undefined {
  const start = text.trimStart()
  if (start.startsWith('<')) return /<(\w+:)?network[\s>]/.test(text) ? 'gaslib' : undefined
  if (start.startsWith('{')) {
    // Only the head and the marks are looked at: the reader of the format parses.
    if (/"_class"\s*:\s*"pandapipesNet"/.test(text) || /"_module"\s*:\s*"pandapipes/.test(text)) return 'pandapipes'
    if (/"type"\s*:\s*"FeatureCollection"/.test(text)) return 'geojson'
    return 'gastwin'
  }
  if (/^\s*mgc\.\w+\s*=/m.test(text) || /^\s*function\s+mgc\b/m.test(text)) return 'matgas'
  if (/^\s*\[(JUNCTIONS|PIPES|RESERVOIRS|TITLE)\]/im.test(text)) return 'inp'
  return undefined
}

const READERS: Readonly<Record<NetworkFormat, (text: string, options: ImportOptions) => Imported>> = {
  gastwin: (text) => ({ document: completeDocument(parseJson(text)), notes: [] }),
  geojson: (text, options) => importGeojson(parseJson(text), options),
  pandapipes: (text, options) => importPandapipes(parseJson(text), options),
  gaslib: importGaslib,
  matgas: importMatgas,
  inp: importInp,
}

/**
 * Turns the text of a network file into `gastwin-network/1`.
 *
 * @param format  force it; told by the content when missing
 * @throws ImportFault with one line when the text is not of its format
 */
export function importNetwork(
  text: string,
  options: ImportOptions,
  format: NetworkFormat | undefined = formatOf(text),
): Imported & { readonly format: NetworkFormat } {
  if (format === undefined)
    throw new ImportFault(`no known network format: expected one of ${NETWORK_FORMATS.join(', ')}`)
  return { ...READERS[format](text, options), format }
}
