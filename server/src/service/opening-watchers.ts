import path from 'node:path'
import type { Network } from '@gastwin/twin'
import type { Logger } from 'pino'
import type { AnalysisOrder } from '../analysis/analysis-messages.ts'
import { Analysis } from '../analysis/start-analysis.ts'
import type { AuditLog } from '../command/audit-log.ts'
import type { ServerMessage } from '../contract/index.ts'
import { type HeatedPoints, takePremises } from '../devices/heated-points.ts'
import type { LedgerOrder } from '../ledger/ledger-messages.ts'
import { LedgerThread } from '../ledger/start-ledger.ts'
import type { EventLog } from '../log/event-log.ts'
import { recordEvents } from '../log/platform-events.ts'
import type { Store } from '../store/store.ts'
import { AnalysisDesk } from './analysis-desk.ts'
import type { CityMap } from './city-map.ts'
import type { CityService } from './city-service.ts'
import { LeakRecorder } from './leak-recorder.ts'
import { LedgerDesk } from './ledger-desk.ts'
import { ModelDesk } from './model-desk.ts'
import type { openKept } from './opening-kept.ts'
import { recordStated } from './record-stated.ts'
import type { SuppliedPart } from './supplied-part.ts'

/** Readings of 62 days are about 750 bytes a meter; a statement takes a quarter of an hour of processor time a million meters. */
const MOST_LEDGER_METERS = 2_000_000

export interface WatcherParts {
  readonly network: Network
  readonly cityMap: CityMap
  readonly service: CityService
  readonly supplied: SuppliedPart
  readonly acts: Pick<Awaited<ReturnType<typeof openKept>>['acts'], 'closedLeaks' | 'cases' | 'devices'>
  readonly store: Pick<Store, 'gapStatements'>
  readonly log: EventLog
  readonly audit: AuditLog
  /** Service clock, Unix ms. */
  readonly now: () => number
  readonly logger: Logger
  readonly modelsDir: string | null
  /** What threads that read the log begin with. */
  readonly sources: AnalysisOrder
  readonly prices: Pick<LedgerOrder, 'tariff' | 'meterPrices' | 'assumptions'>
  /** Tells all consoles. */
  readonly tell: (message: ServerMessage) => void
}

/** The threads that read the log beside the service, and the desks at which their answers lie. */
export interface Watchers {
  readonly desk: AnalysisDesk
  readonly ledgerDesk: LedgerDesk
  readonly modelDesk: ModelDesk
  readonly lowestAfterClosing: Analysis['lowestAfterClosing']
  readonly start: () => void
  /** Begins both anew: the network has other points than at their start. */
  readonly renew: () => void
  readonly stop: () => Promise<void>
}

/** Opens the analysis of the network and the gap ledger. Neither runs before `start`. */
export function openWatchers(parts: WatcherParts): Watchers {
  const { network, cityMap, service, supplied, acts, store, log, audit, now, logger, sources, prices, tell } = parts
  const desk = new AnalysisDesk(
    network,
    cityMap.numbering.pipes,
    cityMap.snapshot,
    (found) => service.takeFindings(found),
    () => supplied.isolatedPipes,
    acts.closedLeaks,
  )
  const leakRecorder = new LeakRecorder()
  const analysis = new Analysis(sources, {
    onEstimate: (message) => {
      desk.takeEstimate(message)
      tell({ type: 'estimate', at: message.meta.at })
    },
    onLeaks: (message) => {
      desk.takeLeaks(message)
      recordEvents(log, leakRecorder.take(desk.leaks, message.at)).catch((error: unknown) =>
        logger.error({ err: error }, 'what was found of leaks could not be recorded'),
      )
      tell({ type: 'leaks', leaks: desk.leaks })
    },
    onFailure: (error) => logger.error({ error }, 'the analysis of the network failed and is started again'),
  })
  const modelsDir = parts.modelsDir === null ? null : path.resolve(parts.modelsDir)
  const ledgerDesk = new LedgerDesk(store.gapStatements, modelsDir, acts.cases)
  const modelDesk = new ModelDesk({ folder: modelsDir, models: () => ledgerDesk.models, log, audit, now })
  const order: LedgerOrder = {
    ...{ ...sources, ...prices, modelsDir },
    // Asked at each start of the thread.
    get heated() {
      const heated: HeatedPoints = new Map()
      takePremises(heated, acts.devices.archive.rows('premises'))
      return heated
    },
  }
  const ledger = new LedgerThread(order, (message) => {
    ledgerDesk.take(message)
    if (message.type === 'failed') logger.error({ why: message.why }, 'the gap ledger failed')
    if (message.type === 'models')
      modelDesk
        .record(message.models)
        .catch((error: unknown) => logger.error({ err: error }, 'which models score could not be recorded'))
    if (message.type !== 'stated') return
    tell({ type: 'gap', stated_at: message.at })
    recordStated(log, message).catch((error: unknown) =>
      logger.error({ err: error }, 'a statement of the gap could not be recorded'),
    )
  })
  return {
    desk,
    ledgerDesk,
    modelDesk,
    lowestAfterClosing: (edges) => analysis.lowestAfterClosing(edges),
    start: () => {
      analysis.start()
      if (network.meters.count <= MOST_LEDGER_METERS) return ledger.start()
      ledgerDesk.take({
        type: 'failed',
        why: `the network has ${network.meters.count} meters, the live ledger keeps the readings of at most ${MOST_LEDGER_METERS} in memory: state the gap with "gastwin gap" from an export`,
      })
    },
    renew: () => {
      analysis.renew()
      ledger.renew()
    },
    stop: async () => {
      await analysis.stop()
      await ledger.stop()
    },
  }
}
