import { type ParseArgsConfig, parseArgs } from 'node:util'
import { UsageError } from '@gastwin/twin'

export const EXIT = { ok: 0, failed: 1, usage: 2 } as const

/** One verb of `gastwin`. */
export interface Verb {
  readonly summary: string
  readonly usage: string
  /** Returns the exit code; throws GasTwinError, which becomes one line on stderr. */
  readonly run: (args: readonly string[]) => Promise<number>
}

type Options = NonNullable<ParseArgsConfig['options']>

/**
 * Options and positionals of a verb.
 * @throws UsageError CLI_USAGE naming the option and the verb's usage
 */
export function readOptions<T extends Options>(
  args: readonly string[],
  options: T,
  usage: string,
): ReturnType<typeof parseArgs<{ args: string[]; options: T; allowPositionals: true; strict: true }>> {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true })
  } catch (cause) {
    throw new UsageError(
      'CLI_USAGE',
      `${cause instanceof Error ? cause.message : String(cause)} (usage: ${usage})`,
      {},
      cause,
    )
  }
}

/** @throws UsageError CLI_USAGE when the text is no number in the range */
export function numberOption(name: string, text: string, least: number, most: number): number {
  const value = Number(text)
  if (text.trim() === '' || !(value >= least && value <= most)) {
    throw new UsageError('CLI_USAGE', `--${name} is "${text}", expected a number between ${least} and ${most}`)
  }
  return value
}
