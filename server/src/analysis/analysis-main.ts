/** The network's analysis in a thread of its own: it reads the log, and nothing waits for it. */
import { setImmediate as turn } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'
import { GasTwinError, growNetwork } from '@gastwin/twin'
import { readNetworkFile } from '../config/network-file.ts'
import { giveWay } from '../give-way.ts'
import { readEvent } from '../log/platform-events.ts'
import { frameDecoder } from '../store/writer/frame-decoder.ts'
import type { AnalysisOrder, FromAnalysis, ToAnalysis } from './analysis-messages.ts'
import { CityWatch, misfitOf } from './city-watch.ts'
import { describeNextRtus, describePipes, describeSensors } from './describe-estimate.ts'
import { followReports } from './follow-reports.ts'

/** History that is read again after a start: what the forecasts of use need. */
const HISTORY_MS = 15 * 24 * 3_600_000
const MINUTE_MS = 60_000
/** A fast demo has many minutes a second: the newest is estimated, so often, ms of the wall. */
const LEAST_BETWEEN_MS = 1_000
/** Where a transmitter is missing changes with the seasons, not with the hour. */
const PLACES_EVERY_MS = 6 * 3_600_000

// Last of all: what it finds is worth minutes, and reports and valves are worth milliseconds.
giveWay(19)
const order = workerData as AnalysisOrder
const stop = new AbortController()
const tell = (message: FromAnalysis) => parentPort?.postMessage(message)
const network = await readNetworkFile(order.network)
for (const { points } of order.points ?? []) growNetwork(network, points)
const watch = openWatch()

parentPort?.on('message', (message: ToAnalysis) => {
  if (message.type === 'stop') stop.abort()
  else tell({ type: 'lowest', question: message.question, lowest: watch.lowestAfterClosing(message.edges) })
})

let estimated = 0
let estimatedAt = 0
let toldLeaks = ''
let toldAt = 0
/** The history has been read. */
let isLive = false
let nextRtus: ReturnType<typeof describeNextRtus> = []
let placedAt = Number.NEGATIVE_INFINITY
const reports = followReports(
  order.logDirectory,
  frameDecoder(order.masterKey, order.profiles, order.trust, order.fittings, order.points),
  HISTORY_MS,
  stop.signal,
)
for await (const batch of reports) {
  for (const report of batch.reports) watch.take(report)
  for (const record of batch.events) {
    const event = readEvent(record)
    // A correction says what it was; the watch ended it at the first word, and may have found another since.
    if (event?.type === 'leak_closed' && event.leak.closed.before === undefined) watch.close(event.leak)
  }
  const minute = Math.floor(batch.receivedAt / MINUTE_MS)
  if (batch.present && minute > estimated && performance.now() - estimatedAt >= LEAST_BETWEEN_MS) {
    estimated = minute
    estimatedAt = performance.now()
    estimateNow(batch.receivedAt)
    tellLeaks(batch.receivedAt)
    if (batch.receivedAt - placedAt >= PLACES_EVERY_MS) {
      placedAt = batch.receivedAt
      nextRtus = describeNextRtus(watch)
    }
    watch.learn(batch.receivedAt)
  } else if (isLive && performance.now() - toldAt >= LEAST_BETWEEN_MS) {
    // A rupture is told also by a thread that does not keep up.
    tellLeaks(batch.receivedAt)
  }
  isLive ||= batch.present
  await turn() // Questions are answered between batches.
}
parentPort?.close()

/** @throws what the caller cannot mend; a document that cannot be solved ends the thread with a word about it */
function openWatch(): CityWatch {
  try {
    return new CityWatch(network)
  } catch (error) {
    if (!(error instanceof GasTwinError)) throw error
    tell({ type: 'unable', why: `${error.code}: ${error.message}` })
    process.exit(0)
  }
}

function estimateNow(at: number): void {
  const begin = performance.now()
  const estimate = watch.estimate(at)
  if (estimate === undefined) return
  tell({
    type: 'estimate',
    meta: {
      at,
      status: estimate.status === 'estimated' ? 'converged' : 'stalled',
      misfit: misfitOf(estimate),
      took_ms: performance.now() - begin,
      sensors: describeSensors(watch, estimate),
      next_rtus: nextRtus,
      calibrated_at: watch.calibratedAt ?? null,
    },
    pipes: describePipes(watch, estimate),
  })
}

function tellLeaks(at: number): void {
  toldAt = performance.now()
  const leaks = watch.leaks()
  const said = JSON.stringify(leaks)
  if (said === toldLeaks) return
  toldLeaks = said
  tell({ type: 'leaks', at, leaks })
}
