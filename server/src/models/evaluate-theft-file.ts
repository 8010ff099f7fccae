import {
  caseNumbers,
  type DayPanel,
  evaluateTheft,
  type Interval,
  type ModelScores,
  pickRows,
} from '@gastwin/analytics/theft'
import { PeerDataError } from '@gastwin/twin'
import { startModelEngine } from './model-engine.ts'
import { type DaySeries, readDaySeries } from './read-day-series.ts'
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
    /** Leaves out the customers that `heldOut` keeps for the end: on the others a choice may be made. */
    readonly development: boolean
    readonly json: boolean
  } & TrainingChoice,
): Promise<void> {
  const begun = performance.now()
  const series = await readDaySeries(options.input, options.labelColumn)
  if (series.labels === undefined)
    throw new PeerDataError(
      'API_INPUT',
      `${options.input}: no column of labels (label or flag); --labels-in-column names it`,
    )
  const { panel, labels, cases } = chosenRows(series, series.labels, options)
  const known = labels.reduce((sum, label) => sum + label, 0)
  if (known < options.folds || panel.rows - known < options.folds)
    throw new PeerDataError(
      'API_INPUT',
      `${options.input}: ${known} of ${panel.rows} customers are labelled 1, too few of one kind for ${options.folds} folds`,
    )
  const backend = await startModelEngine('training')
  const evaluation = evaluateTheft(panel, labels, cases, {
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
    console.log(JSON.stringify({ ...evaluation, backend, seconds, input_sha256: series.sha256 }))
    return
  }
  const { rows, positives, folds, seeds, calibration } = evaluation
  console.log(
    `${rows} customers${options.development ? ' of the development part' : ''}, ${positives} labelled 1, ${options.heldOut ? `one of ${folds} parts held out` : `${folds} folds`} × ${seeds.length} seeds, ${backend}, ${seconds} s`,
  )
  console.log('90 % intervals over resampled customers')
  line('model', evaluation.model)
  if (seeds.length > 1)
    evaluation.each_seed.forEach(({ roc_auc, average_precision, map_at_100 }, i) => {
      console.log(
        `${`  seed ${seeds[i]}`.padEnd(22)} ROC-AUC ${roc_auc.toFixed(3)}  AP ${average_precision.toFixed(3)}  MAP@100 ${map_at_100.toFixed(3)}`,
      )
    })
  for (const [name, scores] of Object.entries(evaluation.floors)) line(name, scores)
  for (const [name, scores] of Object.entries(evaluation.gain)) line(`gain over ${name}`, scores)
  console.log(
    `calibration: Brier ${calibration.brier.toFixed(4)} (base rate alone ${calibration.brier_of_base_rate.toFixed(4)}), expected error ${calibration.expected_error.toFixed(4)}`,
  )
}

/** All customers, or those of the development part. */
function chosenRows(
  { panel, ids }: DaySeries,
  labels: Uint8Array,
  { development, folds }: { readonly development: boolean; readonly folds: number },
): { readonly panel: DayPanel; readonly labels: Uint8Array; readonly cases: Uint32Array } {
  const cases = caseNumbers(panel, ids)
  if (!development) return { panel, labels, cases }
  const rows = Array.from(cases.keys()).filter((row) => (cases[row] as number) % folds !== 0)
  const of = (values: ArrayLike<number>) => rows.map((row) => values[row] as number)
  return { panel: pickRows(panel, rows), labels: Uint8Array.from(of(labels)), cases: Uint32Array.from(of(cases)) }
}

function line(name: string, { roc_auc, average_precision, map_at_100 }: ModelScores): void {
  const text = ({ value, p05, p95 }: Interval): string => `${value.toFixed(3)} [${p05.toFixed(3)}, ${p95.toFixed(3)}]`
  console.log(`${name.padEnd(22)} ROC-AUC ${text(roc_auc)}  AP ${text(average_precision)}  MAP@100 ${text(map_at_100)}`)
}
