import { UsageError } from '@gastwin/twin'

/** Waits for an opening socket. @throws UsageError CFG_INVALID naming the setting when the address cannot be bound */
export async function listening<T>(setting: string, host: string, port: number, opening: Promise<T>): Promise<T> {
  try {
    return await opening
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code
    if (code !== 'EADDRINUSE' && code !== 'EACCES' && code !== 'EADDRNOTAVAIL') throw cause
    throw new UsageError(
      'CFG_INVALID',
      `${setting}: ${host}:${port} cannot be used (${code}): choose another port or end the program that has it`,
      {},
      cause,
    )
  }
}
