import { type LogFiles, segmentPath } from './segment-files.ts'

/** Writes blocks into segment files, one durable write at a time, and can take a failed one back. */
export class SegmentWriter {
  readonly #dir: string
  readonly #files: LogFiles
  readonly #segmentBytes: number
  #fd: number
  #offset: number

  private constructor(dir: string, files: LogFiles, segmentBytes: number, fd: number, offset: number) {
    this.#dir = dir
    this.#files = files
    this.#segmentBytes = segmentBytes
    this.#fd = fd
    this.#offset = offset
  }

  /** Opens the segment to go on with, cuts it to `offset` and makes what was found in it durable. */
  static async open(dir: string, files: LogFiles, segmentBytes: number, segment: number, offset: number) {
    const fd = await files.open(segmentPath(dir, segment))
    const writer = new SegmentWriter(dir, files, segmentBytes, fd, offset)
    // A block that only reached the page cache of a killed process is whole, but not yet on the disk.
    await writer.#cut()
    await files.syncDirectory(dir)
    return writer
  }

  /** Whether a block of this size belongs into a segment of its own. */
  isFullFor(bytes: number): boolean {
    return this.#offset > 0 && this.#offset + bytes > this.#segmentBytes
  }

  /** Starts the segment whose first record has this position. Nothing is changed when it rejects. */
  async rotate(position: number): Promise<void> {
    const fd = await this.#files.open(segmentPath(this.#dir, position))
    try {
      await this.#files.truncate(fd, 0)
      await this.#files.syncDirectory(this.#dir)
    } catch (error) {
      await this.#files.close(fd).catch(() => undefined)
      throw error
    }
    const old = this.#fd
    this.#fd = fd
    this.#offset = 0
    await this.#files.close(old).catch(() => undefined)
  }

  /** Writes and syncs. When it rejects the segment may end in a part of the block, and `restore` must succeed before the next write. */
  async write(block: Uint8Array): Promise<void> {
    await this.#put(block)
    this.#offset += block.length
  }

  /** Takes back what a failed write left, and finds out whether the disk takes `probeBytes` bytes again. Rejects when it does not. */
  async restore(probeBytes: number): Promise<void> {
    await this.#cut()
    await this.#put(new Uint8Array(probeBytes))
    await this.#cut()
  }

  /** @param cut takes back what a failed write left, if the disk lets us */
  async close(cut: boolean): Promise<void> {
    if (cut) await this.#cut().catch(() => undefined)
    await this.#files.close(this.#fd)
  }

  async #put(bytes: Uint8Array): Promise<void> {
    for (let done = 0; done < bytes.length; ) {
      const taken = await this.#files.write(this.#fd, bytes, done, bytes.length - done, this.#offset + done)
      if (taken === 0) throw Object.assign(new Error('the disk takes no more bytes'), { code: 'ENOSPC' })
      done += taken
    }
    await this.#files.sync(this.#fd)
  }

  async #cut(): Promise<void> {
    await this.#files.truncate(this.#fd, this.#offset)
    await this.#files.sync(this.#fd)
  }
}
