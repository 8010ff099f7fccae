import { caseNumbers, evaluateTheft, type Interval, type ModelScores } from '@gastwin/analytics/theft'
import { PeerDataError } from '@gastwin/twin'
import { startModelEngine } from './model-engine.ts'
import { readDaySeries } from './read-day-series.ts'
import { type TrainingChoice, trainingOf } from './train-theft.ts'

/** `gastwin theft evaluate`: cross-validation by customer, with floors, gains and intervals. */
export async function evaluateTheftFile(
  options: {
    readonly input: string
    readonly labelColumn: string
    readonly folds: number
    readonly seeds: number
    readonly resamples: number
    readonly floors: boolean
    readonly heldOut: boolean
    readonly json: boolean
  } & TrainingChoice,
): Promise<void> {
  const begun = performance.now()
  const { panel, ids, labels, sha256 } = await readDaySeries(options.input, options.labelColumn)
  if (labels === undefined)
    throw new PeerDataError(
      'API_INPUT',
      `${options.input}: no column of labels (label or flag); --labels-in-column names it`,
    )
  const known = labels.reduce((sum, label) => sum + label, 0)
  if (known < options.folds || panel.rows - known < options.folds)
    throw new PeerDataError(
      'API_INPUT',
      `${options.input}: ${known} of ${panel.rows} customers are labelled 1, too few of one kind for ${options.folds} folds`,
    )
  const backend = await startModelEngine('training')
  const evaluation = evaluateTheft(panel, labels, caseNumbers(panel, ids), {
    folds: options.folds,
    seeds: Array.from({ length: options.seeds }, (_, i) => options.seed + i),
    training: trainingOf(options),
    floors: options.floors,
    heldOut: options.heldOut,
    resamples: options.resamples,
    onFold: (done, of) => {
      if (process.stderr.isTTY) process.stderr.write(`\r${done} of ${of} folds`)
    },
  })
  const seconds = Math.round((performance.now() - begun) / 100) / 10
  if (options.json) {
    console.log(JSON.stringify({ ...evaluation, backend, seconds, input_sha256: sha256 }))
    return
  }
  const { rows, positives, folds, seeds, calibration } = evaluation
  console.log(
    `${rows} customers, ${positives} labelled 1, ${options.heldOut ? `one of ${folds} parts held out` : `${folds} folds`} × ${seeds.length} seeds, ${backend}, ${seconds} s`,
  )
  console.log('90 % intervals over resampled customers')
  line('model', evaluation.model)
  for (const [name, scores] of Object.entries(evaluation.floors)) line(name, scores)
  for (const [name, scores] of Object.entries(evaluation.gain)) line(`gain over ${name}`, scores)
  console.log(
    `calibration: Brier ${calibration.brier.toFixed(4)} (base rate alone ${calibration.brier_of_base_rate.toFixed(4)}), expected error ${calibration.expected_error.toFixed(4)}`,
  )
}

function line(name: string, { roc_auc, average_precision, map_at_100 }: ModelScores): void {
  const text = ({ value, p05, p95 }: Interval): string => `${value.toFixed(3)} [${p05.toFixed(3)}, ${p95.toFixed(3)}]`
  console.log(`${name.padEnd(22)} ROC-AUC ${text(roc_auc)}  AP ${text(average_precision)}  MAP@100 ${text(map_at_100)}`)
}
