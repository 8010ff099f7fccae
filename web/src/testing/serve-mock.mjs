// node web/src/testing/serve-mock.mjs [port] [quiet|busy|flood] [folder of the built console]: the built console on an invented city.
import path from 'node:path'
import { runnerImport } from 'vite'

const here = import.meta.dirname
const conditions = ['@gastwin/source', 'node', 'import', 'default']
const { module } = await runnerImport(path.join(here, 'mock-service.ts'), {
  configFile: false,
  logLevel: 'error',
  ssr: { resolve: { conditions, externalConditions: conditions } },
  resolve: { conditions },
})
const service = await module.startMockService({
  dist: path.resolve(process.argv[4] ?? path.join(here, '../../dist')),
  port: Number(process.argv[2] ?? 8090),
  mood: process.argv[3] ?? 'busy',
})
console.log(service.url)
