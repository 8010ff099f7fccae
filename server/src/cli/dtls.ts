import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { UsageError } from '@gastwin/twin'
import { pskEnvelope } from '../dtls/key-file-watch.ts'
import { readPskFile, sealPskFile } from '../dtls/read-psk-file.ts'
import { keyringFile, openRootKey } from '../identity/keyring.ts'
import { masterKeyFromEnvironment } from '../identity/master-key.ts'
import { EXIT, readOptions, type Verb } from './command-line.ts'

const USAGE =
  'gastwin dtls check FILE | seal FILE --out FILE | new IDENTITY [DEVICE …] [--only]   [--data DIR]   (sealed keys: the master key is where GASTWIN_MASTER_KEY, _FILE or _COMMAND says)'
const OPTIONS = {
  data: { type: 'string', default: 'data' },
  out: { type: 'string' },
  only: { type: 'boolean', default: false },
} as const
const KEY_BYTES = 16
const usage = (message: string): UsageError => new UsageError('CLI_USAGE', `${message} (usage: ${USAGE})`)

export const dtls: Verb = {
  summary: 'the file of DTLS keys: check it, seal its keys, make a line',
  usage: USAGE,
  run: async (args) => {
    const { values, positionals } = readOptions(args, OPTIONS, USAGE)
    const [action, first, ...rest] = positionals
    if (first === undefined) throw usage('what is it about?')
    if (action === 'new') {
      const key = randomBytes(KEY_BYTES).toString('hex')
      const line = [first, key, rest.join(' '), values.only ? 'only' : ''].join(',')
      complain(readPskFile(line, () => undefined).mistakes)
      console.log(line)
      return EXIT.ok
    }
    const envelope = pskEnvelope(
      openRootKey(keyringFile(values.data), masterKeyFromEnvironment(process.env), undefined),
    )
    const text = readText(first)
    const { entries, mistakes, openKeys } = readPskFile(text, (sealed, purpose) => envelope?.open(sealed, purpose))
    complain(mistakes)
    if (action === 'check') {
      const only = entries.filter((entry) => entry.only).length
      console.log(`${entries.length} identities, ${only} believed over DTLS only, ${openKeys} keys lie open`)
      return EXIT.ok
    }
    if (action !== 'seal' || values.out === undefined) throw usage('check, seal or new')
    if (envelope === undefined)
      throw new UsageError('CFG_INVALID', 'without a master key nothing can be sealed: set GASTWIN_MASTER_KEY_FILE')
    writeFileSync(
      values.out,
      sealPskFile(text, (key, purpose) => envelope.seal(key, purpose)),
      { mode: 0o600, flush: true },
    )
    console.log(`${values.out}: ${entries.length} identities, every key sealed`)
    return EXIT.ok
  },
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new UsageError('CFG_INVALID', `the file of keys ${file} cannot be read`, {}, error)
  }
}

function complain(mistakes: readonly string[]): void {
  if (mistakes.length > 0) throw new UsageError('CFG_INVALID', mistakes.join('\n'), { mistakes: mistakes.length })
}
