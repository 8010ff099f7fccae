import { createHash } from 'node:crypto'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { decodeModel, encodeModel, type ModelContainer } from '@gastwin/analytics/theft'
import { UsageError } from '@gastwin/twin'

const MAGIC = 'gastwin-model/1'

/**
 * Writes a model: one line of text (`gastwin-model/1 sha256 DIGEST`), then the model's bytes. The file is complete
 * under its name or not there at all.
 * @returns the digest
 */
export async function writeModelFile(file: string, model: ModelContainer): Promise<string> {
  const bytes = encodeModel(model)
  const digest = sha256(bytes)
  const partial = `${file}.partial`
  try {
    await writeFile(partial, Buffer.concat([Buffer.from(`${MAGIC} sha256 ${digest}\n`), bytes]))
    await rename(partial, file)
  } catch (cause) {
    throw new UsageError('CLI_USAGE', `${file} cannot be written: ${message(cause)}`, {}, cause)
  }
  return digest
}

/**
 * Reads a model and its digest.
 * @throws UsageError API_INPUT when the file is not there, of another kind, cut, or changed since it was written
 */
export async function readModelFile(file: string | URL): Promise<{ model: ModelContainer; digest: string }> {
  const fail = (reason: string, cause?: unknown): never => {
    throw new UsageError('API_INPUT', `model ${String(file)}: ${reason}`, {}, cause)
  }
  const bytes = await readFile(file).catch((cause: unknown) => fail(message(cause), cause))
  const end = bytes.indexOf(10)
  const [magic, kind, digest = ''] = bytes
    .subarray(0, Math.max(0, Math.min(end, 200)))
    .toString('latin1')
    .split(' ')
  if (magic !== MAGIC || kind !== 'sha256') return fail(`it does not begin with "${MAGIC} sha256"`)
  const body = bytes.subarray(end + 1)
  if (sha256(body) !== digest) return fail('its checksum is wrong: it was cut or changed')
  const model = decodeModel(body)
  return typeof model === 'string' ? fail(model) : { model, digest }
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

function message(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
