// Only the layers bring the gradients of the operations with them.
import '@tensorflow/tfjs-layers'
import {
  add,
  div,
  exp,
  log,
  logSumExp,
  matMul,
  mean,
  mul,
  neg,
  reshape,
  type Scalar,
  sigmoid,
  slice,
  softplus,
  sub,
  sum,
  type Tensor2D,
  tanh,
  tensor2d,
  tidy,
  train,
  type Variable,
  variable,
} from '@tensorflow/tfjs-core'
import { seededRandom, shuffledOrder } from '../models/seeded-random.ts'
import { FEATURES, RECENT_FROM } from './customer-memory.ts'
import { ODD_SHARE, ODD_WIDTH, PARTS } from './mixture.ts'
import { LAYERS } from './usual-use-net.ts'

/** Blocks without faults: features as of CustomerMemory.describe [rows × FEATURES] and the logarithms of their floors. */
export interface UsualUseSamples {
  readonly features: Float32Array
  readonly floor: Float32Array
}

export interface TrainingPlan {
  readonly seed: number
  readonly epochs: number
  readonly batch: number
  readonly learningRate: number
}

export const TRAINING_PLAN: TrainingPlan = { seed: 1, epochs: 5, batch: 1024, learningRate: 0.004 }

const CELL = Math.log(1.08)
/** Share of rows that are shown without the blocks just before: the model must know habits alone too. */
const WITHOUT_RECENT = 0.35

/**
 * Learns the model of usual use by maximum likelihood with Adam; the same samples and seed give the same weights on one machine.
 * The engine must be ready (see readyBackend).
 * @param told receives the mean loss of each epoch, in nats a block
 * @returns weights in the layout of UsualUseNet
 */
export function trainUsualUse(
  samples: UsualUseSamples,
  plan: TrainingPlan = TRAINING_PLAN,
  told: (epoch: number, loss: number) => void = () => {},
): Float32Array {
  const random = seededRandom(plan.seed)
  const rows = samples.floor.length
  const layers = LAYERS.map(([inputs, outputs], i) => {
    const scale = Math.sqrt(1 / inputs) * (i === 2 ? 0.3 : 1)
    const matrix = tensor2d(
      Float32Array.from({ length: inputs * outputs }, () => scale * random.normal()),
      [inputs, outputs],
    )
    // The parts of the mixture begin beside each other: from one place they would never part.
    const bias = Float32Array.from({ length: outputs }, (_, o) =>
      i === 2 && o >= PARTS && o < 2 * PARTS ? (o - PARTS - (PARTS - 1) / 2) * 0.6 : 0,
    )
    const made: readonly [Variable, Variable] = [variable(matrix), variable(tensor2d(bias, [1, outputs]))]
    matrix.dispose()
    return made
  })
  const steps = Math.max(1, Math.floor(rows / plan.batch))
  const x = new Float32Array(plan.batch * FEATURES)
  const y = new Float32Array(plan.batch)
  const size = Math.min(plan.batch, rows)
  for (let epoch = 0; epoch < plan.epochs; epoch++) {
    const optimizer = train.adam(plan.learningRate * 0.5 ** ((3 * epoch) / plan.epochs))
    const order = shuffledOrder(rows, random)
    let total = 0
    for (let step = 0; step < steps; step++) {
      for (let i = 0; i < size; i++) {
        const row = order[step * size + i] as number
        x.set(samples.features.subarray(row * FEATURES, (row + 1) * FEATURES), i * FEATURES)
        if (random.uniform() < WITHOUT_RECENT) x.fill(0, i * FEATURES + RECENT_FROM, (i + 1) * FEATURES)
        y[i] = samples.floor[row] as number
      }
      const loss = optimizer.minimize(
        () =>
          surprise(
            layers,
            tensor2d(x.subarray(0, size * FEATURES), [size, FEATURES]),
            tensor2d(y.subarray(0, size), [size, 1]),
          ),
        true,
      )
      if (loss !== null) {
        total += loss.dataSync()[0] as number
        loss.dispose()
      }
    }
    optimizer.dispose()
    told(epoch, total / steps)
  }
  const parts = layers.flatMap((pair) => pair.map((v) => v.dataSync() as Float32Array))
  const weights = new Float32Array(parts.reduce((n, part) => n + part.length, 0))
  let at = 0
  for (const part of parts) {
    weights.set(part, at)
    at += part.length
  }
  for (const pair of layers) for (const v of pair) v.dispose()
  return weights
}

/** Mean of −log of the chance of the cell around each floor. */
function surprise(layers: readonly (readonly [Variable, Variable])[], x: Tensor2D, y: Tensor2D): Scalar {
  return tidy(() => {
    let h = x
    for (const [i, [matrix, bias]] of layers.entries()) {
      const z = add(matMul(h, matrix as unknown as Tensor2D), bias) as Tensor2D
      h = i < layers.length - 1 ? tanh(z) : z
    }
    const rows = x.shape[0]
    const middle = mul(slice(x, [0, 0], [rows, 1]), 5)
    const width = slice(x, [0, 1], [rows, 1])
    const logits = slice(h, [0, 0], [rows, PARTS])
    const weight = exp(sub(logits, reshape(logSumExp(logits, 1), [rows, 1])))
    const centre = add(middle, mul(width, slice(h, [0, PARTS], [rows, PARTS])))
    const breadth = add(0.04, mul(width, softplus(sub(slice(h, [0, 2 * PARTS], [rows, PARTS]), 1))))
    const below = (edge: number) => sigmoid(div(sub(add(y, edge), centre), breadth))
    const usual = sum(mul(weight, sub(below(CELL), below(-CELL))), 1)
    const oddBelow = (edge: number) => sigmoid(div(sub(sub(add(y, edge), middle), 1), ODD_WIDTH))
    const odd = sum(sub(oddBelow(CELL), oddBelow(-CELL)), 1)
    return neg(mean(log(add(add(mul(usual, 1 - ODD_SHARE), mul(odd, ODD_SHARE)), 1e-9)))) as Scalar
  })
}
