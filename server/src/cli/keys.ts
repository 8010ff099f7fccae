import { randomBytes } from 'node:crypto'
import { existsSync, writeFileSync } from 'node:fs'
import { UsageError } from '@gastwin/twin'
import { masterKeyOf, readKeyFile } from '../identity/key-file.ts'
import { keyringFacts, keyringFile, rotateMasterKey } from '../identity/keyring.ts'
import { EXIT, readOptions, type Verb } from './command-line.ts'

const USAGE =
  'gastwin keys rotate --new-key-file FILE [--data DIR] | show [--data DIR]   (a FILE that is not there is made; the present master key is in GASTWIN_MASTER_KEY or GASTWIN_MASTER_KEY_FILE)'
const OPTIONS = { data: { type: 'string', default: 'data' }, 'new-key-file': { type: 'string' } } as const
const KEY_BYTES = 16

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
    const next = values['new-key-file']
    if (action !== 'rotate' || next === undefined) throw new UsageError('CLI_USAGE', `usage: ${USAGE}`)
    const present = masterKeyOf(
      process.env['GASTWIN_MASTER_KEY'] ?? null,
      process.env['GASTWIN_MASTER_KEY_FILE'] ?? null,
    )
    if (present.length === 0)
      throw new UsageError('CFG_INVALID', 'the present master key is missing: set GASTWIN_MASTER_KEY_FILE')
    // On the disk before anything is sealed with it.
    if (!existsSync(next))
      writeFileSync(next, `${randomBytes(KEY_BYTES).toString('hex')}\n`, { mode: 0o600, flag: 'wx', flush: true })
    const facts = rotateMasterKey(file, present, readKeyFile(next, KEY_BYTES), Date.now())
    console.log(`${file} opens with the key in ${next} from its next start on (rotation ${facts.rotations})`)
    return EXIT.ok
  },
}
