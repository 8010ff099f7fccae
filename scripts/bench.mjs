// `npm run bench -- NAME [--json] [options]`: one benchmark from its sources, beside its reference in the same run.
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { checkNode, ensureBuilt, ensureInstalled, root } from './ensure.mjs'

const BENCHES = {
  ingest: 'server/src/ingest/ingest.bench.ts',
  encrypted: 'server/src/ingest/encrypted.bench.ts',
  'first-contact': 'server/src/identity/first-contact.bench.ts',
  dtls: 'server/src/dtls/dtls.bench.ts',
  devices: 'server/src/views/find-devices.bench.ts',
  orders: 'server/src/command/orders.bench.ts',
  log: 'server/src/log/log.bench.ts',
  decode: 'server/src/protocol/decode.bench.ts',
  twin: 'twin/src/state/twin.bench.ts',
  store: 'server/src/store/store.bench.ts',
  solve: 'twin/src/hydraulics/solve.bench.ts',
  shutoff: 'server/src/safety/shutoff.bench.ts',
  map: 'server/src/live/map.bench.ts',
  detectors: 'analytics/src/detectors/detectors.bench.ts',
  hostile: 'analytics/src/hostile/hostile.bench.ts',
  lowflow: 'analytics/src/low-flow/lowflow.bench.ts',
  'lowflow-train': 'analytics/src/low-flow/lowflow-train.bench.ts',
  gap: 'analytics/src/gap/gap.bench.ts',
  'known-leaks': 'analytics/src/gap/known-leaks.bench.ts',
  ledger: 'server/src/ledger/ledger.bench.ts',
  suspects: 'server/src/ledger/suspects.bench.ts',
  estimation: 'analytics/src/estimation/estimation.bench.ts',
  'lived-leaks': 'server/src/analysis/lived-leaks.bench.ts',
  localise: 'analytics/src/leak/localise.bench.ts',
  leak: 'datasets/src/leak-scenarios/leak.bench.ts',
  'water-leaks': 'server/src/analysis/water-leaks.bench.ts',
  isolate: 'twin/src/isolation/isolate.bench.ts',
  score: 'server/src/models/score.bench.ts',
  theft: 'server/src/models/theft.bench.ts',
  crash: 'server/src/pipeline/crash.bench.ts',
  restart: 'server/src/pipeline/restart.bench.ts',
  soak: 'server/src/pipeline/soak.bench.ts',
}

const [name, ...rest] = process.argv.slice(2)
const file = BENCHES[name]
if (file === undefined) {
  console.error(`usage: npm run bench -- NAME [--json] [--option value …]   NAME: ${Object.keys(BENCHES).join(', ')}`)
  process.exit(2)
}
const json = rest.includes('--json')
const options = { json }
for (let i = 0; i < rest.length; i++) {
  if (rest[i].startsWith('--') && rest[i] !== '--json') options[rest[i].slice(2)] = rest[++i]
}

checkNode()
ensureInstalled()
if (!json) ensureBuilt({ console: false })
// Vite turns the TypeScript of the benchmark and of our workspaces into modules; programs it starts are the built ones.
const { createServer } = await import(pathToFileURL(path.join(root, 'node_modules/vite/dist/node/index.js')).href)
const conditions = ['@gastwin/source', 'node', 'module-sync', 'default']
const vite = await createServer({
  root,
  configFile: false,
  logLevel: 'error',
  appType: 'custom',
  server: { middlewareMode: true, hmr: false, ws: false, watch: null },
  optimizeDeps: { noDiscovery: true },
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: ['node', 'module-sync'] } },
})
let failed = false
try {
  const { run } = await vite.ssrLoadModule(`/${file}`)
  const figures = await run(options)
  if (json) console.log(JSON.stringify({ bench: name, node: process.version, figures }))
  else
    for (const [key, value] of Object.entries(figures))
      console.log(`${key.padEnd(44)} ${typeof value === 'number' ? +value.toPrecision(5) : value}`)
} catch (error) {
  console.error(error)
  failed = true
} finally {
  await vite.close()
}
process.exit(failed ? 1 : 0)
