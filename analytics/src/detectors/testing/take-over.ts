import { SteadyRows } from '@gastwin/twin'
import type { Detector } from '../detection.ts'

/** Gives one detector the whole memory of another of its kind as a restart does: plain JSON, and bytes of rows. */
export function takeOver<D extends Detector>(from: D, to: D): D {
  to.load(JSON.parse(JSON.stringify(from.save())))
  if (from.rows === undefined || to.rows === undefined) return to
  const [columns, targets] = [from.rows.rowColumns(), to.rows]
  const count = Math.min(...columns.map((column) => column.array().byteLength / column.array().BYTES_PER_ELEMENT))
  targets.reach(count - 1)
  const steady = new SteadyRows(columns, count)
  for (let block = steady.next(); block !== undefined; block = steady.next())
    for (const [c, bytes] of block.columns.entries()) {
      const target = targets.rowColumns()[c]?.array()
      if (target === undefined) continue
      new Uint8Array(target.buffer).set(bytes, block.first * target.BYTES_PER_ELEMENT)
    }
  return to
}
