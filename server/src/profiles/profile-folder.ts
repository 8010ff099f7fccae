import { readdirSync, statSync } from 'node:fs'
import path from 'node:path'
import { type Network, UsageError } from '@gastwin/twin'
import type { StatusProfile, VendorProfile } from '../protocol/index.ts'
import { loadProfile, shippedProfiles } from './load-profile.ts'
import { type AssignedMeters, type ProfileSet, profileSet } from './profile-set.ts'

/** Where profiles come from and who has which. */
export interface ProfileSources {
  /** Folder of the operator's own profiles; null for none. */
  readonly folder: string | null
  /** Reading of the status word of meters without a profile. */
  readonly fallback: StatusProfile
  readonly network: Network
}

/**
 * The profiles that meters of the network have: the operator's own, which may stand for shipped ones of the same name, and the
 * shipped ones.
 * @throws UsageError CFG_INVALID with one line for each mistake: in a file, two files of one name, a profile that no file has
 */
export function readProfileSet({ folder, fallback, network }: ProfileSources): ProfileSet {
  const mistakes: string[] = []
  const own = folder === null ? new Map<string, VendorProfile>() : readFolder(folder, mistakes)
  const allGood = mistakes.length === 0
  const shipped = shippedProfiles()
  const wanted = namesInUse(network)
  const profiles: VendorProfile[] = []
  for (const [name, meters] of wanted) {
    const found = own.get(name) ?? (shipped.includes(name) ? loadProfile(name) : undefined)
    if (found !== undefined) profiles.push(found)
    // The missing one may be in a file that could not be read.
    else if (allGood) {
      const known = [...new Set([...own.keys(), ...shipped])].sort().join(', ')
      mistakes.push(`profile ${name}, which ${meters} meters of the network have, is not known; known are ${known}`)
    }
  }
  if (mistakes.length > 0) throw new UsageError('CFG_INVALID', mistakes.join('\n'), { mistakes: mistakes.length })
  return profileSet(fallback, profiles, assigned(network, profiles))
}

/** Whether a meter may have a profile of this name: shipped, or a readable one of the operator's own. */
export function knowsProfile(folder: string | null, name: string): boolean {
  return shippedProfiles().includes(name) || (folder !== null && readFolder(folder, []).has(name))
}

/** Changes when a file of the folder comes, goes or is written; what cannot be looked at changes it too. */
export function folderMark(folder: string): string {
  try {
    return profileFiles(folder)
      .map((file) => {
        const { mtimeMs, size } = statSync(path.join(folder, file))
        return `${file} ${mtimeMs} ${size}`
      })
      .join('\n')
  } catch (error) {
    return String(error)
  }
}

const profileFiles = (folder: string): string[] =>
  readdirSync(folder)
    .filter((file) => path.extname(file) === '.json')
    .sort()

function readFolder(folder: string, mistakes: string[]): Map<string, VendorProfile> {
  const profiles = new Map<string, VendorProfile>()
  const files = new Map<string, string>()
  for (const file of listed(folder, mistakes)) {
    try {
      const profile = loadProfile(path.join(folder, file))
      const other = files.get(profile.name)
      if (other !== undefined) mistakes.push(`profile ${profile.name} is in ${other} and in ${file}`)
      files.set(profile.name, file)
      profiles.set(profile.name, profile)
    } catch (error) {
      if (!(error instanceof UsageError)) throw error
      mistakes.push(error.message)
    }
  }
  return profiles
}

function listed(folder: string, mistakes: string[]): readonly string[] {
  try {
    return profileFiles(folder)
  } catch (error) {
    mistakes.push(`profilesDir ${folder} cannot be read: ${(error as Error).message}`)
    return []
  }
}

/** Names of profiles in the document's order, and how many meters have each. */
function namesInUse({ meters }: Network): ReadonlyMap<string, number> {
  const counts = new Uint32Array(meters.words.profile.length)
  for (let row = 0; row < meters.count; row++) {
    const word = meters.profile[row] ?? 0
    counts[word] = (counts[word] ?? 0) + 1
  }
  const names = meters.words.profile.map((name, word) => [name, counts[word] ?? 0] as const)
  return new Map(names.filter(([name, count]) => name !== '' && count > 0))
}

function assigned({ meters }: Network, profiles: readonly VendorProfile[]): AssignedMeters {
  const places = meters.words.profile.map((name) => profiles.findIndex((profile) => profile.name === name))
  const rows: number[] = []
  for (let row = 0; row < meters.count; row++)
    if ((places[meters.profile[row] ?? 0] ?? -1) >= 0 && !Number.isNaN(meters.device[row])) rows.push(row)
  rows.sort((a, b) => (meters.device[a] ?? 0) - (meters.device[b] ?? 0))
  return {
    numbers: Float64Array.from(rows, (row) => meters.device[row] ?? 0),
    profile: Uint8Array.from(rows, (row) => places[meters.profile[row] ?? 0] ?? 0),
  }
}
