import type { ModelBackend } from '@gastwin/analytics/theft'
import type { ModelInUse, Models } from '../contract/index.ts'
import type { ShelvedUsualUse } from '../models/lowflow-shelf.ts'
import type { RefusedModel, ShelvedModel } from '../models/theft-shelf.ts'
import type { Walked } from './ledger-watch.ts'
import { MOVED, type ScoringRun } from './scoring-run.ts'

/** What is known of the models at one time. */
export interface ModelsKnown {
  readonly backend: ModelBackend | null
  /** Why the engine does not start; null when it does. */
  readonly failure: string | null
  readonly folder: string | null
  readonly inUse: readonly ShelvedModel[]
  readonly refused: readonly (RefusedModel & { readonly at: number })[]
  readonly run: ScoringRun | undefined
  readonly walked: Walked
  /** The operator's models of usual use. */
  readonly walksWith: {
    readonly active: ShelvedUsualUse | undefined
    readonly shadow: ShelvedUsualUse | undefined
  }
  readonly tensors: number
}

/** Before the thread has told anything. */
export const modelsStarting = (folder: string | null): Models => ({
  ...{ backend: null, state: 'starting', why: 'the engine of the models is starting', folder, items: [], refused: [] },
  ...{ scored_at: null, scored_meters: 0, took_ms: 0, comparison: null, drift: null },
  low_flow: { watched: 0, findings: 0, why: null, model: null, shadow: null, fit: null, comparison: null },
  tensors: 0,
})

/** The models as the API tells them. */
export function modelsView(known: ModelsKnown): Models {
  const { backend, failure, folder, inUse, refused, run, tensors } = known
  const active = inUse.some(({ use }) => use === 'active')
  return {
    backend,
    state: failure !== null ? 'failed' : active ? 'ready' : 'without_model',
    why: failure ?? (active ? (run?.why ?? null) : 'no model of theft is there: suspects rest on the ledger alone'),
    folder,
    items: inUse.map(describe),
    refused: refused.map(({ use, file, why, at }) => ({ use, file, why, at })),
    scored_at: run === undefined || run.meters === 0 ? null : run.at,
    scored_meters: run?.meters ?? 0,
    took_ms: run?.tookMs ?? 0,
    comparison: run?.comparison ?? null,
    drift: run?.drift ?? null,
    low_flow: lowFlowView(known),
    tensors,
  }
}

function lowFlowView({ walked, walksWith, run }: ModelsKnown): Models['low_flow'] {
  const { fit, comparison } = walked
  const named = (one: ShelvedUsualUse | undefined) =>
    one === undefined ? null : { file: one.file, sha256: one.sha256 }
  return {
    watched: walked.meters,
    findings: run?.lowFlowFindings ?? 0,
    why: walked.why,
    model: named(walksWith.active),
    shadow: named(walksWith.shadow),
    fit:
      fit === undefined
        ? null
        : {
            ...{ blocks: fit.blocks, surprise: fit.surprise, trained_surprise: fit.trained },
            ...{ index: fit.moved, limit: MOVED, moved: fit.moved > MOVED },
          },
    comparison:
      comparison === undefined
        ? null
        : {
            ...{ blocks: comparison.blocks, surprise: comparison.surprise },
            ...{ shadow_surprise: comparison.shadowSurprise, newly_seen: comparison.newly },
            no_longer_seen: comparison.noLonger,
          },
  }
}

function describe({ use, source, file, sha256, model: { facts } }: ShelvedModel): ModelInUse {
  const { trained_on, rows, positives, days, seed } = facts
  return { use, source, file, sha256, trained_on, rows, positives, days, seed }
}
