import { randomBytes } from 'node:crypto'
import { existsSync, writeFileSync } from 'node:fs'
import { UsageError } from '@gastwin/twin'
import { readKeyFile } from '../identity/key-file.ts'
import { keyringFacts, keyringFile, rotateMasterKey } from '../identity/keyring.ts'
import { Kms } from '../identity/kms.ts'
import { keyFromCommand, MASTER_KEY_BYTES, masterKeyFromEnvironment, readCommandLine } from '../identity/master-key.ts'
import { EXIT, readOptions, type Verb } from './command-line.ts'

const USAGE =
  'gastwin keys rotate (--new-key-file FILE | --new-key-command JSON | --new-kms JSON) [--data DIR] | show [--data DIR]   (a FILE that is not there is made; the present master key is where GASTWIN_MASTER_KEY, _FILE or _COMMAND or GASTWIN_KMS_COMMAND says)'
const OPTIONS = {
  data: { type: 'string', default: 'data' },
  'new-key-file': { type: 'string' },
  'new-key-command': { type: 'string' },
  'new-kms': { type: 'string' },
} as const

export const keys: Verb = {
  summary: 'change the master key under which keys at rest are sealed; say when it was changed',
  usage: USAGE,
  run: async (args) => {
    const { values, positionals } = readOptions(args, OPTIONS, USAGE)
    const file = keyringFile(values.data)
    const [action] = positionals
    if (action === 'show') {
      const facts = keyringFacts(file)
      if (facts === undefined) throw new UsageError('CFG_INVALID', `there is no keyring in ${values.data}`)
      console.log(JSON.stringify(facts))
      return EXIT.ok
    }
    const { 'new-key-file': nextFile, 'new-key-command': nextCommand, 'new-kms': nextKms } = values
    if (action !== 'rotate' || [nextFile, nextCommand, nextKms].filter((one) => one !== undefined).length !== 1)
      throw new UsageError('CLI_USAGE', `usage: ${USAGE}`)
    const present = masterKeyFromEnvironment(process.env)
    if (!(present instanceof Kms) && present.length === 0)
      throw new UsageError('CFG_INVALID', 'the present master key is missing: set GASTWIN_MASTER_KEY_FILE')
    const [next, where] = nextKey(nextFile, nextCommand, nextKms)
    const facts = rotateMasterKey(file, present, next, Date.now())
    console.log(`${file} opens with the key ${where} from its next start on (rotation ${facts.rotations})`)
    return EXIT.ok
  },
}

function nextKey(file?: string, command?: string, kms?: string): [Uint8Array | Kms, string] {
  if (file !== undefined) return [madeKey(file), `in ${file}`]
  if (command !== undefined) return [commandKey(command), 'that the command prints']
  return [new Kms(readCommandLine('--new-kms', kms ?? '')), 'that the KMS keeps']
}

function commandKey(text: string): Uint8Array {
  return keyFromCommand(readCommandLine('--new-key-command', text), MASTER_KEY_BYTES)
}

function madeKey(file: string): Uint8Array {
  // On the disk before anything is sealed with it.
  if (!existsSync(file))
    writeFileSync(file, `${randomBytes(MASTER_KEY_BYTES).toString('hex')}\n`, { mode: 0o600, flag: 'wx', flush: true })
  return readKeyFile(file, MASTER_KEY_BYTES)
}
