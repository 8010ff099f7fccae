import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { entryPath } from '../../entry.ts'
import type { LoadResult } from '../send-load.ts'

/** Runs the built load generator in a process of its own and returns what it measured. @throws Error with its words */
export async function runLoad(options: Readonly<Record<string, string | number>>): Promise<LoadResult> {
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)])
  const child = spawn(process.execPath, [entryPath(import.meta.url, '../load-main.js'), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk
  })
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`the load generator ended with ${String(code)}`)
  return JSON.parse(output) as LoadResult
}
