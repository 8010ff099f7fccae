import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { keptLines } from './area-views.ts'

const OWN = new Set(['181', 'RTU "1", north'])
const kept = async (chunks: readonly string[], format: 'csv' | 'ndjson'): Promise<string> => {
  const bytes = chunks.map((chunk) => Buffer.from(chunk))
  let text = ''
  for await (const chunk of keptLines(Readable.from(bytes), format, (asset) => OWN.has(asset))) text += String(chunk)
  return text
}
const CSV =
  'time,asset,quantity,value\n"2026-03-14T00:00:00Z","181","index_m3",1\n"2026-03-14T00:00:00Z","182","index_m3",2\n"2026-03-14T00:00:00Z","RTU ""1"", north","pressure_pa",3\n'

test('an export keeps its head and the lines of the area, wherever it is cut into pieces', async () => {
  const whole = CSV.split('\n')
  const expected = [whole[0], whole[1], whole[3], ''].join('\n')
  for (let at = 0; at <= CSV.length; at++) expect(await kept([CSV.slice(0, at), CSV.slice(at)], 'csv')).toBe(expected)
})

test('lines of JSON are kept by their asset; what is no line of ours is left out', async () => {
  const lines = ['{"time":"t","asset":"181","value":1}', '{"time":"t","asset":"182","value":2}', 'DB::Exception 181']
  expect(await kept([lines.join('\n')], 'ndjson')).toBe(`${lines[0]}\n`)
})

test('a source that fails ends the export with its failure', async () => {
  const failing = Readable.from(
    (async function* () {
      yield Buffer.from('time,asset,quantity,value\n')
      throw new Error('the database went away')
    })(),
  )
  const read = async () => {
    for await (const _ of keptLines(failing, 'csv', () => true));
  }
  await expect(read()).rejects.toThrow('the database went away')
})
