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
    const verdict = await verifyAuditLog(file)
    if (values.json) console.log(JSON.stringify(verdict))
    else if (verdict.ok) console.log(`${verdict.records} records, unbroken, last hash ${verdict.hash}`)
    else console.log(`broken at line ${verdict.line}: ${verdict.reason}`)
    return verdict.ok ? EXIT.ok : EXIT.failed
  },
}
