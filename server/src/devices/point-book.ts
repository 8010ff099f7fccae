import type { Meter } from '@gastwin/twin'
import type { LogRecord } from '../log/event-log.ts'
import { readEvent } from '../log/platform-events.ts'

/** Metering points that came to the network beside its document, as the document would say them. */
export interface KnownPoints {
  readonly points: readonly Meter[]
  /** Position of their record in the log: they hold for every record behind it. */
  readonly since: number
  /** Of the act that brought them: Unix ms, who, the file; not there in snapshots of earlier versions. */
  readonly at?: number
  readonly user?: string
  readonly file?: string
}

/** One table of points as it was taken. */
export interface PointImport {
  /** Position of its first record in the log. */
  readonly since: number
  readonly at: number | null
  readonly user: string | null
  readonly file: string | null
  readonly points: readonly Meter[]
}

const FIRST_WORD = Buffer.from('{"type":"points_added"')

/** Which metering points came when, at every place of the log. What a device said before it was a point is nobody's. */
export class PointBook {
  /** In the order of the log; grows. */
  readonly parts: KnownPoints[] = []
  readonly #since = new Map<number, number>()

  constructor(parts: readonly KnownPoints[] = []) {
    for (const part of parts) this.hold(part)
  }

  /** How many points there are. */
  get size(): number {
    return this.#since.size
  }

  hold(part: KnownPoints): void {
    if (part.since <= (this.parts.at(-1)?.since ?? -1)) return
    this.parts.push(part)
    for (const { id } of part.points) if (!this.#since.has(Number(id))) this.#since.set(Number(id), part.since)
  }

  /** Reads one record of the log in its turn. @returns the points that come with it */
  take(record: LogRecord): readonly Meter[] {
    if (!FIRST_WORD.every((byte, i) => record.body[i] === byte)) return []
    const event = readEvent(record)
    if (event?.type !== 'points_added') return []
    const { points, at, user, file } = event
    this.hold({ points, since: record.position, at, user, ...(file !== undefined && { file }) })
    return event.points
  }

  /** Whether a record lies before its device became a point of the network. */
  isBefore(device: number, position: number): boolean {
    return this.#since.size > 0 && position <= (this.#since.get(device) ?? -1)
  }

  /** The tables that were taken, newest first: the parts of one act are one. */
  imports(): readonly PointImport[] {
    const found: PointImport[] = []
    for (const { since, at = null, user = null, file = null, points } of this.parts) {
      const last = found.at(-1)
      if (at !== null && last?.at === at && last.user === user && last.file === file)
        found[found.length - 1] = { ...last, points: [...last.points, ...points] }
      else found.push({ since, at, user, file, points })
    }
    return found.reverse()
  }

  /** All points, oldest first. */
  all(): readonly Meter[] {
    return this.parts.flatMap(({ points }) => points)
  }
}
