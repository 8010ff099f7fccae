import { existsSync } from 'node:fs'
import { UsageError } from '@gastwin/twin'
import { verifyAuditLog } from '../command/audit-log.ts'
import { EXIT, readOptions, type Verb } from './command-line.ts'

const USAGE = 'gastwin audit FILE [--json]'

export const audit: Verb = {
  summary: 'verify the chain of hashes of an audit file',
  usage: USAGE,
  run: async (args) => {
    const { values, positionals } = readOptions(args, { json: { type: 'boolean', default: false } } as const, USAGE)
    const [file] = positionals
    if (file === undefined) throw new UsageError('CLI_USAGE', `usage: ${USAGE}`)
    // To the service a missing file is a new one; to somebody who asks whether it is whole it is not there.
    if (!existsSync(file)) throw new UsageError('CLI_USAGE', `${file} does not exist`)
    const verdict = await verifyAuditLog(file)
    if (values.json) console.log(JSON.stringify(verdict))
    else if (verdict.ok) console.log(`${verdict.records} records, unbroken, last hash ${verdict.hash}`)
    else console.log(`broken at line ${verdict.line}: ${verdict.reason}`)
    return verdict.ok ? EXIT.ok : EXIT.failed
  },
}
