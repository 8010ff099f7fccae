/** What is said of a home's heating. */
export const HEATING_WORDS = ['yes', 'no'] as const

/** Which metering points are known to heat with their gas, and which not to; the others are not there. */
export type HeatedPoints = Map<number, boolean>

/** Takes rows of the table of premises in; a cell that was emptied makes the point an unknown one again. */
export function takePremises(heated: HeatedPoints, rows: Iterable<Readonly<Record<string, string>>>): void {
  for (const { point = '', heating = '' } of rows) {
    if (point === '') continue
    if (heating === '') heated.delete(Number(point))
    else heated.set(Number(point), heating === 'yes')
  }
}
