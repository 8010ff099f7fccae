import { packNumbers, unpackNumbers } from '../log/packed-numbers.ts'
import type { PlatformEvent } from '../log/platform-events.ts'
import { type ProfileSet, profileSet } from './profile-set.ts'

type DevicesEvent = Extract<PlatformEvent, { type: 'profile_devices' }>
type SetEvent = Extract<PlatformEvent, { type: 'profiles' }>

const DEVICES_AN_EVENT = 20_000

/** A set as events of the log: first which meters have which profile, then the profiles themselves, from which on it holds. */
export function eventsOfSet(set: ProfileSet, at: number): readonly PlatformEvent[] {
  const { id, fallback, profiles, meters } = set
  const events: PlatformEvent[] = []
  profiles.forEach(({ name }, place) => {
    const devices = meters.numbers.filter((_, row) => meters.profile[row] === place)
    for (let from = 0; from < devices.length; from += DEVICES_AN_EVENT) {
      const part = devices.subarray(from, from + DEVICES_AN_EVENT)
      events.push({ type: 'profile_devices', at, set: id, profile: name, devices: packNumbers(part) })
    }
  })
  events.push({ type: 'profiles', at, set: id, fallback, profiles })
  return events
}

/** Mirror of `eventsOfSet`; undefined when the parts and the last event do not make the set that they name. */
export function setOfEvents(parts: readonly DevicesEvent[], last: SetEvent): ProfileSet | undefined {
  const rows: [device: number, place: number][] = []
  for (const { set, profile, devices } of parts) {
    const place = last.profiles.findIndex(({ name }) => name === profile)
    if (set === last.set && place >= 0) for (const device of unpackNumbers(devices)) rows.push([device, place])
  }
  rows.sort((a, b) => a[0] - b[0])
  const meters = {
    numbers: Float64Array.from(rows, ([device]) => device),
    profile: Uint8Array.from(rows, ([, place]) => place),
  }
  const found = profileSet(last.fallback, last.profiles, meters)
  return found.id === last.set ? found : undefined
}
