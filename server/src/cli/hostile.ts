import {
  evaluateTerminals,
  judgeModel,
  packTerminalModel,
  trainTerminalModel,
  unpackTerminalModel,
} from '@gastwin/analytics'
import { UsageError } from '@gastwin/twin'
import { readModelFile, writeModelFile } from '../models/model-file.ts'
import { readTerminalLooks } from '../models/terminal-looks.ts'
import { EXIT, numberOption, readOptions, type Verb } from './command-line.ts'

const USAGE = `gastwin hostile train    --traffic FILE[,FILE…] --out MODEL [--seed 1]
       gastwin hostile evaluate --traffic FILE[,FILE…] --test FILE[,FILE…] [--seed 1] [--resamples 500]
       gastwin hostile evaluate --model MODEL --test FILE[,FILE…] [--seed 1] [--resamples 500]
       traffic as gastwin-traffic/1 (docs/HOSTILE.md)`

const OPTIONS = {
  traffic: { type: 'string' },
  test: { type: 'string' },
  model: { type: 'string' },
  out: { type: 'string' },
  seed: { type: 'string', default: '1' },
  resamples: { type: 'string', default: '500' },
} as const

export const hostile: Verb = {
  summary: 'train and evaluate the model that warns of hostile terminals beside the rules',
  usage: USAGE,
  run: async (args) => {
    const { values, positionals } = readOptions(args, OPTIONS, USAGE)
    const [action] = positionals
    const { traffic, test, out } = values
    const seed = Math.round(numberOption('seed', values.seed, 0, 1e9))
    if (action === 'train' && traffic !== undefined && out !== undefined) {
      const model = trainTerminalModel(await readTerminalLooks(traffic.split(',')), seed)
      const sha256 = await writeModelFile(out, packTerminalModel(model))
      console.log(JSON.stringify({ out, sha256, ...model.facts }))
      return EXIT.ok
    }
    const resamples = Math.round(numberOption('resamples', values.resamples, 20, 10_000))
    if (action === 'evaluate' && values.model !== undefined && test !== undefined) {
      const model = unpackTerminalModel((await readModelFile(values.model)).model)
      if (typeof model === 'string') throw new UsageError('API_INPUT', `model ${values.model}: ${model}`)
      const judged = judgeModel(model, await readTerminalLooks(test.split(',')), { seed, resamples })
      console.log(JSON.stringify(judged, rounded, 1))
      return EXIT.ok
    }
    if (action === 'evaluate' && traffic !== undefined && test !== undefined) {
      const [known, unknown] = [await readTerminalLooks(traffic.split(',')), await readTerminalLooks(test.split(','))]
      console.log(JSON.stringify(evaluateTerminals(known, unknown, { seed, resamples }), rounded, 1))
      return EXIT.ok
    }
    throw new UsageError('CLI_USAGE', `usage: ${USAGE}`)
  },
}

const rounded = (_key: string, value: unknown): unknown =>
  typeof value === 'number' && !Number.isInteger(value) ? Math.round(10_000 * value) / 10_000 : value
