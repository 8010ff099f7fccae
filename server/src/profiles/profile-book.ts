import type { LogRecord } from '../log/event-log.ts'
import { PLATFORM_EVENT_ENTRY } from '../log/event-log.ts'
import { type PlatformEvent, readEvent } from '../log/platform-events.ts'
import type { DeviceLookup, VendorProfile } from '../protocol/index.ts'
import type { ProfileEpoch, ProfileHistory } from './profile-epoch.ts'
import { setOfEvents } from './profile-events.ts'
import { type ProfileSet, profileFinder, profileSet } from './profile-set.ts'

const STANDARD = profileSet('standard')

/** The part of a log that is needed to go back to an epoch. */
interface ReadableLog {
  read(from: number): AsyncIterable<readonly LogRecord[]>
}

type DevicesEvent = Extract<PlatformEvent, { type: 'profile_devices' }>

/**
 * The profiles that hold at one place of the log. Whoever reads the log hands every platform event over in its turn, so that a
 * frame is always read with the profiles of its own time; `lookup` stays the same object.
 */
export class ProfileBook {
  readonly history: ProfileHistory
  readonly lookup: DeviceLookup
  #set: ProfileSet = STANDARD
  #find = profileFinder(STANDARD)
  /** Position of the event that made the set valid, −1 before the first. */
  #since = -1
  #parts: (DevicesEvent & { readonly position: number })[] = []

  constructor(keyOf: (device: number) => Uint8Array | undefined, history: ProfileHistory) {
    this.history = history
    this.lookup = {
      keyOf,
      statusProfileOf: () => this.#set.fallback,
      profileOf: (device): VendorProfile | undefined => this.#find(device),
    }
  }

  get set(): ProfileSet {
    return this.#set
  }

  /** Position of the event since which the set holds, −1 before the first. */
  get since(): number {
    return this.#since
  }

  /** Reads one record of the log in its turn; whatever is not about profiles is passed over. */
  take(record: LogRecord): void {
    if (record.kind !== PLATFORM_EVENT_ENTRY || record.position <= this.#since || !speaksOfProfiles(record.body)) return
    const event = readEvent(record)
    if (event?.type === 'profile_devices') {
      if (this.#parts[0]?.set !== event.set) this.#parts = []
      // Parts without an end were cut off by a crash: those of the repetition count.
      if (this.#parts.every(({ position }) => position !== record.position))
        this.#parts.push({ ...event, position: record.position })
    } else if (event?.type === 'profiles') {
      const set = setOfEvents(lastOfEach(this.#parts), event)
      const from = this.#parts[0]?.position ?? record.position
      this.#parts = []
      if (set !== undefined) this.hold(set, { from, last: record.position })
    }
  }

  /** A set holds from the record behind `epoch.last` on. */
  hold(set: ProfileSet, epoch: ProfileEpoch): void {
    if ((this.history.at(-1)?.last ?? -1) < epoch.last) this.history.push(epoch)
    this.#use(set, epoch.last)
  }

  /**
   * Goes to the set that holds at a position, reading its events again when it is another.
   * @returns false when they are no longer in the log: the set stays what it was
   */
  async moveTo(log: ReadableLog, position: number): Promise<boolean> {
    const epoch = this.history.findLast(({ last }) => last < position)
    if ((epoch?.last ?? -1) === this.#since) return true
    const before = { set: this.#set, since: this.#since }
    this.#parts = []
    this.#use(STANDARD, -1)
    if (epoch === undefined) return true
    for await (const records of log.read(epoch.from)) {
      for (const record of records) {
        if (record.position > epoch.last) break
        this.take(record)
      }
      if ((records.at(-1)?.position ?? 0) >= epoch.last) break
    }
    if (this.#since === epoch.last) return true
    this.#use(before.set, before.since)
    return false
  }

  #use(set: ProfileSet, since: number): void {
    this.#set = set
    this.#find = profileFinder(set)
    this.#since = since
  }
}

const FIRST_WORD = Buffer.from('{"type":"profile')

/** Told from the first bytes, so that no other event is parsed a second time. */
function speaksOfProfiles(body: Uint8Array): boolean {
  return FIRST_WORD.every((byte, i) => body[i] === byte)
}

/** Parts that a crash cut off and the next start wrote again count once. */
function lastOfEach<T extends DevicesEvent>(parts: readonly T[]): readonly T[] {
  return [...new Map(parts.map((part) => [`${part.profile} ${part.devices}`, part])).values()]
}
