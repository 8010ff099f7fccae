import type { Block } from './block.ts'

/** Blocks of many meters in the order in which a city lives them: all of one half day first heard, then judged. */
export function sweepFleet(
  blocksOf: readonly (readonly Block[])[],
  hear: (meter: number, block: Block) => void,
  judge: (meter: number, block: Block) => void,
): void {
  let count = 0
  for (const blocks of blocksOf) count += blocks.length
  const key = new Float64Array(count)
  const meterOf = new Int32Array(count)
  const blockOf = new Int32Array(count)
  let at = 0
  for (const [meter, blocks] of blocksOf.entries()) {
    for (const [i, block] of blocks.entries()) {
      key[at] = halfDay(block)
      meterOf[at] = meter
      blockOf[at++] = i
    }
  }
  const order = Int32Array.from({ length: count }, (_, i) => i)
  order.sort((a, b) => (key[a] as number) - (key[b] as number) || a - b)
  const blockAt = (i: number): readonly [number, Block] => {
    const row = order[i] as number
    const meter = meterOf[row] as number
    return [meter, (blocksOf[meter] as readonly Block[])[blockOf[row] as number] as Block]
  }
  for (let begin = 0; begin < count; ) {
    const here = key[order[begin] as number]
    let end = begin
    while (end < count && key[order[end] as number] === here) hear(...blockAt(end++))
    for (let i = begin; i < end; i++) judge(...blockAt(i))
    begin = end
  }
}

function halfDay(block: Block): number {
  return Math.floor((block.from + block.to) / 2 / 43_200_000)
}
