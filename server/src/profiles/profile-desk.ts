import { UsageError } from '@gastwin/twin'
import type { EventLog } from '../log/event-log.ts'
import { entryOf } from '../log/platform-events.ts'
import type { ProfileBook } from './profile-book.ts'
import { eventsOfSet } from './profile-events.ts'
import { folderMark, knowsProfile, type ProfileSources, readProfileSet } from './profile-folder.ts'
import type { ProfileSet } from './profile-set.ts'

/** No mark of a folder. */
const UNREAD = '\0'

/** What the desk tells of a look at the folder. */
export interface ProfileNews {
  readonly onChanged: (set: ProfileSet) => void
  /** A file is broken and the profiles stay what they were; undefined when all files are good again. */
  readonly onRefused: (mistakes: string | undefined) => void
}

/**
 * Vendor profiles of a running service. A change is written to the log first and holds from its place there on, for this
 * service, its threads, and whoever reads the log later.
 */
export class ProfileDesk {
  readonly #book: ProfileBook
  readonly #sources: ProfileSources
  readonly #log: EventLog
  readonly #now: () => number
  #mark = ''
  #refused = false
  #busy = false

  constructor(book: ProfileBook, sources: ProfileSources, log: EventLog, now: () => number) {
    this.#book = book
    this.#sources = sources
    this.#log = log
    this.#now = now
  }

  /** At a start: what the files say holds from here on. @throws UsageError CFG_INVALID; (rejects) StoreError LOG_FULL */
  async open(): Promise<void> {
    this.#mark = this.#look()
    await this.#adopt(readProfileSet(this.#sources))
  }

  /** Whether a meter may have a profile of this name. */
  knows(name: string): boolean {
    return knowsProfile(this.#sources.folder, name)
  }

  /** The network has other meters than before: the next look reads again who has which profile. */
  networkChanged(): void {
    this.#mark = UNREAD
  }

  /** Reads the folder again when it changed; broken files leave everything as it is. To be called every few seconds. */
  async renew(news: ProfileNews): Promise<void> {
    const mark = this.#look()
    if (this.#busy || mark === this.#mark) return
    this.#busy = true
    try {
      const set = readProfileSet(this.#sources)
      if (await this.#adopt(set)) news.onChanged(set)
      if (this.#refused) news.onRefused(undefined)
      this.#refused = false
      this.#mark = mark
    } catch (error) {
      // A disk that is full now is asked again at the next look; a broken file when it was changed.
      if (!(error instanceof UsageError)) return
      this.#mark = mark
      this.#refused = true
      news.onRefused(error.message)
    } finally {
      this.#busy = false
    }
  }

  #look(): string {
    return this.#sources.folder === null ? '' : folderMark(this.#sources.folder)
  }

  /** @returns whether it is another set than before */
  async #adopt(set: ProfileSet): Promise<boolean> {
    if (set.id === this.#book.set.id) return false
    const entries = eventsOfSet(set, this.#now()).map(entryOf)
    // Directly behind the append: whoever appended after these events finds the book changed when its own append is told durable.
    await this.#log.append(entries).then((from) => this.#book.hold(set, { from, last: from + entries.length - 1 }))
    return true
  }
}
