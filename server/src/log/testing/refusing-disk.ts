import { type LogFiles, systemFiles } from '../segment-files.ts'

/** A disk with a limited number of bytes, or whose fsync fails, for as long as the test wants. */
export class RefusingDisk implements LogFiles {
  /** Bytes that may still be written; the last write before it is used up is cut short, as a real disk does. */
  room = Number.POSITIVE_INFINITY
  syncError: string | undefined
  truncateError: string | undefined
  syncs = 0

  open = systemFiles.open
  close = systemFiles.close
  syncDirectory = systemFiles.syncDirectory

  async write(fd: number, bytes: Uint8Array, offset: number, length: number, at: number): Promise<number> {
    const taken = Math.min(length, this.room)
    if (taken <= 0) throw systemError('ENOSPC')
    this.room -= taken
    return systemFiles.write(fd, bytes, offset, taken, at)
  }

  async sync(fd: number): Promise<void> {
    this.syncs++
    if (this.syncError !== undefined) throw systemError(this.syncError)
    await systemFiles.sync(fd)
  }

  async truncate(fd: number, length: number): Promise<void> {
    if (this.truncateError !== undefined) throw systemError(this.truncateError)
    await systemFiles.truncate(fd, length)
  }
}

const systemError = (code: string) => Object.assign(new Error(code), { code })
