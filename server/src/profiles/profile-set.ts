import { createHash } from 'node:crypto'
import { DeviceIndex } from '@gastwin/twin'
import type { StatusProfile, VendorProfile } from '../protocol/index.ts'

/** Which meters speak which profile; one row a meter that has one. */
export interface AssignedMeters {
  /** Device numbers, rising. */
  readonly numbers: Float64Array
  /** Place in the set's profiles. */
  readonly profile: Uint8Array
}

/** Everything that decides how a frame is read and that no frame says. Two sets with one id read every frame alike. */
export interface ProfileSet {
  /** 16 hexadecimal digits of SHA-256 over all the rest. */
  readonly id: string
  /** Reading of the status word of meters without a profile. */
  readonly fallback: StatusProfile
  /** Profiles that meters have, by name. */
  readonly profiles: readonly VendorProfile[]
  readonly meters: AssignedMeters
}

const NO_METERS: AssignedMeters = { numbers: new Float64Array(0), profile: new Uint8Array(0) }

/** @param meters rows in rising order of their numbers */
export function profileSet(
  fallback: StatusProfile,
  profiles: readonly VendorProfile[] = [],
  meters: AssignedMeters = NO_METERS,
): ProfileSet {
  const hash = createHash('sha256').update(JSON.stringify([fallback, profiles]))
  hash.update(new Uint8Array(meters.numbers.buffer, meters.numbers.byteOffset, meters.numbers.byteLength))
  const id = hash.update(meters.profile).digest('hex').slice(0, 16)
  return { id, fallback, profiles, meters }
}

/** The profile of a device; looked up for every report. */
export function profileFinder({ profiles, meters }: ProfileSet): (device: number) => VendorProfile | undefined {
  const { numbers, profile } = meters
  if (numbers.length === 0) return () => undefined
  const index = new DeviceIndex(numbers.length)
  for (let row = 0; row < numbers.length; row++) index.insertNew(row, numbers)
  return (device) => {
    const row = index.find(device, numbers)
    return row < 0 ? undefined : profiles[profile[row] ?? -1]
  }
}
