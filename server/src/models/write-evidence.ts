import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { PeerCourse, Suspicion } from '@gastwin/analytics/theft'
import type { DaySeries } from './read-day-series.ts'

/** One suspicion with what it was found in. */
export interface EvidenceCase {
  readonly row: number
  readonly score: number
  readonly rank: number
  readonly suspicion: Suspicion
}

/**
 * Writes an evidence file for each case, and `manifest.json` with the SHA-256 and SM3 hash of each file, of the input
 * and of the model: who holds the manifest can tell later that nothing was changed.
 * @returns the hash (SHA-256) of the manifest
 */
export async function writeEvidence(
  folder: string,
  series: DaySeries,
  peers: PeerCourse,
  cases: readonly EvidenceCase[],
  model: { readonly file: string; readonly sha256: string },
): Promise<string> {
  await mkdir(folder, { recursive: true })
  const { panel, days, ids } = series
  const files: { file: string; id: string; sha256: string; sm3: string }[] = []
  for (const { row, score, rank, suspicion } of cases) {
    const course = Array.from(panel.values.subarray(row * panel.days, (row + 1) * panel.days))
    const day = (column: number | null): string | null => (column === null ? null : (days[column] ?? null))
    const text = JSON.stringify(
      {
        schema: 'gastwin-theft-evidence/1',
        id: ids[row],
        score,
        rank,
        customers: panel.rows,
        since: day(suspicion.since_day),
        days: suspicion.days.map(([from, to]) => ({ from: day(from), to: day(to - 1) })),
        suspicion,
        course: days.map((name, d) => ({
          day: name,
          value: Number.isNaN(course[d] as number) ? null : course[d],
          peers_factor: peers.factor[d],
        })),
        input_sha256: series.sha256,
        model_sha256: model.sha256,
      },
      null,
      1,
    )
    const file = `${String(rank).padStart(5, '0')}-${(ids[row] as string).replaceAll(/[^\w.-]/g, '_').slice(0, 80)}.json`
    await writeFile(path.join(folder, file), text)
    files.push({ file, id: ids[row] as string, sha256: hash('sha256', text), sm3: hash('sm3', text) })
  }
  const manifest = JSON.stringify(
    { schema: 'gastwin-evidence-manifest/1', input_sha256: series.sha256, model, files },
    null,
    1,
  )
  await writeFile(path.join(folder, 'manifest.json'), manifest)
  return hash('sha256', manifest)
}

function hash(kind: 'sha256' | 'sm3', text: string): string {
  return createHash(kind).update(text).digest('hex')
}
