import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

const CLI = path.resolve(import.meta.dirname, '../../server/bin/gastwin.mjs')

export interface RunningDemo {
  readonly url: string
  readonly coapPort: number
  readonly password: string
  readonly dataDir: string
  readonly output: () => string
  readonly process: ChildProcess
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
  readonly dataDir?: string
}

/** Starts `gastwin demo` as a user would, on free ports and a folder of its own, and waits until it is ready. */
export async function startDemo(options: DemoOptions = {}): Promise<RunningDemo> {
  const dataDir = options.dataDir ?? mkdtempSync(path.join(tmpdir(), 'gastwin-demo-'))
  const args = [
    ...['demo', '--data', dataDir, '--http-port', '0', '--coap-port', '0', '--meters', String(options.meters ?? 600)],
    ...[
      '--seed',
      String(options.seed ?? 1),
      '--scenario',
      options.scenario ?? 'day',
      '--speed',
      String(options.speed ?? 60),
    ],
    ...['--warm-up', String(options.warmUpHours ?? 0), '--warm-up-speed', String(options.warmUpSpeed ?? 1200)],
    ...(options.args ?? []),
  ]
  const child = spawn(process.execPath, [CLI, ...args], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })
  let output = ''
  child.stdout?.on('data', (chunk: Buffer) => {
    output = (output + chunk).slice(-200_000)
  })
  child.stderr?.on('data', (chunk: Buffer) => {
    output = (output + chunk).slice(-200_000)
  })
  const ready = await new Promise<{ http: number; coap: number; password: string }>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the demo ended with code ${code}:\n${output}`)))
    child.on('message', (message: { type?: string; http: number; coap: number; password: string }) => {
      if (message.type === 'ready') resolve(message)
    })
  })
  return {
    url: `http://127.0.0.1:${ready.http}`,
    coapPort: ready.coap,
    password: ready.password,
    dataDir,
    output: () => output,
    process: child,
    stop: async () => {
      if (child.exitCode === null) {
        const ended = new Promise((resolve) => child.once('exit', resolve))
        child.kill('SIGTERM')
        await ended
      }
      if (options.dataDir === undefined) rmSync(dataDir, { recursive: true, force: true })
    },
  }
}
