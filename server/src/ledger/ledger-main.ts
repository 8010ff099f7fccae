/** The gap ledger and the learned models in a thread of their own: it reads the log, and nothing waits for it. */
import { setImmediate as turn } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'
import { growNetwork } from '@gastwin/twin'
import { followReports } from '../analysis/follow-reports.ts'
import { readNetworkFile } from '../config/network-file.ts'
import { takePremises } from '../devices/heated-points.ts'
import { giveWay } from '../give-way.ts'
import { readEvent } from '../log/platform-events.ts'
import { frameDecoder } from '../store/writer/frame-decoder.ts'
import { HealthWatch } from './health-watch.ts'
import { KEPT_DAYS } from './kept-readings.ts'
import { LearnedModels } from './learned-models.ts'
import type { FromLedger, LedgerOrder, ToLedger } from './ledger-messages.ts'
import { LedgerWatch } from './ledger-watch.ts'

/** How often the operator's folder of models is looked at, ms of the wall. */
const MODELS_LOOK_MS = 2_000

giveWay(19)
const order = workerData as LedgerOrder
const stop = new AbortController()
const tell = (message: FromLedger) => parentPort?.postMessage(message)
const wall = () => performance.now()
parentPort?.on('message', (message: ToLedger) => {
  if (message.type === 'stop') stop.abort()
})

const models = new LearnedModels(order.modelsDir ?? null)
const network = await readNetworkFile(order.network)
for (const { points } of order.points ?? []) growNetwork(network, points)
const heated = new Map(order.heated)
const watch = new LedgerWatch(network, order, () => models.pair, heated)
const health = new HealthWatch(network)
let now = 0
const tellModels = () => tell({ type: 'models', models: models.view(now, watch.scoring, watch.walked) })
await models.start()
watch.walkWith(models.usualUse)
tellModels()
let looking = false
const looks = setInterval(() => {
  if (looking) return
  looking = true
  void models
    .look()
    .then((changed) => {
      if (changed) {
        watch.walkWith(models.usualUse)
        watch.scoreAgain()
        tellModels()
      }
    })
    .finally(() => {
      looking = false
    })
}, MODELS_LOOK_MS)

let stated = false
let told = ''
const log = followReports(
  order.logDirectory,
  frameDecoder(order.masterKey, order.profiles, order.trust, order.fittings, order.points),
  KEPT_DAYS * 86_400_000,
  stop.signal,
)
for await (const batch of log) {
  batch.reports.forEach((report, i) => {
    const received = batch.received[i] ?? batch.receivedAt
    watch.take(report, received)
    health.take(report, received)
  })
  now = batch.receivedAt
  // What this thread stated itself comes back in the log: it is known already.
  for (const record of batch.events) {
    const event = readEvent(record)
    if (event?.type === 'leak_finding' || event?.type === 'leak_closed') watch.takeLeak(event.leak, event.at)
    else if (event?.type === 'archive' && event.change.table === 'premises') takePremises(heated, event.change.rows)
    else if (stated) continue
    else if (event?.type === 'gap_statement') watch.restore({ statement: event.recorded })
    else if (event?.type === 'gap_suspect') watch.restore({ suspect: event.recorded })
  }
  await turn()
  if (!batch.present || stop.signal.aborted) continue
  if (health.isDue(now)) tell({ type: 'health', health: health.state(now) })
  if (watch.isDue(batch.receivedAt, wall())) {
    const message = watch.state(batch.receivedAt, wall)
    stated ||= message.type === 'stated'
    tell(message)
    tellModels()
  } else if (!stated) {
    const waiting = watch.waitingFor(batch.receivedAt)
    if (waiting.why !== told) tell(waiting)
    told = waiting.why
  }
}
clearInterval(looks)
parentPort?.close()
