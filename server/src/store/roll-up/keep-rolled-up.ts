import { setTimeout as pause } from 'node:timers/promises'

export interface RollUpKeeper {
  /** Position of the database up to which roll-ups are complete; −1 before the first pass. */
  readonly upto: number
  /** Words of the last failure, empty after a success. */
  readonly error: string
  /** Ends after the pass under way. */
  stop(): Promise<void>
}

/**
 * Rolls up again and again, never more than a tenth of the time.
 * @param pass one pass, giving the position it reached
 * @param everyMs shortest pause between passes
 */
export function keepRolledUp(pass: () => Promise<number>, everyMs: number): RollUpKeeper {
  const stop = new AbortController()
  const state = { upto: -1, error: '' }
  const loop = (async () => {
    let took = 0
    while (!stop.signal.aborted) {
      await pause(Math.max(everyMs, took * 9), undefined, { signal: stop.signal }).catch(() => undefined)
      if (stop.signal.aborted) return
      const begun = performance.now()
      try {
        state.upto = await pass()
        state.error = ''
      } catch (error) {
        state.error = error instanceof Error ? error.message : String(error)
      }
      took = performance.now() - begun
    }
  })()
  return {
    get upto() {
      return state.upto
    },
    get error() {
      return state.error
    },
    async stop() {
      stop.abort()
      await loop
    },
  }
}
