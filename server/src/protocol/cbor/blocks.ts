import { type Quantity, type Reading, UsageError } from '@gastwin/twin'
import { QUANTITIES, QUANTITY_SCALES } from '../report/words.ts'
import { readMap } from './read-map.ts'
import type { CborReader } from './reader.ts'
import { MAX_SAMPLE, packSeries, unpackSeries } from './series.ts'
import type { CborWriter } from './writer.ts'

/** Samples of several quantities at the same evenly spaced times. */
interface Block {
  /** Times in the order of the samples, Unix ms. */
  readonly lastAt: number
  readonly stepMs: number
  /** Quantity code to scaled values, all of length `count`. */
  readonly series: Map<number, number[]>
}

/**
 * Reads the blocks of a report into readings in time order, those of one time in the order of the quantity codes.
 * @param time the report's device time, Unix ms or NaN
 */
export function readBlocks(reader: CborReader, time: number): Reading[] {
  const readings: Reading[] = []
  const blocks = reader.array()
  for (let i = 0; i < blocks && !reader.problem; i++) readBlock(reader, time, readings)
  return blocks === 1 && isInOrder(readings) ? readings : readings.sort(byTimeThenQuantity)
}

function readBlock(reader: CborReader, time: number, readings: Reading[]): void {
  const at = reader.at
  if (reader.array() !== 3) reader.fail('bad-length', at, 'a block is [age, step, series]')
  const lastAt = time - reader.int()
  const stepMs = reader.uint()
  let count = 0
  readMap(reader, (code) => {
    const quantity = QUANTITIES[code]
    const scale = QUANTITY_SCALES[code]
    if (quantity === undefined || scale === undefined) return false
    const seriesAt = reader.at
    const values = stepMs === 0 ? oneSample(reader) : unpackSeries(reader.bytes())
    if (!values) {
      reader.fail('bad-length', seriesAt, 'a packed series is empty, cut, or not in its one form')
      return true
    }
    if (count !== 0 && values.length !== count)
      reader.fail('bad-length', seriesAt, 'series of one block differ in length')
    count = values.length
    for (let i = 0; i < count; i++) {
      readings.push({ quantity, at: lastAt - (count - 1 - i) * stepMs, value: (values[i] ?? 0) / scale })
    }
    return true
  })
}

function oneSample(reader: CborReader): number[] {
  const at = reader.at
  const value = reader.int()
  if (Math.abs(value) > MAX_SAMPLE) reader.fail('out-of-range', at, 'a sample above 2⁵⁰')
  return [value]
}

function isInOrder(readings: readonly Reading[]): boolean {
  for (let i = 1; i < readings.length; i++) if ((readings[i]?.at ?? 0) < (readings[i - 1]?.at ?? 0)) return false
  return true
}

const byTimeThenQuantity = (a: Reading, b: Reading): number =>
  a.at === b.at || Number.isNaN(a.at) ? QUANTITIES.indexOf(a.quantity) - QUANTITIES.indexOf(b.quantity) : a.at - b.at

/** Mirror of `readBlocks`. @throws UsageError PRT_ENCODE when a value or a time has no place on the wire */
export function writeBlocks(writer: CborWriter, readings: readonly Reading[], time: number): void {
  const blocks = blocksOf(readings)
  writer.array(blocks.length)
  for (const { lastAt, stepMs, series } of blocks) {
    writer
      .array(3)
      .int(Number.isNaN(time) ? 0 : time - lastAt)
      .int(stepMs)
      .map(series.size)
    for (const code of [...series.keys()].sort((a, b) => a - b)) {
      const values = series.get(code) ?? []
      writer.int(code)
      if (stepMs === 0) writer.int(values[0] ?? 0)
      else writer.bytes(packSeries(values))
    }
  }
}

/** Cuts the readings of each quantity into evenly spaced runs and puts runs at the same times into one block. */
function blocksOf(readings: readonly Reading[]): Block[] {
  const blocks = new Map<string, Block>()
  for (const [code, quantity] of QUANTITIES.entries()) {
    for (const run of evenRuns(readings.filter((reading) => reading.quantity === quantity))) {
      const stepMs = run.length > 1 ? (run[1]?.at ?? 0) - (run[0]?.at ?? 0) : 0
      const lastAt = run.at(-1)?.at ?? 0
      const name = `${lastAt} ${stepMs} ${run.length}`
      const block = blocks.get(name) ?? { lastAt, stepMs, series: new Map<number, number[]>() }
      block.series.set(
        code,
        run.map((reading) => scaled(quantity, reading.value)),
      )
      blocks.set(name, block)
    }
  }
  return [...blocks.values()]
}

function evenRuns(samples: readonly Reading[]): Reading[][] {
  const runs: Reading[][] = []
  for (const sample of samples.toSorted((a, b) => a.at - b.at)) {
    const run = runs.at(-1)
    const last = run?.at(-1)
    const step = last ? sample.at - last.at : 0
    const before = run?.at(-2)
    if (run && last && step > 0 && (!before || last.at - before.at === step)) run.push(sample)
    else runs.push([sample])
  }
  return runs
}

function scaled(quantity: Quantity, value: number): number {
  const whole = Math.round(value * (QUANTITY_SCALES[QUANTITIES.indexOf(quantity)] ?? 1))
  if (Math.abs(whole) <= MAX_SAMPLE) return whole
  throw new UsageError('PRT_ENCODE', `${quantity} ${value} does not fit the CBOR profile`, { quantity, value })
}
