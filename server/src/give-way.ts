import { readlinkSync } from 'node:fs'
import os from 'node:os'

/**
 * Lets the calling thread, and the threads it begins later, have the processor only when more urgent ones leave it: what is recorded
 * in the database may wait, a report or an alarm may not. Linux gives each thread a priority of its own; elsewhere nothing happens.
 * @param steps 1 to 19, the "nice" of the system
 */
export function giveWay(steps: number): void {
  try {
    const [, , thread] = readlinkSync('/proc/thread-self').split('/')
    os.setPriority(Number(thread), steps)
  } catch {
    // Not Linux, or not allowed: everything works, only less evenly under full load.
  }
}
