import { XMLParser } from 'fast-xml-parser'
import { isLoose, type Loose, textIn } from '../fields.ts'
import { ImportFault } from '../imported.ts'

/** Reads XML into plain objects: attributes as `@name`, namespaces dropped. @throws ImportFault when it is no XML */
export function parseXml(text: string): Loose {
  try {
    const parser = new XMLParser({
      ignoreAttributes: false,
      attributeNamePrefix: '@',
      removeNSPrefix: true,
      parseTagValue: false,
      parseAttributeValue: false,
      processEntities: false,
    })
    const parsed: unknown = parser.parse(text)
    return isLoose(parsed) ? parsed : {}
  } catch (cause) {
    throw new ImportFault(`no XML: ${cause instanceof Error ? cause.message : String(cause)}`)
  }
}

/** Children of one name: XML with one child and with many read alike. */
export function childrenOf(parent: unknown, name: string): readonly Loose[] {
  if (!isLoose(parent)) return []
  const value = parent[name]
  const list: readonly unknown[] = Array.isArray(value) ? value : [value]
  return list.filter(isLoose)
}

export function attribute(element: Loose, name: string): string | undefined {
  return textIn(element, `@${name}`)
}

/** Offset and factor of each unit to SI; flows become m³/s at normal conditions or kg/s. */
const UNITS: Readonly<Record<string, readonly [factor: number, offset: number]>> = {
  m: [1, 0],
  meter: [1, 0],
  km: [1000, 0],
  mm: [1e-3, 0],
  bar: [1e5, 0],
  barg: [1e5, 101_325],
  Pa: [1, 0],
  K: [1, 0],
  Celsius: [1, 273.15],
  C: [1, 273.15],
  '1000m_cube_per_hour': [1000 / 3600, 0],
  m_cube_per_hour: [1 / 3600, 0],
  m_cube_per_s: [1, 0],
  kg_per_kmol: [1e-3, 0],
  kg_per_m_cube: [1, 0],
}

/**
 * A quantity with its own unit, in SI; undefined when there is none.
 * @param usual  the unit where the element names none
 * @throws ImportFault when the unit is not known
 */
export function quantity(element: Loose, name: string, usual: string): number | undefined {
  const child = childrenOf(element, name)[0]
  return child === undefined ? undefined : siValue(child, usual)
}

/** The `value` of an element in SI. @throws ImportFault when its unit is not known */
export function siValue(element: Loose, usual: string): number | undefined {
  const value = Number(attribute(element, 'value') ?? Number.NaN)
  if (Number.isNaN(value)) return undefined
  const unit = attribute(element, 'unit') ?? usual
  const scale = UNITS[unit]
  if (scale === undefined) throw new ImportFault(`unit "${unit}" is not known`)
  return value * scale[0] + scale[1]
}
