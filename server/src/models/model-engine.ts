import { createRequire } from 'node:module'
import { type ModelBackend, readyBackend, readyTraining } from '@gastwin/analytics/theft'

/**
 * Makes the engine of learned models ready in this process: the native library where the operator has installed it and
 * it loads, else WebAssembly.
 * @param use  training needs the gradients, which take a moment to load
 */
export async function startModelEngine(use: 'scoring' | 'training'): Promise<ModelBackend> {
  const before = HANDLED.map((event) => process.listeners(event))
  // The library greets users of its slow engines on stderr, where only errors belong.
  const { warn } = console
  console.warn = () => undefined
  try {
    const options = { loadNative: async () => createRequire(import.meta.url)('@tensorflow/tfjs-node') as unknown }
    return await (use === 'training' ? readyTraining(options) : readyBackend(options))
  } finally {
    console.warn = warn
    // The WebAssembly runtime takes failures of the whole process for its own; what it has hung in is taken out again.
    for (const [i, event] of HANDLED.entries())
      for (const listener of process.listeners(event))
        if (!before[i]?.includes(listener)) process.removeListener(event, listener as () => void)
  }
}

const HANDLED = ['uncaughtException', 'unhandledRejection'] as ('uncaughtException' & 'unhandledRejection')[]
