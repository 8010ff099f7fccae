import { readFileSync, statSync } from 'node:fs'
import { UsageError } from '@gastwin/twin'

/**
 * A secret of hexadecimal digits in a file that only its owner may read.
 * @param bytes how many it must be
 * @throws UsageError CFG_INVALID when others may read it, or it is none
 */
export function readKeyFile(file: string, bytes: number): Uint8Array {
  let text: string
  let mode: number
  try {
    mode = statSync(file).mode
    text = readFileSync(file, 'utf8').trim()
  } catch (error) {
    throw new UsageError('CFG_INVALID', `the key file ${file} cannot be read`, {}, error)
  }
  if ((mode & 0o077) !== 0)
    throw new UsageError('CFG_INVALID', `others may read the key file ${file}: chmod 600 ${file}`)
  if (!/^[0-9a-f]+$/i.test(text) || text.length !== 2 * bytes)
    throw new UsageError('CFG_INVALID', `${file} does not hold ${2 * bytes} hexadecimal digits`)
  return new Uint8Array(Buffer.from(text, 'hex'))
}
