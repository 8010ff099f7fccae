import { readConfig } from '../config/config.ts'
import { startService } from '../main.ts'
import { EXIT, readOptions, type Verb } from './command-line.ts'

const USAGE =
  'gastwin serve [--network FILE] [--data DIR] [--http-port N] [--coap-port N]   (all settings: docs/OPERATIONS.md)'

const STOP_WITHIN_MS = 20_000

export const serve: Verb = {
  summary: 'run the service',
  usage: USAGE,
  run: async (args) => {
    const { values } = readOptions(
      args,
      {
        network: { type: 'string' },
        data: { type: 'string' },
        'http-port': { type: 'string' },
        'coap-port': { type: 'string' },
      } as const,
      USAGE,
    )
    const config = readConfig(process.env, {
      network: values.network,
      dataDir: values.data,
      httpPort: values['http-port'],
      coapPort: values['coap-port'],
    })
    const service = await startService(config)
    process.send?.({ type: 'ready', http: service.httpPort, coap: service.coapPort, dtls: service.dtlsPort })
    await stopSignal()
    // What is durable is durable: a part that does not end in time must not keep the ports.
    const deadline = setTimeout(() => {
      console.error(`the service did not end in order within ${STOP_WITHIN_MS / 1000} s and is ended now`)
      process.exit(EXIT.failed)
    }, STOP_WITHIN_MS)
    await service.stop()
    clearTimeout(deadline)
    // An open line to the parent would keep this process alive.
    if (process.connected) process.disconnect()
    return EXIT.ok
  },
}

/** Resolves at Ctrl-C, SIGTERM, or when the process that started us is gone. */
function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    // `on`: a second signal must not end the process while it closes its files.
    process.on('SIGINT', () => resolve())
    process.on('SIGTERM', () => resolve())
    process.once('disconnect', () => resolve())
  })
}
