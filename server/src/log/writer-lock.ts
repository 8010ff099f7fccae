import { createHash } from 'node:crypto'
import fs from 'node:fs'
import net from 'node:net'
import path from 'node:path'
import { StoreError } from '@gastwin/twin'

/**
 * Makes sure that one process at a time writes a log. The lock is a name in the kernel (abstract socket on Linux, named pipe
 * on Windows), so it goes away with its owner however that dies; elsewhere, and between containers that share a volume, there
 * is no guard.
 * @returns releases the lock
 * @throws StoreError LOG_LOCKED when another writer holds it
 */
export async function lockForWriting(dir: string): Promise<() => Promise<void>> {
  const name = `gastwin-log-${createHash('sha256')
    .update(await fs.promises.realpath(dir))
    .digest('hex')
    .slice(0, 32)}`
  const address = { linux: `\0${name}`, win32: path.join('\\\\?\\pipe', name) }[process.platform as string]
  if (address === undefined) return async () => undefined
  const server = net.createServer((socket) => socket.destroy())
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) =>
      reject(new StoreError('LOG_LOCKED', `another process writes the log in ${dir}`, { dir }, cause)),
    )
    server.listen({ path: address }, resolve)
  })
  server.unref()
  return () => new Promise((resolve) => server.close(() => resolve()))
}
