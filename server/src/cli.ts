import { GasTwinError } from '@gastwin/twin'
import { EXIT, type Verb } from './cli/command-line.ts'

const VERBS: Readonly<Record<string, () => Promise<Verb>>> = {
  serve: async () => (await import('./cli/serve.ts')).serve,
  demo: async () => (await import('./cli/demo.ts')).demo,
  decode: async () => (await import('./cli/decode.ts')).decode,
  replay: async () => (await import('./cli/replay.ts')).replay,
  leak: async () => (await import('./cli/leak.ts')).leak,
  gap: async () => (await import('./cli/gap.ts')).gap,
  lowflow: async () => (await import('./cli/lowflow.ts')).lowflow,
  export: async () => (await import('./cli/export.ts')).exportVerb,
  solve: async () => (await import('./cli/solve.ts')).solve,
  isolate: async () => (await import('./cli/isolate.ts')).isolate,
  segments: async () => (await import('./cli/segments.ts')).segments,
  bench: async () => (await import('./cli/bench.ts')).bench,
  user: async () => (await import('./cli/accounts.ts')).user,
  ca: async () => (await import('./cli/ca.ts')).ca,
  firmware: async () => (await import('./cli/firmware.ts')).firmware,
  dtls: async () => (await import('./cli/dtls.ts')).dtls,
  keys: async () => (await import('./cli/keys.ts')).keys,
  apikey: async () => (await import('./cli/accounts.ts')).apikey,
  theft: async () => (await import('./cli/theft.ts')).theft,
  hostile: async () => (await import('./cli/hostile.ts')).hostile,
  audit: async () => (await import('./cli/audit.ts')).audit,
}

async function help(): Promise<string> {
  const rows = await Promise.all(
    Object.entries(VERBS).map(async ([name, load]) => `  ${name.padEnd(8)} ${(await load()).summary}`),
  )
  return `gastwin: live digital twin of a city's gas network

usage: gastwin VERB [options]     gastwin VERB --help

${rows.join('\n')}

exit code: 0 done · 1 failed · 2 the command line or the configuration is wrong
errors: one line on stderr with a code of docs/ERRORS.md; --json prints machine-readable results on stdout`
}

async function main(args: readonly string[]): Promise<number> {
  const [name = '--help', ...rest] = args
  if (name === '--help' || name === '-h' || name === 'help') {
    console.log(await help())
    return EXIT.ok
  }
  const load = VERBS[name]
  if (load === undefined) {
    console.error(`CLI_USAGE: there is no verb "${name}"; "gastwin --help" lists them`)
    return EXIT.usage
  }
  const verb = await load()
  if (rest.includes('--help') || rest.includes('-h')) {
    console.log(`${verb.summary}\n\nusage: ${verb.usage}`)
    return EXIT.ok
  }
  return verb.run(rest)
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  if (error instanceof GasTwinError) {
    for (const line of error.message.split('\n')) console.error(`${error.code}: ${line}`)
    process.exitCode = ['CLI_USAGE', 'CFG_INVALID', 'NET_DOCUMENT', 'NET_UNKNOWN'].includes(error.code)
      ? EXIT.usage
      : EXIT.failed
  } else {
    console.error(error)
    process.exitCode = EXIT.failed
  }
  // Whatever had been opened before it failed must not keep the program alive.
  process.exit()
}
