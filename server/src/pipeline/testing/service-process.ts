import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** Key of every device in tests and benchmarks; load-main.js has the same default. */
export const TEST_MASTER_KEY = '00112233445566778899AABBCCDDEEFF'

export interface ServiceProcessOptions {
  readonly network: string
  readonly dataDir: string
  readonly env?: Readonly<Record<string, string>>
  /** A free one when not said. */
  readonly coapPort?: number
  /** Arguments of node itself, e.g. for a profile. */
  readonly nodeArgs?: readonly string[]
}

/** The service as users run it: `gastwin serve` in a process of its own, on free ports. */
export interface ServiceProcess {
  readonly child: ChildProcess
  readonly coapPort: number
  /** null without DTLS. */
  readonly dtlsPort: number | null
  readonly url: string
  /** From the spawn until it said that it is ready, ms. */
  readonly startMs: number
  /** Last words on stderr. */
  errors(): string
  stop(): Promise<void>
  kill(): Promise<void>
}

/**
 * Starts the built service (`tsc -b server`). Without CLICKHOUSE_URL in `env` its database is a closed port: the embedded engine
 * then takes no part in what is measured.
 */
export function spawnService(options: ServiceProcessOptions): {
  readonly child: ChildProcess
  readonly ready: Promise<ServiceProcess>
} {
  const begun = performance.now()
  const bin = fileURLToPath(new URL('../../../bin/gastwin.mjs', import.meta.url))
  const child = spawn(
    process.execPath,
    [
      ...(options.nodeArgs ?? []),
      ...[bin, 'serve', '--network', options.network, '--data', options.dataDir],
      ...['--http-port', '0', '--coap-port', String(options.coapPort ?? 0)],
    ],
    {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      env: {
        ...process.env,
        GASTWIN_MASTER_KEY: TEST_MASTER_KEY,
        GASTWIN_LOG_LEVEL: 'error',
        GASTWIN_COAP_HOST: '127.0.0.1',
        CLICKHOUSE_URL: 'http://127.0.0.1:9',
        ...options.env,
      },
    },
  )
  let errors = ''
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    errors = (errors + chunk).slice(-20_000)
  })
  const ended = once(child, 'exit')
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    child.kill(signal)
    await ended
  }
  const ready = new Promise<ServiceProcess>((resolve, reject) => {
    child.once('exit', (code, signal) => reject(new Error(`the service ended (${code ?? signal}): ${errors}`)))
    child.on('message', (message: { type?: string; http: number; coap: number; dtls?: number | null }) => {
      if (message.type !== 'ready') return
      resolve({
        child,
        coapPort: message.coap,
        dtlsPort: message.dtls ?? null,
        url: `http://127.0.0.1:${message.http}`,
        startMs: performance.now() - begun,
        errors: () => errors,
        stop: () => end('SIGTERM'),
        kill: () => end('SIGKILL'),
      })
    })
  })
  // A start that is killed on purpose has nobody who waits for it.
  ready.catch(() => undefined)
  return { child, ready }
}

/** Figures of `/metrics` by name with labels as they stand there. */
export async function readMetrics(service: Pick<ServiceProcess, 'url'>): Promise<ReadonlyMap<string, number>> {
  const text = await (await fetch(`${service.url}/metrics`)).text()
  const figures = new Map<string, number>()
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue
    const space = line.lastIndexOf(' ')
    figures.set(line.slice(0, space), Number(line.slice(space + 1)))
  }
  return figures
}
