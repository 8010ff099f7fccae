import {
  add,
  concat,
  conv1d,
  losses,
  matMul,
  max,
  mean,
  mul,
  relu,
  reshape,
  type Scalar,
  scalar,
  square,
  sum,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
  type Tensor3D,
  tensor,
  tensor1d,
  tensor2d,
  tensor3d,
  tidy,
  train,
  type Variable,
  variable,
} from '@tensorflow/tfjs-core'
import type { ModelArray } from '../models/model-container.ts'
import { type SeededRandom, shuffledOrder } from '../models/seeded-random.ts'
import { CHANNELS } from './course-steps.ts'

/** What the network sees of each row. */
export interface NetworkInput {
  readonly rows: number
  readonly steps: number
  /** Float32Array[rows × steps × CHANNELS] */
  readonly sequences: Float32Array
  readonly columns: number
  /** Float32Array[rows × columns], each about −2 … 2 */
  readonly features: Float32Array
}

export interface TrainingOptions {
  readonly epochs: number
  readonly batch: number
  readonly rate: number
  /** Weight of the squares of all weights in the loss. */
  readonly decay: number
  /** Share of the features and of the hidden units that a training step leaves out. */
  readonly dropout: number
}

const FILTERS = 16
const WIDTH = 48
const NARROW = 24
const PREDICT_BATCH = 256

/**
 * A small network that reads a course in two ways: two convolutions over its steps, pooled by maximum and mean (so that
 * courses of any length fit), and a layer over its engineered features; both meet in one more layer.
 */
export class TheftNetwork {
  readonly #weights: ReadonlyMap<string, Variable>

  private constructor(weights: ReadonlyMap<string, Variable>) {
    this.#weights = weights
  }

  /** An untrained network whose weights the random stream decides. */
  static untrained(columns: number, random: SeededRandom): TheftNetwork {
    const weights = new Map<string, Variable>()
    for (const [name, shape] of shapes(columns)) {
      const size = shape.reduce((product, side) => product * side, 1)
      const fanIn = size / (shape.at(-1) ?? 1)
      const spread = name.endsWith('_bias') ? 0 : Math.sqrt(2 / fanIn)
      const values = Float32Array.from({ length: size }, () => spread * random.normal())
      weights.set(name, weightOf(values, shape))
    }
    return new TheftNetwork(weights)
  }

  /** The network that arrays of a model file describe. */
  static from(arrays: ReadonlyMap<string, ModelArray>): TheftNetwork {
    const weights = new Map<string, Variable>()
    for (const [name, { shape, values }] of arrays) weights.set(name, weightOf(values, [...shape]))
    return new TheftNetwork(weights)
  }

  /** Trains on labels 0 and 1 with the log loss; the order of the rows and what is left out come from the stream. */
  fit(input: NetworkInput, labels: ArrayLike<number>, options: TrainingOptions, random: SeededRandom): void {
    const variables = [...this.#weights.values()]
    const steps = options.epochs * Math.ceil(input.rows / options.batch)
    const optimizer = train.adam(options.rate)
    let step = 0
    for (let epoch = 0; epoch < options.epochs; epoch++) {
      const order = shuffledOrder(input.rows, random)
      for (let from = 0; from < input.rows; from += options.batch) {
        const rows = order.subarray(from, from + options.batch)
        // A rate that falls as a cosine to nothing ends training in a calm place, whatever the number of epochs.
        setRate(optimizer, options.rate * (0.02 + 0.49 * (1 + Math.cos((Math.PI * step) / steps))))
        step += 1
        tidy(() => {
          const [sequences, features] = batchTensors(input, rows)
          const wanted = tensor1d(Float32Array.from(rows, (row) => labels[row] as number))
          const keepFeatures = dropMask(rows.length, input.columns, options.dropout / 2, random)
          const keepHidden = dropMask(rows.length, WIDTH + 2 * FILTERS, options.dropout, random)
          optimizer.minimize(
            () => {
              const odds = this.#odds(sequences, mul(features, keepFeatures), keepHidden)
              const fit = losses.sigmoidCrossEntropy(wanted, odds) as Scalar
              return add(fit, mul(scalar(options.decay), this.#squares())) as Scalar
            },
            false,
            variables,
          )
        })
      }
    }
    optimizer.dispose()
  }

  /** Log odds of every row. */
  predict(input: NetworkInput): Float32Array {
    const out = new Float32Array(input.rows)
    for (let from = 0; from < input.rows; from += PREDICT_BATCH) {
      const rows = Int32Array.from({ length: Math.min(PREDICT_BATCH, input.rows - from) }, (_, i) => from + i)
      const odds = tidy(() => this.#odds(...batchTensors(input, rows)).dataSync())
      out.set(odds, from)
    }
    return out
  }

  /** The weights, to be kept in a model file. */
  arrays(): Map<string, ModelArray> {
    const arrays = new Map<string, ModelArray>()
    for (const [name, weight] of this.#weights)
      arrays.set(name, { shape: weight.shape, values: Float32Array.from(weight.dataSync()) })
    return arrays
  }

  dispose(): void {
    for (const weight of this.#weights.values()) weight.dispose()
  }

  #odds(sequences: Tensor3D, features: Tensor2D, keepHidden?: Tensor2D): Tensor1D {
    const w = (name: string): Tensor => this.#weights.get(name) as Tensor
    const first = relu(add(conv1d(sequences, w('conv1') as Tensor3D, 1, 'same'), w('conv1_bias'))) as Tensor3D
    const second = relu(add(conv1d(first, w('conv2') as Tensor3D, 1, 'same'), w('conv2_bias')))
    const wide = relu(add(matMul(features, w('wide')), w('wide_bias')))
    let hidden = concat([max(second, 1), mean(second, 1), wide], 1) as Tensor2D
    if (keepHidden !== undefined) hidden = mul(hidden, keepHidden)
    const narrow = relu(add(matMul(hidden, w('narrow')), w('narrow_bias')))
    return reshape(add(matMul(narrow, w('out')), w('out_bias')), [-1])
  }

  #squares(): Tensor {
    let total: Tensor = scalar(0)
    for (const [name, weight] of this.#weights) if (!name.endsWith('_bias')) total = add(total, sum(square(weight)))
    return total
  }
}

/** A variable holds its own handle of the numbers; the tensor that it began with is let go. */
function weightOf(values: Float32Array | Int32Array, shape: number[]): Variable {
  const start = tensor(values, shape)
  const weight = variable(start)
  start.dispose()
  return weight
}

function shapes(columns: number): readonly (readonly [string, number[]])[] {
  return [
    ['conv1', [5, CHANNELS, FILTERS]],
    ['conv1_bias', [FILTERS]],
    ['conv2', [3, FILTERS, FILTERS]],
    ['conv2_bias', [FILTERS]],
    ['wide', [columns, WIDTH]],
    ['wide_bias', [WIDTH]],
    ['narrow', [WIDTH + 2 * FILTERS, NARROW]],
    ['narrow_bias', [NARROW]],
    ['out', [NARROW, 1]],
    ['out_bias', [1]],
  ]
}

function batchTensors(input: NetworkInput, rows: Int32Array): [Tensor3D, Tensor2D] {
  const length = input.steps * CHANNELS
  const sequences = new Float32Array(rows.length * length)
  const features = new Float32Array(rows.length * input.columns)
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] as number
    sequences.set(input.sequences.subarray(row * length, (row + 1) * length), i * length)
    features.set(input.features.subarray(row * input.columns, (row + 1) * input.columns), i * input.columns)
  }
  return [tensor3d(sequences, [rows.length, input.steps, CHANNELS]), tensor2d(features, [rows.length, input.columns])]
}

function dropMask(rows: number, columns: number, share: number, random: SeededRandom): Tensor2D {
  const kept = 1 / (1 - share)
  const mask = Float32Array.from({ length: rows * columns }, () => (random.uniform() < share ? 0 : kept))
  return tensor2d(mask, [rows, columns])
}

function setRate(optimizer: ReturnType<typeof train.adam>, rate: number): void {
  // The optimizer keeps its rate in a protected field that it reads at every step.
  ;(optimizer as unknown as { learningRate: number }).learningRate = rate
}
