import { existsSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { type TerminalModel, unpackTerminalModel } from '@gastwin/analytics'
import { readModelFile } from './model-file.ts'

const OWN = 'hostile.model'
const SHIPPED = fileURLToPath(new URL('../../models/hostile-default.model', import.meta.url))

/** The model of hostile terminals that a service works with. */
export interface ShelvedTerminalModel {
  readonly source: 'shipped' | 'folder'
  readonly file: string
  readonly sha256: string
  readonly model: TerminalModel
}

/**
 * The operator's model (`hostile.model` in his folder) or, without one, the model that comes with the program. Read once, at the start.
 * A file that is cut, changed or of other features is refused: then the rules watch alone, and the sentence says why.
 * @param folder null for none
 */
export async function readTerminalModel(
  folder: string | null,
  shipped: string = SHIPPED,
): Promise<ShelvedTerminalModel | string> {
  const own = folder === null ? undefined : path.join(folder, OWN)
  const source = own !== undefined && existsSync(own) ? 'folder' : 'shipped'
  const file = source === 'folder' && own !== undefined ? own : shipped
  try {
    const { model: container, digest } = await readModelFile(file)
    const model = unpackTerminalModel(container)
    if (typeof model === 'string') return `model ${file}: ${model}`
    return { source, file: path.basename(file), sha256: digest, model }
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
