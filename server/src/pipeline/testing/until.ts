import { setTimeout as pause } from 'node:timers/promises'

/**
 * Asks until what another socket or process does has been done: nothing of the kind is so "by then", on a slow machine nor on a quick one.
 * @param seconds of the wall after which it is given up
 * @param state what else to tell of the world when it did not come
 * @returns what was found when it was good
 * @throws Error with what was found last
 */
export async function until<T>(
  ask: () => Promise<T> | T,
  good: (found: T) => boolean,
  seconds = 180,
  state: () => unknown = () => undefined,
): Promise<T> {
  for (const end = Date.now() + seconds * 1000; ; await pause(100)) {
    const found = await ask()
    if (good(found)) return found
    if (Date.now() > end) throw new Error(`it did not come: ${JSON.stringify([found, state()])}`)
  }
}
