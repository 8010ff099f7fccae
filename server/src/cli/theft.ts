import { UsageError } from '@gastwin/twin'
import { EXIT, numberOption, readOptions, type Verb } from './command-line.ts'

const USAGE = `gastwin theft train    --input CSV --out MODEL [--labels-in-column label] [--seed 1] [--epochs 5] [--networks 2] [--network-share 0.4] [--json]
       gastwin theft score    --input CSV [--model MODEL] [--out CSV] [--evidence DIR] [--top 20] [--json]
       gastwin theft reference --input CSV --model MODEL --out MODEL [--json]
       gastwin theft evaluate --input CSV [--labels-in-column label] [--folds 5] [--seeds 1] [--held-out | --development] [--epochs 5] [--networks 2] [--network-share 0.4] [--no-floors] [--json]
       CSV or CSV.gz: id[,label],DAY… with one customer a line, an empty field is a missing value`

const OPTIONS = {
  input: { type: 'string' },
  out: { type: 'string' },
  model: { type: 'string' },
  seed: { type: 'string', default: '1' },
  seeds: { type: 'string', default: '1' },
  folds: { type: 'string', default: '5' },
  epochs: { type: 'string', default: '5' },
  networks: { type: 'string', default: '2' },
  'network-share': { type: 'string', default: '0.4' },
  top: { type: 'string', default: '20' },
  resamples: { type: 'string', default: '200' },
  evidence: { type: 'string' },
  'labels-in-column': { type: 'string' },
  'held-out': { type: 'boolean', default: false },
  development: { type: 'boolean', default: false },
  'no-floors': { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
} as const

export const theft: Verb = {
  summary: 'rank customers by how much their daily use looks like theft; train and evaluate the model that does it',
  usage: USAGE,
  run: async (args) => {
    const { values, positionals } = readOptions(args, OPTIONS, USAGE)
    const [action, ...more] = positionals
    const input = values.input
    const known = action === 'train' || action === 'score' || action === 'reference' || action === 'evaluate'
    if (more.length > 0 || !known)
      throw new UsageError(
        'CLI_USAGE',
        `theft: "${positionals.join(' ')}", expected train, score, reference or evaluate`,
      )
    if (input === undefined) throw new UsageError('CLI_USAGE', `theft ${action}: --input is missing`)
    const whole = (
      name: 'seed' | 'seeds' | 'folds' | 'epochs' | 'networks' | 'top' | 'resamples',
      least: number,
      most: number,
    ) => Math.round(numberOption(name, values[name], least, most))
    const training = {
      seed: whole('seed', 0, 1e9),
      epochs: whole('epochs', 1, 1000),
      networks: whole('networks', 0, 20),
      networkShare: numberOption('network-share', values['network-share'], 0, 1),
    }
    const labelColumn = values['labels-in-column']
    if (values['held-out'] && values.development)
      throw new UsageError('CLI_USAGE', 'theft evaluate: --held-out or --development, not both')
    if (action === 'train') {
      if (values.out === undefined) throw new UsageError('CLI_USAGE', 'theft train: --out is missing')
      const { trainTheft } = await import('../models/train-theft.ts')
      await trainTheft({ input, out: values.out, labelColumn, json: values.json, ...training })
    } else if (action === 'score') {
      const { scoreTheft } = await import('../models/score-theft.ts')
      const { out, model, evidence, json } = values
      await scoreTheft({ input, out, model, evidence, json, top: whole('top', 1, 1e6) })
    } else if (action === 'reference') {
      const { model, out, json } = values
      if (model === undefined || out === undefined)
        throw new UsageError('CLI_USAGE', 'theft reference: --model and --out are needed')
      const { recordTheftReference } = await import('../models/record-theft-reference.ts')
      await recordTheftReference({ input, model, out, json })
    } else {
      const { evaluateTheftFile } = await import('../models/evaluate-theft-file.ts')
      await evaluateTheftFile({
        input,
        labelColumn: labelColumn ?? 'auto',
        folds: whole('folds', 2, 50),
        seeds: whole('seeds', 1, 100),
        resamples: whole('resamples', 20, 10_000),
        floors: !values['no-floors'],
        heldOut: values['held-out'],
        development: values.development,
        json: values.json,
        ...training,
      })
    }
    return EXIT.ok
  },
}
