import { readdirSync, readFileSync } from 'node:fs'
import { basename, extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { UsageError } from '@gastwin/twin'
import { checkProfile, type VendorProfile } from '../protocol/index.ts'

/** The same place seen from the sources and from the built program. */
const SHIPPED = fileURLToPath(new URL('../../profiles/', import.meta.url))

/** Names of the profiles that come with gastwin. */
export const shippedProfiles = (): readonly string[] =>
  readdirSync(SHIPPED)
    .filter((file) => extname(file) === '.json')
    .map((file) => basename(file, '.json'))
    .sort()

/**
 * A vendor profile by the name of a shipped one, or from a file.
 * @param nameOrFile a name has neither dot nor slash
 * @throws UsageError CFG_INVALID when there is none, it is no JSON, or it has mistakes: each in a line with its place
 */
export function loadProfile(nameOrFile: string): VendorProfile {
  const shipped = !/[./\\]/.test(nameOrFile)
  const file = shipped ? `${SHIPPED}${nameOrFile}.json` : nameOrFile
  const profile = checkProfile(readJson(nameOrFile, file, shipped))
  if (!('mistakes' in profile)) return profile
  const lines = profile.mistakes.map(({ path, message }) => `profile ${nameOrFile}: ${path || 'the file'} ${message}`)
  throw new UsageError('CFG_INVALID', lines.join('\n'), { mistakes: profile.mistakes })
}

function readJson(name: string, file: string, shipped: boolean): unknown {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    const hint = shipped ? `; shipped are ${shippedProfiles().join(', ')}` : ''
    throw new UsageError('CFG_INVALID', `there is no profile ${name}${hint}`, { file }, error)
  }
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new UsageError('CFG_INVALID', `profile ${name} is no JSON: ${(error as Error).message}`, { file }, error)
  }
}
