import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { UsageError } from '@gastwin/twin'
import { EXIT, type Verb } from './command-line.ts'

export const bench: Verb = {
  summary: 'measure one part beside its reference; `gastwin bench` lists the names',
  usage: 'gastwin bench NAME [--json] [--option value …]   (from a checkout)',
  run: async (args) => {
    const script = fileURLToPath(new URL('../../../scripts/bench.mjs', import.meta.url))
    if (!existsSync(script)) throw new UsageError('CLI_USAGE', 'benchmarks run from a checkout only')
    const { status } = spawnSync(process.execPath, [script, ...args], { stdio: 'inherit' })
    return status === EXIT.ok || status === EXIT.usage ? status : EXIT.failed
  },
}
