import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { readyBackend } from '../models/backend.ts'
import { encodeModel, type ModelContainer } from '../models/model-container.ts'
import { FEATURES } from './customer-memory.ts'
import { emptyMixture } from './mixture.ts'
import { blockFit, type FitReference, ModelFit } from './model-fit.ts'
import { usualUseSamples } from './testing/usual-samples.ts'
import { TRAINING_PLAN, trainUsualUse } from './train-usual-use.ts'
import { packUsualUse } from './usual-use-container.ts'
import { usualUseModel } from './usual-use-model.ts'
import { UsualUseNet } from './usual-use-net.ts'

/** Trains the model of usual use from invented customers; `--write yes` replaces the weights that come with the program. */
export async function run(options: {
  readonly json: boolean
  readonly meters?: string
  readonly days?: string
  readonly epochs?: string
  readonly seed?: string
  readonly write?: string
  /** Says how the model that comes with the program fares on customers of another seed, and trains nothing. */
  readonly fit?: string
  /** Writes the trained model to a file that a service takes as `lowflow.model` or `lowflow.shadow.model`. */
  readonly out?: string
}): Promise<Record<string, number | string>> {
  const began = performance.now()
  if (options.fit === 'yes') {
    const { places, surprise } = fitOf(usualUseModel())
    return { places: places.map((share) => share.toFixed(4)).join(' '), 'surprise, nats a block': surprise }
  }
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
  if (options.out !== undefined) writeModelFile(options.out, packUsualUse(weights, fitOf(new UsualUseNet(weights))))
  return {
    engine,
    blocks: samples.floor.length,
    'loss of each epoch, nats a block': losses.map((loss) => loss.toFixed(4)).join(' '),
    'SHA-256': checksum,
    seconds: (performance.now() - began) / 1000,
  }
}

/** Customers that no model was trained on. */
const UNSEEN_SEED = 9_778

function fitOf(net: UsualUseNet): FitReference {
  const { features, floor } = usualUseSamples(UNSEEN_SEED, 300, 200)
  const fit = new ModelFit()
  const given = emptyMixture()
  for (const [row, y] of floor.entries()) {
    net.predict(features.subarray(row * FEATURES, (row + 1) * FEATURES), true, given)
    const floorM3H = Math.max(0, Math.exp(y) - 0.3) / 1000
    fit.add(blockFit({ part: 0, from: 0, to: 1, totalM3: 0, peakM3H: 0, floorM3H }, given))
  }
  return fit.reference
}

/** The form of the operator's model files: a line with the digest, then the bytes. */
function writeModelFile(file: string, model: ModelContainer): void {
  const bytes = encodeModel(model)
  const digest = createHash('sha256').update(bytes).digest('hex')
  writeFileSync(file, Buffer.concat([Buffer.from(`gastwin-model/1 sha256 ${digest}\n`), bytes]))
}
