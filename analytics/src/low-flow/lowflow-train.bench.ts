import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { readyBackend } from '../models/backend.ts'
import { usualUseSamples } from './testing/usual-samples.ts'
import { TRAINING_PLAN, trainUsualUse } from './train-usual-use.ts'

/** Trains the model of usual use from invented customers; `--write yes` replaces the weights that come with the program. */
export async function run(options: {
  readonly json: boolean
  readonly meters?: string
  readonly days?: string
  readonly epochs?: string
  readonly seed?: string
  readonly write?: string
}): Promise<Record<string, number | string>> {
  const began = performance.now()
  const samples = usualUseSamples(
    Number(options.seed ?? 777),
    Number(options.meters ?? 1200),
    Number(options.days ?? 400),
  )
  const engine = await readyBackend()
  const losses: number[] = []
  const plan = { ...TRAINING_PLAN, epochs: Number(options.epochs ?? TRAINING_PLAN.epochs) }
  const weights = trainUsualUse(samples, plan, (_, loss) => losses.push(loss))
  const bytes = Buffer.from(weights.buffer)
  const checksum = createHash('sha256').update(bytes).digest('hex')
  if (options.write === 'yes') {
    const lines = bytes.toString('base64').match(/.{1,110}/g) ?? []
    writeFileSync(
      fileURLToPath(new URL('usual-use-weights.generated.ts', import.meta.url)),
      `/**
 * Weights of the model of usual use (layout: UsualUseNet), 32-bit floats, little endian, base64; SHA-256 of the bytes
 * ${checksum}.
 * Made by lowflow-train.bench.ts from invented customers; see docs/LOW-FLOW.md.
 */
export const USUAL_USE_WEIGHTS = [
${lines.map((line) => `  '${line}',`).join('\n')}
].join('')
`,
    )
  }
  return {
    engine,
    blocks: samples.floor.length,
    'loss of each epoch, nats a block': losses.map((loss) => loss.toFixed(4)).join(' '),
    'SHA-256': checksum,
    seconds: (performance.now() - began) / 1000,
  }
}
