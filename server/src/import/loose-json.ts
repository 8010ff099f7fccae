import { ImportFault } from './imported.ts'

/**
 * Parses JSON; the NaN and Infinity that Python writes count as null.
 * @throws ImportFault when it is no JSON even so
 */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (first) {
    const strict = text.replaceAll(/"(?:[^"\\]|\\.)*"|-?\b(?:NaN|Infinity)\b/g, (token) =>
      token.startsWith('"') ? token : 'null',
    )
    try {
      return JSON.parse(strict)
    } catch {
      throw new ImportFault(
        `no JSON: ${(first instanceof Error ? first.message : String(first)).replaceAll(/\s+/g, ' ')}`,
      )
    }
  }
}
