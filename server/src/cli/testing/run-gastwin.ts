import { spawn } from 'node:child_process'
import path from 'node:path'

/** The program as it is installed. */
export const GASTWIN = path.resolve(import.meta.dirname, '../../../bin/gastwin.mjs')

export interface ProgramEnd {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/**
 * Runs `gastwin` to its end, as a shell would.
 * @param environment beside the present one
 */
export async function runGastwin(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  withinMs = 60_000,
): Promise<ProgramEnd> {
  const child = spawn(process.execPath, [GASTWIN, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
  })
  const end = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8')
    child[name].on('data', (text: string) => {
      end[name] += text
    })
  }
  const timer = setTimeout(() => child.kill('SIGKILL'), withinMs)
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  clearTimeout(timer)
  return { code, ...end }
}
