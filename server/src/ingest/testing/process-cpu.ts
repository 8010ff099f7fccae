import { readFile } from 'node:fs/promises'

/** Ticks a second of /proc; Linux has had 100 on every machine for decades. */
const TICKS = 100

/** Processor time that a process used so far, all its threads, s; NaN where the system does not tell (only Linux does). */
export async function cpuSecondsOf(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  // The name may hold spaces and ends with the last bracket; user and system time are the 12th and 13th field after it.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / TICKS
}
