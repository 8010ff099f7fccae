import fs from 'node:fs'
import path from 'node:path'

/** The few file operations that the log's writer needs, so that a test can make a disk refuse. Every method rejects with a system error. */
export interface LogFiles {
  /** Opens for reading and writing, creating or keeping the file. */
  open(file: string): Promise<number>
  /** Writes once and says how many bytes were taken. */
  write(fd: number, bytes: Uint8Array, offset: number, length: number, at: number): Promise<number>
  /** fdatasync. */
  sync(fd: number): Promise<void>
  truncate(fd: number, length: number): Promise<void>
  close(fd: number): Promise<void>
  /** Makes names that were added to or removed from a directory durable. */
  syncDirectory(dir: string): Promise<void>
}

export const systemFiles: LogFiles = {
  open: (file) => call((done) => fs.open(file, fs.constants.O_RDWR | fs.constants.O_CREAT, 0o640, done)),
  write: (fd, bytes, offset, length, at) => call((done) => fs.write(fd, bytes, offset, length, at, done)),
  sync: (fd) => call<void>((done) => fs.fdatasync(fd, done)),
  truncate: (fd, length) => call<void>((done) => fs.ftruncate(fd, length, done)),
  close: (fd) => call<void>((done) => fs.close(fd, done)),
  async syncDirectory(dir) {
    const handle = await fs.promises.open(dir, 'r')
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
  },
}

function call<T>(start: (done: (error: NodeJS.ErrnoException | null, value?: T) => void) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    start((error, value) => (error ? reject(error) : resolve(value as T)))
  })
}

const SEGMENT_NAME = /^(\d{20})\.log$/

/** File name of the segment whose first record has this position. */
export function segmentName(position: number): string {
  return `${String(position).padStart(20, '0')}.log`
}

/** First positions of the segments in a directory, ascending. */
export async function listSegments(dir: string): Promise<number[]> {
  const names = await fs.promises.readdir(dir)
  const positions: number[] = []
  for (const name of names) {
    const match = SEGMENT_NAME.exec(name)
    if (match) positions.push(Number(match[1]))
  }
  return positions.sort((a, b) => a - b)
}

export function segmentPath(dir: string, position: number): string {
  return path.join(dir, segmentName(position))
}
