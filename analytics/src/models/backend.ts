import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm'
import { findBackend, getBackend, memory, ready, setBackend } from '@tensorflow/tfjs-core'
import { registerConvolutionGradient } from './convolution-gradient.ts'

/** Which engine computes the models: the native library, or WebAssembly with SIMD. */
export type ModelBackend = 'tensorflow' | 'wasm'

export interface BackendOptions {
  /** Loads the native library where the operator has installed it; a rejection means that it does not load here. */
  readonly loadNative?: () => Promise<unknown>
  /** Folder of the WebAssembly files, ending in "/", where they do not lie beside the package. */
  readonly wasmFolder?: string
}

let chosen: Promise<ModelBackend> | undefined

/**
 * Makes the engine of the models ready: the native one when it loads and serves the same core library, else
 * WebAssembly. The first call of a process decides; later ones give the same answer.
 */
export function readyBackend(options: BackendOptions = {}): Promise<ModelBackend> {
  chosen ??= choose(options)
  return chosen
}

async function choose({ loadNative, wasmFolder }: BackendOptions): Promise<ModelBackend> {
  if (loadNative !== undefined && (await loads(loadNative)) && (await setBackend('tensorflow'))) return 'tensorflow'
  if (wasmFolder !== undefined) setWasmPaths(wasmFolder)
  if (!(await setBackend('wasm'))) throw new Error(`the WebAssembly engine did not start (${getBackend()})`)
  await ready()
  registerConvolutionGradient('wasm')
  return 'wasm'
}

async function loads(loadNative: () => Promise<unknown>): Promise<boolean> {
  try {
    await loadNative()
    // A second copy of the core library would hold the native engine where ours does not see it.
    return findBackend('tensorflow') !== undefined && findBackend('tensorflow') !== null
  } catch {
    return false
  }
}

/** As readyBackend, and able to train: the gradients of the core library come with its layers, and are loaded here. */
export async function readyTraining(options: BackendOptions = {}): Promise<ModelBackend> {
  const backend = await readyBackend(options)
  await import('@tensorflow/tfjs-layers')
  return backend
}

/** Tensors that the engine holds: the weights of models in use; between two scorings no more. */
export const heldTensors = (): number => memory().numTensors
