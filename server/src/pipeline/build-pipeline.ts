import { map, mergeMap, type Observable, share, tap } from 'rxjs'
import type { InboundRequest } from '../ingest/inbound-request.ts'
import type { Turn } from './city-state.ts'
import type { Incoming, Recorded } from './incoming.ts'

/** The path of the data, one function a step; what each does stands beside its name in run-pipeline.ts. */
export interface PipelineSteps {
  readonly readReports: (requests: readonly InboundRequest[]) => readonly Incoming[]
  /** Never rejects: what the log refuses is dropped, unacknowledged, and an empty batch goes on. */
  readonly record: (batch: readonly Incoming[]) => Promise<readonly Recorded[]>
  readonly acknowledge: (batch: readonly Recorded[]) => void
  readonly applyToTwin: (batch: readonly Recorded[]) => Turn
  readonly publish: (turn: Turn) => void
  readonly decide: (turn: Turn) => void
}

/**
 * Bytes become frames become reports; reports become durable, then acknowledged, then state; state becomes balances and detections,
 * detections alarms, alarms decisions, decisions commands. Batches travel, in the order of the log; nobody throws inside.
 */
export function buildPipeline(
  requests$: Observable<readonly InboundRequest[]>,
  steps: PipelineSteps,
): Observable<Turn> {
  return requests$.pipe(
    map(steps.readReports),
    mergeMap(steps.record),
    tap(steps.acknowledge),
    map(steps.applyToTwin),
    tap(steps.decide),
    tap(steps.publish),
    share(),
  )
}
