import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { entryPath } from '../../entry.ts'
import type { LoadResult } from '../send-load.ts'

/** A load that is encoded and waits. */
export interface PreparedLoad {
  /** Sends it and resolves with what was measured. @throws Error when the generator fails */
  begin(): Promise<LoadResult>
}

type LoadOptions = Readonly<Record<string, string | number>>

/** Starts the built load generator in a process of its own; resolves when it has encoded its datagrams, which takes a core for a while. */
export async function prepareLoad(options: LoadOptions): Promise<PreparedLoad> {
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)])
  const child = spawn(process.execPath, [entryPath(import.meta.url, '../load-main.js'), ...args, '--wait'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const lines = createInterface({ input: child.stdout })
  const ended = once(child, 'close')
  const failed = ended.then(([code]) => {
    throw new Error(`the load generator ended with ${String(code)}`)
  })
  await Promise.race([once(lines, 'line'), failed])
  return {
    begin: async () => {
      const result = once(lines, 'line') as Promise<[string]>
      child.stdin.end('\n')
      const [line] = await Promise.race([result, failed])
      await ended
      return JSON.parse(line) as LoadResult
    },
  }
}

export async function runLoad(options: LoadOptions): Promise<LoadResult> {
  return (await prepareLoad(options)).begin()
}
