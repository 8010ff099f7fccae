import { vi } from 'vitest'
import type { Verb } from '../command-line.ts'

/** Runs a verb in this process and gives its exit code, what it printed, and its notes. */
export async function runVerb(verb: Verb, ...args: readonly string[]) {
  const out: string[] = []
  const log = vi.spyOn(console, 'log').mockImplementation((line: unknown) => void out.push(String(line)))
  const error = vi.spyOn(console, 'error').mockImplementation((line: unknown) => void notes.push(String(line)))
  const notes: string[] = []
  try {
    const code = await verb.run(args)
    return { code, text: out.join('\n'), notes, json: (): unknown => JSON.parse(out.join('\n')) }
  } finally {
    log.mockRestore()
    error.mockRestore()
  }
}
