import { readFile } from 'node:fs/promises'
import { PeerDataError, UsageError } from '@gastwin/twin'
import { ARCHIVE_COLUMNS } from '../devices/archive-columns.table.ts'
import { csvText, readCsv } from '../devices/csv.ts'
import { HEATING_WORDS } from '../devices/heated-points.ts'

/**
 * What a table of premises, as the archive takes it, says of homes' heating: by metering point, without those it says nothing of.
 * @throws UsageError API_INPUT when the file cannot be read; PeerDataError API_INPUT when it is no such table
 */
export async function readHeating(file: string): Promise<ReadonlyMap<string, boolean>> {
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw new UsageError('API_INPUT', `${file}: ${cause instanceof Error ? cause.message : String(cause)}`, {}, cause)
  })
  const rows = readCsv(csvText(bytes).replace(/^\uFEFF/, ''))
  const first: readonly string[] = rows.next().value?.cells ?? []
  const head = first.map((cell) => cell.toLowerCase())
  const [point, heating] = (['point', 'heating'] as const).map((name) => {
    const zh = ARCHIVE_COLUMNS.premises.find((column) => column.name === name)?.zh
    return head.findIndex((cell) => cell === name || cell === zh)
  }) as [number, number]
  if (point < 0 || heating < 0)
    throw new PeerDataError('API_INPUT', `${file}: line 1: columns are ${head.join(',')}, expected point and heating`, {
      file,
    })
  const heated = new Map<string, boolean>()
  for (const { line, cells } of rows) {
    const word = cells[heating] ?? ''
    if (word === '' || (cells[point] ?? '') === '') continue
    if (!HEATING_WORDS.some((known) => known === word))
      throw new PeerDataError('API_INPUT', `${file}: line ${line}: "${word}" is none of ${HEATING_WORDS.join(', ')}`, {
        file,
      })
    heated.set(cells[point] ?? '', word === 'yes')
  }
  return heated
}
