import { spawnSync } from 'node:child_process'
import { UsageError } from '@gastwin/twin'

const ANSWER_WITHIN_MS = 30_000
const MOST_ANSWER_BYTES = 8_192

/** How a program failed; what it printed is never repeated, only its last line on stderr is. */
export type ProgramFailure = (why: string) => never

/**
 * Runs a program that deals with keys, as the client of a KMS does. No shell reads the words.
 * @param input given on its input; nothing when undefined
 * @returns what it printed, and what to say when that is not what was asked for
 * @throws UsageError CFG_INVALID when it cannot be run, fails, takes more than 30 s, or prints more than 8 KB
 */
export function runKeyProgram(
  [program = '', ...words]: readonly string[],
  input?: string,
): { readonly printed: string; readonly fail: ProgramFailure } {
  const ran = spawnSync(program, words, {
    ...(input === undefined ? {} : { input }),
    stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    timeout: ANSWER_WITHIN_MS,
    killSignal: 'SIGKILL',
    maxBuffer: MOST_ANSWER_BYTES,
    windowsHide: true,
  })
  const fail: ProgramFailure = (why) => {
    const said = ran.stderr?.toString('utf8').trim().split('\n').at(-1)?.slice(0, 200) ?? ''
    throw new UsageError(
      'CFG_INVALID',
      `the key command ${program} ${why}${said === '' ? '' : `: ${said}`}`,
      {},
      ran.error,
    )
  }
  const code = (ran.error as NodeJS.ErrnoException | undefined)?.code
  // A program that does not read what it is given may still answer.
  const failed = code === 'EPIPE' && ran.status === 0 ? undefined : code
  if (failed === 'ETIMEDOUT') return fail(`did not answer within ${ANSWER_WITHIN_MS / 1000} s`)
  if (failed === 'ENOBUFS') return fail('said more than a key')
  if (failed !== undefined) return fail(`cannot be run (${failed})`)
  if (ran.status !== 0) return fail(`ended with ${ran.status ?? ran.signal}`)
  return { printed: ran.stdout.toString('utf8').trim(), fail }
}
