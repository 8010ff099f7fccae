import { UsageError } from '@gastwin/twin'
import { loadProfile } from '../profiles/load-profile.ts'
import { explainFrame, fromHex } from '../protocol/index.ts'
import { EXIT, readOptions, type Verb } from './command-line.ts'

const USAGE =
  'gastwin decode [--profile P] HEX [--key HEX] [--json]   (spaces allowed; P is a JSON file or the name of a shipped profile; --key is the device’s own SM4 key)'

export const decode: Verb = {
  summary: 'explain a frame or datagram field by field',
  usage: USAGE,
  run: async (args) => {
    const { values, positionals } = readOptions(
      args,
      { json: { type: 'boolean', default: false }, key: { type: 'string' }, profile: { type: 'string' } } as const,
      USAGE,
    )
    const bytes = fromHex(positionals.join('').replaceAll(/\s/g, ''))
    const key = values.key === undefined ? undefined : fromHex(values.key)
    if (bytes === undefined || bytes.length === 0 || (values.key !== undefined && key?.length !== 16))
      throw new UsageError('CLI_USAGE', `expected hexadecimal digits, two a byte; a key has 32 (usage: ${USAGE})`)
    const profile = values.profile === undefined ? undefined : loadProfile(values.profile)
    const explanation = explainFrame(bytes, { ...(key && { key }), ...(profile && { profile }) })
    if (values.json) {
      console.log(JSON.stringify(explanation, null, 1))
    } else {
      console.log(explanation.format)
      for (const { offset, hex, name, meaning } of explanation.fields) {
        console.log(`${String(offset).padStart(5)}  ${hex.padEnd(24)} ${name.padEnd(20)} ${meaning}`)
      }
      if (explanation.problem !== undefined) console.log(`problem: ${explanation.problem}`)
    }
    return explanation.problem === undefined ? EXIT.ok : EXIT.failed
  },
}
