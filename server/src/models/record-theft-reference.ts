import { disposeModel, packModel, recordReference, unpackModel } from '@gastwin/analytics/theft'
import { UsageError } from '@gastwin/twin'
import { startModelEngine } from './model-engine.ts'
import { readModelFile, writeModelFile } from './model-file.ts'
import { readDaySeries } from './read-day-series.ts'

/** `gastwin theft reference`: writes a model again with the deciles of its inputs and scores over the courses given. */
export async function recordTheftReference(options: {
  readonly input: string
  readonly model: string
  readonly out: string
  readonly json: boolean
}): Promise<void> {
  const { panel, sha256 } = await readDaySeries(options.input)
  const { model: container, digest } = await readModelFile(options.model)
  await startModelEngine('scoring')
  const model = unpackModel(container)
  if (typeof model === 'string') throw new UsageError('API_INPUT', `model ${options.model}: ${model}`)
  const written = await writeModelFile(options.out, packModel(recordReference(model, panel)))
  disposeModel(model)
  const result = { model: options.out, sha256: written, from_sha256: digest, rows: panel.rows, input_sha256: sha256 }
  if (options.json) console.log(JSON.stringify(result))
  else for (const [name, value] of Object.entries(result)) console.log(`${name.padEnd(14)} ${String(value)}`)
}
