import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { type ClockPlan, type NetworkDocument, StoreError, UsageError } from '@gastwin/twin'
import { SAFETY_MODES, type SafetyMode } from '../contract/index.ts'
import { throwAwayPassword } from '../http/auth/accounts.ts'
import { EXIT, numberOption, readOptions, type Verb } from './command-line.ts'
import { demoAuthority } from './demo-authority.ts'
import { demoDtlsKeys } from './demo-dtls.ts'
import { demoClock, hoursForYesterday } from './demo-plan.ts'
import { askForReport, type DemoReport, reportInWords } from './demo-report.ts'

const USAGE =
  'gastwin demo [--scenario NAME] [--speed N] [--meters N] [--seed N] [--warm-up HOURS|yesterday] [--warm-up-speed N] [--data DIR] [--host ADDRESS] [--http-port N] [--coap-port N] [--safety-mode MODE] [--resume] [--stats] [--report] [--list]   (--report: what a running demo found of its truth)'

const OPTIONS = {
  scenario: { type: 'string', default: 'day' },
  speed: { type: 'string', default: '60' },
  meters: { type: 'string', default: '20000' },
  seed: { type: 'string', default: '1' },
  'warm-up': { type: 'string', default: 'yesterday' },
  'warm-up-speed': { type: 'string', default: '2400' },
  data: { type: 'string', default: 'data/demo' },
  host: { type: 'string', default: '127.0.0.1' },
  'http-port': { type: 'string', default: '8080' },
  'coap-port': { type: 'string', default: '5683' },
  'safety-mode': { type: 'string', default: 'automatic' },
  resume: { type: 'boolean', default: false },
  stats: { type: 'boolean', default: false },
  report: { type: 'boolean', default: false },
  list: { type: 'boolean', default: false },
} as const

/** How often a demo asks for what it prints at its end, ms. */
const REPORT_EVERY_MS = 10_000
/** Above it the generator writes the meters as columns, and a living device for each would need more than one process. */
const MOST_PLAYED = 200_000

/** What must be the same when a demo goes on after it was stopped. */
interface DemoState {
  readonly clock: ClockPlan
  readonly masterKey: string
  readonly password: string
  /** Of the demo's certificate authority. */
  readonly passphrase?: string
  readonly scenario: string
}

export const demo: Verb = {
  summary: 'the service with a living city of emulated devices',
  usage: USAGE,
  run: async (args) => {
    const { values } = readOptions(args, OPTIONS, USAGE)
    if (values.list) return exitCodeOf(run('fleet', ['--list']))
    if (values.report) return report(values)
    const speed = numberOption('speed', values.speed, 0.1, 3600)
    const meters = numberOption('meters', values.meters, 200, 10_000_000)
    if (meters > MOST_PLAYED)
      throw new UsageError(
        'CLI_USAGE',
        `--meters is ${meters}, expected at most ${MOST_PLAYED}: the emulated devices are one process and cannot play more; a larger city is served without them: gastwin serve --network FILE`,
      )
    if (!isSafetyMode(values['safety-mode']))
      throw new UsageError(
        'CLI_USAGE',
        `--safety-mode is "${values['safety-mode']}", expected one of ${SAFETY_MODES.join(', ')}`,
      )
    const names = scenarioNames()
    if (!names.includes(values.scenario))
      throw new UsageError('CLI_USAGE', `--scenario is "${values.scenario}", expected one of ${names.join(', ')}`)
    if (values.resume && !existsSync(path.join(values.data, 'demo.json')))
      throw new UsageError('CLI_USAGE', `nothing to resume in ${values.data}`)
    const city = path.resolve(values.data, `city-${meters}-${values.seed}`)
    if (!existsSync(path.join(city, 'network.json'))) {
      console.log(`building a city of ${meters} meters (seed ${values.seed})`)
      const built = await exitCodeOf(run('city', ['--meters', String(meters), '--seed', values.seed, '--out', city]))
      if (built !== 0) throw new StoreError('TWN_INVARIANT', `the city generator ended with code ${built}`)
    }
    const { time_zone: timeZone } = JSON.parse(
      await readFile(path.join(city, 'network.json'), 'utf8'),
    ) as NetworkDocument
    const state = await demoState(values, speed, timeZone)
    if (!values.resume) await installConcentrators(city, state.clock)
    return live(values, state, city)
  },
}

/** The concentrators of an invented city were put up when its life begins: what nobody can have kept is not asked for. */
async function installConcentrators(city: string, clock: ClockPlan): Promise<void> {
  const file = path.join(city, 'network.json')
  const document = JSON.parse(await readFile(file, 'utf8')) as NetworkDocument
  if ((document.concentrators ?? []).length === 0) return
  const since = new Date(clock.segments[0]?.event ?? 0).toISOString()
  const concentrators = document.concentrators?.map((one) => ({ ...one, since }))
  await writeFile(file, JSON.stringify({ ...document, concentrators }))
}

async function demoState(
  values: { readonly [K in keyof typeof OPTIONS]: string | boolean },
  speed: number,
  timeZone: string,
): Promise<DemoState> {
  const file = path.join(String(values.data), 'demo.json')
  if (values.resume === true) return JSON.parse(await readFile(file, 'utf8')) as DemoState
  await rm(path.join(String(values.data), 'run'), { recursive: true, force: true })
  await mkdir(String(values.data), { recursive: true })
  const warmUp =
    values['warm-up'] === 'yesterday'
      ? hoursForYesterday(Date.now(), timeZone)
      : numberOption('warm-up', String(values['warm-up']), 0, 1000)
  const warmUpSpeed = numberOption('warm-up-speed', String(values['warm-up-speed']), 1, 3600)
  const state: DemoState = {
    // The service needs some seconds before the first device may speak.
    clock: demoClock(Date.now() + 3_000, warmUp, warmUpSpeed, speed),
    masterKey: randomBytes(16).toString('hex'),
    password: throwAwayPassword(),
    passphrase: randomBytes(16).toString('hex'),
    scenario: String(values.scenario),
  }
  await writeFile(file, JSON.stringify(state), { mode: 0o600 })
  return state
}

async function live(
  values: { readonly [K in keyof typeof OPTIONS]: string | boolean },
  state: DemoState,
  city: string,
): Promise<number> {
  const network = path.join(city, 'network.json')
  const truth = truthFile(String(values.data))
  await mkdir(path.dirname(truth), { recursive: true })
  const trust = await demoAuthority(String(values.data), state.passphrase ?? state.masterKey, network)
  const dtlsKeys = await demoDtlsKeys(String(values.data), network)
  const service = run('service', ['serve'], {
    ...trust.environment,
    GASTWIN_DTLS_PORT: '0',
    GASTWIN_DTLS_KEYS: dtlsKeys,
    GASTWIN_NETWORK: network,
    GASTWIN_DATA_DIR: path.resolve(String(values.data), 'run'),
    GASTWIN_HTTP_HOST: String(values.host),
    GASTWIN_HTTP_PORT: String(values['http-port']),
    GASTWIN_COAP_HOST: '127.0.0.1',
    GASTWIN_COAP_PORT: String(values['coap-port']),
    GASTWIN_MASTER_KEY: state.masterKey,
    GASTWIN_CLOCK: JSON.stringify(state.clock),
    GASTWIN_DEMO_SCENARIO: state.scenario,
    GASTWIN_DEMO_TRUTH: truth,
    GASTWIN_DEMO_PASSWORD: state.password,
    GASTWIN_SAFETY_MODE: String(values['safety-mode']),
    GASTWIN_LOG_LEVEL: process.env['GASTWIN_LOG_LEVEL'] ?? 'warn',
  })
  const ports = await ready(service)
  const fleet = run('fleet', [
    ...['--network', network, '--truth', path.join(city, 'truth.json'), '--to', `127.0.0.1:${ports.coap}`],
    ...['--clock', JSON.stringify(state.clock), '--scenario', state.scenario, '--seed', String(values.seed)],
    ...['--key', state.masterKey, '--events', truth, '--identities', trust.identities],
    ...['--dtls', String(ports.dtls), '--dtls-keys', dtlsKeys],
    ...(values.stats === true ? [] : ['--quiet']),
  ])
  console.log(`\n  gastwin   http://${values.host}:${ports.http}/`)
  console.log(`  sign in   viewer, dispatcher, safety or admin · password ${state.password}`)
  console.log(`  API       http://${values.host}:${ports.http}/docs · devices report to coap://127.0.0.1:${ports.coap}`)
  console.log(`  scenario  ${state.scenario} · Ctrl-C ends, --resume goes on\n`)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopBoth(service, fleet))
  process.once('disconnect', () => stopBoth(service, fleet))
  fleet.once('exit', (code) => {
    if (code !== 0 && code !== null) console.error(`the fleet ended with code ${code}: the city is silent`)
  })
  // Ctrl-C reaches the service as soon as this process: what is printed at the end was asked for before.
  let last: DemoReport | undefined
  const asking = setInterval(
    () =>
      askForReport(`http://${values.host}:${ports.http}`, state.password).then(
        (told) => {
          last = told
        },
        () => undefined,
      ),
    REPORT_EVERY_MS,
  )
  process.send?.({ type: 'ready', ...ports, password: state.password })
  const code = await exitCodeOf(service)
  clearInterval(asking)
  if (last !== undefined) console.log(`\n${reportInWords(last, await attackedDevices(truth))}`)
  fleet.kill('SIGTERM')
  // An open line to the parent would keep this process alive.
  if (process.connected) process.disconnect()
  return code === 0 ? EXIT.ok : EXIT.failed
}

const isSafetyMode = (text: string): text is SafetyMode => SAFETY_MODES.some((mode) => mode === text)

/** Prints what the demo that runs in the folder found of its truth. */
async function report(values: {
  readonly data: string
  readonly host: string
  readonly 'http-port': string
}): Promise<number> {
  const file = path.join(values.data, 'demo.json')
  if (!existsSync(file))
    throw new UsageError('CLI_USAGE', `no demo was started in ${values.data}: name its folder with --data`)
  const { password } = JSON.parse(await readFile(file, 'utf8')) as DemoState
  const told = await askForReport(`http://${values.host}:${values['http-port']}`, password)
  console.log(reportInWords(told, await attackedDevices(truthFile(values.data))))
  return EXIT.ok
}

const truthFile = (data: string): string => path.resolve(data, 'run', 'truth.ndjson')

/** In whose name somebody else speaks, as the fleet wrote it down. */
async function attackedDevices(file: string): Promise<ReadonlySet<string>> {
  const lines = (await readFile(file, 'utf8').catch(() => '')).split('\n').filter((line) => line !== '')
  const events = lines.map((line) => JSON.parse(line) as { readonly event?: string; readonly asset?: string })
  return new Set(events.flatMap(({ event, asset }) => (event === 'attack' && asset !== undefined ? [asset] : [])))
}

/** The scenarios stand at the begin of the lines that the fleet prints. */
function scenarioNames(): readonly string[] {
  const { stdout } = spawnSync(process.execPath, [programFile('fleet'), '--list'], { encoding: 'utf8' })
  return stdout.split('\n').flatMap((line) => line.match(/^\S+/)?.[0] ?? [])
}

function stopBoth(service: ChildProcess, fleet: ChildProcess): void {
  fleet.kill('SIGTERM')
  service.kill('SIGTERM')
}

/** Programs of the demo; the generator and the fleet are outside the product and known by path only. */
const PROGRAMS = {
  service: fileURLToPath(new URL('../cli.js', import.meta.url)),
  city: fileURLToPath(new URL('../../../datasets/dist/city-main.js', import.meta.url)),
  fleet: fileURLToPath(new URL('../../../datasets/dist/fleet-main.js', import.meta.url)),
}

/** @throws UsageError CLI_USAGE when it was not built */
function programFile(program: keyof typeof PROGRAMS): string {
  const file = PROGRAMS[program]
  if (!existsSync(file)) throw new UsageError('CLI_USAGE', `${file} is missing: run "npm run build"`)
  return file
}

function run(
  program: keyof typeof PROGRAMS,
  args: readonly string[],
  environment: Record<string, string> = {},
): ChildProcess {
  return spawn(process.execPath, [programFile(program), ...args], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, ...environment },
  })
}

function ready(service: ChildProcess): Promise<{ http: number; coap: number; dtls: number }> {
  return new Promise((resolve, reject) => {
    service.once('exit', (code) =>
      reject(new StoreError('API_UNAVAILABLE', `the service ended with code ${code} before it was ready`)),
    )
    service.on('message', (message: { type?: string; http?: number; coap?: number; dtls?: number | null }) => {
      if (message.type === 'ready')
        resolve({ http: message.http ?? 0, coap: message.coap ?? 0, dtls: message.dtls ?? 0 })
    })
  })
}

function exitCodeOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve) => child.once('exit', (code) => resolve(code ?? 1)))
}
