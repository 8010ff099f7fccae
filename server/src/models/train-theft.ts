import {
  disposeModel,
  packModel,
  THEFT_TRAINING,
  trainOnInjectedAttacks,
  trainOnLabels,
} from '@gastwin/analytics/theft'
import { PeerDataError } from '@gastwin/twin'
import { startModelEngine } from './model-engine.ts'
import { writeModelFile } from './model-file.ts'
import { readDaySeries } from './read-day-series.ts'

/** What a user chooses about training. */
export interface TrainingChoice {
  readonly seed: number
  readonly epochs: number
  readonly networks: number
  /** Of the log odds; the trees have the rest. */
  readonly networkShare: number
}

export function trainingOf({ seed, epochs, networks, networkShare }: TrainingChoice): typeof THEFT_TRAINING {
  return { ...THEFT_TRAINING, seed, networks, networkShare, network: { ...THEFT_TRAINING.network, epochs } }
}

/** `gastwin theft train`: with labels from the file's label column when it has one, else on injected attacks. */
export async function trainTheft(
  options: {
    readonly input: string
    readonly out: string
    readonly labelColumn: string | undefined
    readonly json: boolean
  } & TrainingChoice,
): Promise<void> {
  const begun = performance.now()
  const series = await readDaySeries(options.input, options.labelColumn ?? 'auto')
  const backend = await startModelEngine('training')
  const { panel, labels } = series
  const known = labels?.reduce((sum, label) => sum + label, 0) ?? 0
  if (labels !== undefined && (known === 0 || known === panel.rows))
    throw new PeerDataError(
      'API_INPUT',
      `${options.input}: all labels are ${known === 0 ? 0 : 1}, expected both 0 and 1`,
    )
  const training = trainingOf(options)
  const model = labels === undefined ? trainOnInjectedAttacks(panel, training) : trainOnLabels(panel, labels, training)
  const digest = await writeModelFile(options.out, packModel(model))
  const { features, ...facts } = model.facts
  disposeModel(model)
  const seconds = Math.round((performance.now() - begun) / 100) / 10
  const result = {
    model: options.out,
    sha256: digest,
    backend,
    seconds,
    input_sha256: series.sha256,
    ...facts,
    features: features.length,
  }
  if (options.json) console.log(JSON.stringify(result))
  else for (const [name, value] of Object.entries(result)) console.log(`${name.padEnd(14)} ${String(value)}`)
}
