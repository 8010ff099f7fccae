import type { AppliedReport } from '@gastwin/twin'
import type { FleetClock } from './fleet-clock.ts'
import type { Suspicion } from './hostile-settings.ts'
import {
  type DeviceFacts,
  type Episode,
  type EpisodeSubject,
  heardOf,
  noteOther,
  noteReport,
  noteUntaken,
  openEpisode,
  writeFeatures,
} from './terminal-episode.ts'
import { TERMINAL_FEATURE_COUNT } from './terminal-features.table.ts'

const MOST_EPISODES = 5_000
const DAY_MS = 86_400_000
/** Of fewer signs nothing is said. */
const LEAST_HEARD = 3

/** Episodes with their features, one row each. */
export interface EpisodeRows {
  readonly episodes: readonly Episode[]
  /** Float32Array[episodes × TERMINAL_FEATURE_COUNT] */
  readonly features: Float32Array
}

/**
 * Terminals that are worth a look, for a day each: whoever gave any sign, spoke beside the source a device is known by, or spoke far
 * more often than it should. Bounded: the episode that was opened first makes room. Instants are given as the platform's; episodes keep
 * those of the terminals' clock, so that who was held up with everybody else is not in a hurry afterwards.
 */
export class EpisodeBook {
  readonly #factsOf: (slot: number) => DeviceFacts
  readonly #clock: FleetClock
  readonly #episodes = new Map<string, Episode>()
  readonly #ofDevice = new Map<number, Episode[]>()
  readonly #ofSource = new Map<string, number>()
  #turn = 0
  /** The last of them that were opened, in turn. */
  readonly #order: Episode[] = []
  #next = 0

  constructor(factsOf: (slot: number) => DeviceFacts, clock: FleetClock) {
    this.#factsOf = factsOf
    this.#clock = clock
  }

  get size(): number {
    return this.#episodes.size
  }

  /** The episode of a device at a source, begun when there is none. */
  open(subject: EpisodeSubject, at: number): Episode {
    const known = this.#episodes.get(`${subject.device}@${subject.from}`)
    if (known !== undefined) return known
    const episode = openEpisode(subject, this.#clock.instant(at))
    this.#add(episode)
    return episode
  }

  /** A report was taken, or was known already; whatever its source, it concerns all episodes of its device. */
  hear(applied: AppliedReport): void {
    const episodes = this.#ofDevice.get(applied.report.device)
    if (episodes === undefined || applied.origin === undefined) return
    const from = `${applied.origin.address}:${applied.origin.port}`
    const { delayMs, spreadMs } = this.#clock
    const heard = { at: this.#clock.instant(applied.receivedAt), delayMs, spreadMs }
    for (const episode of episodes)
      if (episode.from === from) noteReport(episode, applied, heard, this.#factsOf(episode.slot))
      else noteOther(episode, applied.report)
  }

  /** A frame was not taken. Begins an episode, unless the number is none of a known device: forged numbers buy nothing. */
  refuse(subject: EpisodeSubject, code: Suspicion, count: number, at: number): void {
    const known = this.#episodes.get(`${subject.device}@${subject.from}`)
    if (known !== undefined || subject.slot >= 0)
      noteUntaken(known ?? this.open(subject, at), code, count, this.#clock.instant(at))
  }

  /** Ends episodes after their day. */
  tick(now: number): void {
    const instant = this.#clock.instant(now)
    for (const episode of this.#episodes.values()) {
      // In the order of their begin.
      if (instant - episode.openedAt < DAY_MS) return
      this.#close(episode)
    }
  }

  /** Forgets what a device is looked at for. */
  forget(device: number, from: string): void {
    const episode = this.#episodes.get(`${device}@${from}`)
    if (episode !== undefined) this.#close(episode)
  }

  /**
   * Episodes in which something happened since they were taken last, with their features at an instant.
   * @param most so many at once, the others next time, in turn
   */
  takeChanged(now: number, most = Number.POSITIVE_INFINITY): EpisodeRows {
    const changed = [...this.#episodes.values()].filter((one) => one.isChanged && heardOf(one) >= LEAST_HEARD)
    const from = changed.length <= most ? 0 : this.#turn % changed.length
    const episodes = [...changed.slice(from), ...changed.slice(0, from)].slice(0, most)
    this.#turn = changed.length <= most ? 0 : from + episodes.length
    for (const episode of episodes) episode.isChanged = false
    const features = new Float32Array(episodes.length * TERMINAL_FEATURE_COUNT)
    for (const [row, episode] of episodes.entries()) this.write(episode, now, features, row * TERMINAL_FEATURE_COUNT)
    return { episodes, features }
  }

  /** Writes the features of one episode. */
  write(episode: Episode, now: number, out: Float32Array, offset: number): void {
    const { device, slot, from } = episode
    const sources = this.#ofDevice.get(device)?.length ?? 1
    const devices = this.#ofSource.get(from) ?? 1
    const { everyMs, tellsSignal } = this.#factsOf(slot)
    const instant = this.#clock.instant(now)
    writeFeatures(episode, { sources, devices, everyMs, tellsSignal }, instant, out, offset)
  }

  save(): readonly Episode[] {
    return [...this.#episodes.values()]
  }

  load(saved: readonly Episode[]): void {
    for (const episode of saved) this.#add({ ...episode })
  }

  #add(episode: Episode): void {
    const { device, from } = episode
    // A ring and not the first of the map: a map from whose begin much was taken is slow to find its first.
    const oldest = this.#order[this.#next]
    if (oldest !== undefined && this.#episodes.get(`${oldest.device}@${oldest.from}`) === oldest) this.#close(oldest)
    this.#order[this.#next] = episode
    this.#next = (this.#next + 1) % MOST_EPISODES
    this.#episodes.set(`${device}@${from}`, episode)
    this.#ofDevice.set(device, [...(this.#ofDevice.get(device) ?? []), episode])
    this.#ofSource.set(from, (this.#ofSource.get(from) ?? 0) + 1)
  }

  #close(episode: Episode): void {
    const { device, from } = episode
    this.#episodes.delete(`${device}@${from}`)
    const rest = (this.#ofDevice.get(device) ?? []).filter((one) => one !== episode)
    if (rest.length === 0) this.#ofDevice.delete(device)
    else this.#ofDevice.set(device, rest)
    const left = (this.#ofSource.get(from) ?? 1) - 1
    if (left === 0) this.#ofSource.delete(from)
    else this.#ofSource.set(from, left)
  }
}
