import { setImmediate as turn } from 'node:timers/promises'

/**
 * Gives others their turn after so many ms of one piece of long work. To be asked often: it looks at the clock only.
 * @returns a promise to be awaited when the time is up, undefined before
 */
export function timeSlice(ms: number): () => Promise<void> | undefined {
  let begun = performance.now()
  return () => {
    if (performance.now() - begun < ms) return undefined
    return turn().then(() => {
      begun = performance.now()
    })
  }
}
