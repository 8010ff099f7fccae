import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { finished } from 'node:stream/promises'
import { commonCourse, disposeModel, explainSuspicion, scoreCourses, unpackModel } from '@gastwin/analytics/theft'
import { UsageError } from '@gastwin/twin'
import { startModelEngine } from './model-engine.ts'
import { readModelFile } from './model-file.ts'
import { readDaySeries } from './read-day-series.ts'
import { writeEvidence } from './write-evidence.ts'

/** The models that come with the program, trained on attacks put on invented courses of so many days. */
const DEFAULT_DAYS = [35, 120, 400] as const

function defaultModel(days: number): URL {
  const away = (length: number): number => Math.abs(Math.log(days / length))
  const nearest = DEFAULT_DAYS.reduce((best, length) => (away(length) < away(best) ? length : best))
  return new URL(`../../models/theft-default-${nearest}.model`, import.meta.url)
}

/** `gastwin theft score`: CSV id,score in the order of the input; evidence files of the most suspicious when asked. */
export async function scoreTheft(options: {
  readonly input: string
  readonly out: string | undefined
  readonly model: string | undefined
  readonly evidence: string | undefined
  readonly top: number
  readonly json: boolean
}): Promise<void> {
  const series = await readDaySeries(options.input)
  const { panel, ids } = series
  const file = options.model ?? defaultModel(panel.days)
  const { model: container, digest } = await readModelFile(file)
  await startModelEngine('scoring')
  const model = unpackModel(container)
  if (typeof model === 'string') throw new UsageError('API_INPUT', `model ${String(file)}: ${model}`)
  const peers = commonCourse(panel)
  const scores = scoreCourses(model, panel, { peers })
  const ranking = Int32Array.from(scores, (_, row) => row).sort(
    (a, b) => (scores[b] as number) - (scores[a] as number) || ((ids[a] as string) < (ids[b] as string) ? -1 : 1),
  )
  if (options.evidence !== undefined) {
    const cases = Array.from(ranking.subarray(0, options.top), (row, i) => ({
      row,
      rank: i + 1,
      score: scores[row] as number,
      suspicion: explainSuspicion(model, panel, peers, row),
    }))
    await writeEvidence(options.evidence, series, peers, cases, { file: String(file), sha256: digest })
  }
  disposeModel(model)
  const out = options.out === undefined ? process.stdout : createWriteStream(options.out)
  const write = async (text: string): Promise<void> => {
    if (!out.write(text)) await once(out, 'drain')
  }
  if (options.json) {
    const all = ids.map((id, row) => ({ id, score: scores[row] }))
    await write(`${JSON.stringify({ model_sha256: digest, input_sha256: series.sha256, scores: all })}\n`)
  } else {
    await write('id,score\n')
    let text = ''
    for (let row = 0; row < panel.rows; row++) {
      text += `${quoted(ids[row] as string)},${(scores[row] as number).toPrecision(6)}\n`
      if (text.length > 1 << 16 || row === panel.rows - 1) {
        await write(text)
        text = ''
      }
    }
  }
  if (options.out !== undefined) {
    out.end()
    await finished(out)
  }
}

function quoted(id: string): string {
  return /[",\n]/.test(id) ? `"${id.replaceAll('"', '""')}"` : id
}
