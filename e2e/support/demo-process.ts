import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { NetworkDocument } from '@gastwin/twin'
import { GASTWIN } from '../../server/src/cli/testing/run-gastwin.ts'
import { ApiClient } from './api-client.ts'
import { plainHomes } from './plain-homes.ts'
import { descendant, descendantsOf } from './processes.ts'

const READY_WITHIN_MS = 120_000
const STOP_WITHIN_MS = 30_000
const OUTPUT_KEPT = 400_000

export type DemoUser = 'viewer' | 'dispatcher' | 'safety' | 'admin'

export interface RunningDemo {
  readonly url: string
  readonly coapPort: number
  readonly password: string
  readonly dataDir: string
  /** Where the service keeps log, audit and engine. */
  readonly runDir: string
  /** Hexadecimal. */
  readonly masterKey: string
  readonly network: NetworkDocument
  /** Ids of homes' gas meters that a test may speak for, in plain. */
  readonly homes: readonly string[]
  readonly process: ChildProcess
  readonly output: () => string
  signIn(user: DemoUser): Promise<ApiClient>
  /** Process id of the service, its database engine, or the fleet. */
  pidOf(part: 'service' | 'engine' | 'fleet'): number
  /** Statistics that the fleet printed last. */
  fleetStats(): Readonly<Record<string, number>>
  /** Ends every process of the demo as a power cut would; the folder stays. */
  crash(): Promise<void>
  stop(): Promise<void>
}

export interface DemoOptions {
  readonly scenario?: string
  readonly speed?: number
  readonly meters?: number
  readonly seed?: number
  readonly warmUpHours?: number
  readonly warmUpSpeed?: number
  readonly args?: readonly string[]
  /** A folder that outlives the demo. */
  readonly dataDir?: string
  readonly resume?: boolean
  readonly environment?: Readonly<Record<string, string>>
}

const PART = { service: 'cli.js serve', engine: 'engine-main', fleet: 'fleet-main' } as const

/** Starts `gastwin demo` as a user would, on free ports and a folder of its own, and waits until it is ready. */
export async function startDemo(options: DemoOptions = {}): Promise<RunningDemo> {
  const dataDir = options.dataDir ?? mkdtempSync(path.join(tmpdir(), 'gastwin-demo-'))
  const { meters = 600, seed = 1 } = options
  const args = [
    ...['demo', '--stats', '--data', dataDir, '--http-port', '0', '--coap-port', '0', '--meters', String(meters)],
    ...['--seed', String(seed), '--scenario', options.scenario ?? 'day', '--speed', String(options.speed ?? 60)],
    ...['--warm-up', String(options.warmUpHours ?? 0), '--warm-up-speed', String(options.warmUpSpeed ?? 1200)],
    ...(options.resume === true ? ['--resume'] : []),
    ...(options.args ?? []),
  ]
  const child = spawn(process.execPath, [GASTWIN, ...args], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: { ...process.env, ...options.environment },
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      output = (output + chunk).slice(-OUTPUT_KEPT)
    })
  }
  const ready = await readyOf(child, () => output)
  const state = JSON.parse(readFileSync(path.join(dataDir, 'demo.json'), 'utf8')) as { masterKey: string }
  const file = path.join(dataDir, `city-${meters}-${seed}`, 'network.json')
  const network = JSON.parse(readFileSync(file, 'utf8')) as NetworkDocument
  const url = `http://127.0.0.1:${ready.http}`
  return {
    url,
    coapPort: ready.coap,
    password: ready.password,
    dataDir,
    runDir: path.join(dataDir, 'run'),
    masterKey: state.masterKey,
    network,
    homes: plainHomes(dataDir, network),
    process: child,
    output: () => output,
    signIn: (user) => ApiClient.signIn(url, user, ready.password),
    pidOf: (part) => descendant(child.pid ?? 0, PART[part]),
    fleetStats: () => lastStats(output),
    crash: async () => {
      const all = descendantsOf(child.pid ?? 0)
      for (const pid of [...all.map((d) => d.pid), child.pid ?? 0]) kill(pid)
      await ended(child)
    },
    stop: async () => {
      child.kill('SIGTERM')
      const force = setTimeout(() => {
        for (const { pid } of descendantsOf(child.pid ?? 0)) kill(pid)
        child.kill('SIGKILL')
      }, STOP_WITHIN_MS)
      await ended(child)
      clearTimeout(force)
      if (options.dataDir === undefined && existsSync(dataDir)) rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

function readyOf(child: ChildProcess, output: () => string): Promise<{ http: number; coap: number; password: string }> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGTERM')
      reject(new Error(`the demo is not ready:\n${output()}`))
    }, READY_WITHIN_MS)
    child.once('exit', (code) => {
      clearTimeout(timer)
      reject(new Error(`the demo ended with code ${code}:\n${output()}`))
    })
    child.on('message', (message: { type?: string; http: number; coap: number; password: string }) => {
      if (message.type !== 'ready') return
      clearTimeout(timer)
      resolve(message)
    })
  })
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await new Promise((resolve) => child.once('exit', resolve))
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It was gone already.
  }
}

function lastStats(output: string): Readonly<Record<string, number>> {
  const line = output
    .split('\n')
    .slice(0, -1)
    .findLast((text) => text.startsWith('{"sent"'))
  return line === undefined ? {} : (JSON.parse(line) as Record<string, number>)
}
