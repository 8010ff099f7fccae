import { createHash } from 'node:crypto'
import type { Detection } from '@gastwin/analytics'
import { type Network, UsageError } from '@gastwin/twin'
import type { FromAnalysis, PipeEstimate } from '../analysis/analysis-messages.ts'
import type { ClosedLeaks } from '../analysis/closed-leaks.ts'
import { type EdgeEstimate, type EstimateMeta, encodeColumns, type Leak } from '../contract/index.ts'
import type { Numbering } from '../views/map-numbering.ts'

/** An estimate older than this, ms of event time, colours no pipe any more. */
const FRESH_MS = 15 * 60_000
const CONFIRMED: ReadonlySet<Leak['state']> = new Set(['confirmed', 'located', 'isolated'])
/** A pipe with this probability of holding the leak is drawn as suspect. */
const SUSPECT = 0.02

type EstimateMessage = Extract<FromAnalysis, { type: 'estimate' }>

/** What the analysis thread said last, as the API, the map and the alarm book want it. */
export class AnalysisDesk {
  readonly #network: Network
  readonly #pipes: Numbering
  #snapshot: number
  /** Detections that begin or end leak alarms. */
  readonly #detect: (detections: readonly Detection[]) => void
  /** Rows of pipes that no source reaches. */
  readonly #isolated: () => ReadonlySet<number>
  readonly #closed: ClosedLeaks
  /** Assets of the alarms that stand, by leak. */
  readonly #alarmed = new Map<string, Detection>()
  #estimate: EstimateMessage | undefined
  #found: readonly Leak[] = []
  #leaks: readonly Leak[] = []
  #probability: Float32Array
  #body: { readonly etag: string; readonly body: Uint8Array } | undefined

  /** @param snapshot numbering of the map that `pipes` belongs to */
  constructor(
    network: Network,
    pipes: Numbering,
    snapshot: number,
    detect: (detections: readonly Detection[]) => void,
    isolated: () => ReadonlySet<number>,
    closed: ClosedLeaks,
  ) {
    this.#network = network
    this.#pipes = pipes
    this.#snapshot = snapshot
    this.#detect = detect
    this.#isolated = isolated
    this.#closed = closed
    this.#probability = new Float32Array(network.edges.countOf.pipe)
  }

  get leaks(): readonly Leak[] {
    return this.#leaks
  }

  /** The map has another numbering; that of its pipes stays. */
  mapChanged(snapshot: number): void {
    this.#snapshot = snapshot
    this.#body = undefined
  }

  takeEstimate(message: EstimateMessage): void {
    this.#estimate = message
    this.#body = undefined
  }

  takeLeaks({ leaks: found, at }: Extract<FromAnalysis, { type: 'leaks' }>): void {
    this.#found = found
    this.review(at)
  }

  /** Looks again at what was found: pipes were cut off, or a person has closed a leak. @param at Unix ms */
  review(at: number): void {
    const leaks = this.#closed.over(
      this.#found.map((leak) => (this.#isIsolated(leak) ? { ...leak, state: 'isolated' as const } : leak)),
    )
    this.#leaks = leaks
    this.#body = undefined
    const { edges } = this.#network
    this.#probability = new Float32Array(edges.countOf.pipe)
    for (const leak of leaks) {
      if (!CONFIRMED.has(leak.state)) continue
      for (const { pipe, probability } of leak.candidates) {
        const row = (edges.numberOf.get(pipe) ?? -1) - edges.first.pipe
        if (row >= 0) this.#probability[row] = Math.min(1, (this.#probability[row] ?? 0) + probability)
      }
    }
    this.#tellAlarms(leaks, at)
  }

  /** Pa absolute at the middle of each pipe; undefined when there is no estimate of the last minutes. */
  pipePressure(now: number): Float32Array | undefined {
    const estimate = this.#fresh(now)
    if (estimate === undefined) return undefined
    return estimate.pipes.pressureFrom.map((from, i) => (from + (estimate.pipes.pressureTo[i] ?? Number.NaN)) / 2)
  }

  /** Rows of pipes in which a confirmed leak may be. */
  suspectPipes(): ReadonlySet<number> {
    const rows = new Set<number>()
    this.#probability.forEach((p, row) => {
      if (p >= SUSPECT) rows.add(row)
    })
    return rows
  }

  /** GMC1 as contract/analysis.ts says. */
  columns(now: number): { readonly etag: string; readonly body: Uint8Array } {
    this.#body ??= this.#makeColumns(now)
    return this.#body
  }

  /** Nothing known of a pipe is no failure: its values are null. @throws UsageError NET_UNKNOWN */
  edge(id: string, now: number): EdgeEstimate {
    const { edges } = this.#network
    const edge = edges.numberOf.get(id)
    const row = (edge ?? -1) - edges.first.pipe
    if (edge === undefined || row < 0 || row >= edges.countOf.pipe)
      throw new UsageError('NET_UNKNOWN', `the network has no pipe "${id}"`)
    const estimate = this.#fresh(now)
    const known = (column: Float32Array | undefined) => {
      const value = column?.[row] ?? Number.NaN
      return Number.isFinite(value) ? value : null
    }
    return {
      edge: id,
      at: estimate?.meta.at ?? null,
      pressure_from_pa: known(estimate?.pipes.pressureFrom),
      pressure_to_pa: known(estimate?.pipes.pressureTo),
      pressure_sigma_pa: known(estimate?.pipes.pressureSigma),
      flow_m3_s: known(estimate?.pipes.flow),
      flow_sigma_m3_s: known(estimate?.pipes.flowSigma),
      velocity_m_s: known(estimate?.pipes.velocity),
    }
  }

  /** A leak counts as isolated when most of where it may be is cut off. */
  #isIsolated({ state, candidates, detected_at }: Leak): boolean {
    // Cut off, it takes nothing any more: the flows then say that there is none.
    if (!CONFIRMED.has(state) && !(state === 'dismissed' && detected_at !== null)) return false
    const { edges } = this.#network
    const cutOff = this.#isolated()
    const share = candidates.reduce((sum, { pipe, probability }) => {
      const row = (edges.numberOf.get(pipe) ?? -1) - edges.first.pipe
      return cutOff.has(row) ? sum + probability : sum
    }, 0)
    return share > 0.5
  }

  #fresh(now: number): EstimateMessage | undefined {
    const estimate = this.#estimate
    return estimate?.meta.status === 'converged' && now - estimate.meta.at <= FRESH_MS ? estimate : undefined
  }

  #makeColumns(now: number): { readonly etag: string; readonly body: Uint8Array } {
    const meta: EstimateMeta =
      this.#estimate === undefined
        ? { ...WAITING, at: now, snapshot: this.#snapshot }
        : { ...this.#estimate.meta, snapshot: this.#snapshot }
    const { rowOf } = this.#pipes
    const none = new Float32Array(rowOf.length).fill(Number.NaN)
    const pipes: PipeEstimate = this.#estimate?.pipes ?? {
      ...{ pressureFrom: none, pressureTo: none, pressureSigma: none, flow: none, flowSigma: none, velocity: none },
      blind: new Uint8Array(rowOf.length).fill(255),
    }
    const inMapOrder = (column: Float32Array) => Float32Array.from(rowOf, (row) => column[row] ?? Number.NaN)
    const middle = pipes.pressureFrom.map((from, i) => (from + (pipes.pressureTo[i] ?? Number.NaN)) / 2)
    const body = encodeColumns(
      {
        pipe_pressure: inMapOrder(middle),
        pipe_pressure_sigma: inMapOrder(pipes.pressureSigma),
        pipe_flow: inMapOrder(pipes.flow),
        pipe_flow_sigma: inMapOrder(pipes.flowSigma),
        pipe_velocity: inMapOrder(pipes.velocity),
        pipe_blind: Uint8Array.from(rowOf, (row) => pipes.blind[row] ?? 255),
        pipe_leak: inMapOrder(this.#probability),
      },
      meta,
    )
    return { etag: `"${createHash('sha256').update(body).digest('hex').slice(0, 16)}"`, body }
  }

  /** One alarm per leak; its asset stays the pipe that was most probable when it was confirmed, however the picture sharpens. */
  #tellAlarms(leaks: readonly Leak[], at: number): void {
    const changed: Detection[] = []
    for (const leak of leaks) {
      const before = this.#alarmed.get(leak.id)
      const active = CONFIRMED.has(leak.state)
      if (!active && before === undefined) continue
      const detection = leakDetection(leak, before?.asset.id ?? leak.candidates[0]?.pipe, active, at)
      changed.push(detection)
      if (active) this.#alarmed.set(leak.id, detection)
      else this.#alarmed.delete(leak.id)
    }
    if (changed.length > 0) this.#detect(changed)
  }
}

const WAITING: Omit<EstimateMeta, 'at' | 'snapshot'> = {
  status: 'waiting',
  misfit: null,
  took_ms: 0,
  sensors: [],
  next_rtus: [],
  calibrated_at: null,
}

function leakDetection(leak: Leak, pipe: string | undefined, active: boolean, at: number): Detection {
  const { p05, p50, p95 } = leak.standard_flow_m3_s
  const fact = (code: string, value: number, unit: string) => ({ code, at, value, unit })
  return {
    rule: 'leak_located',
    asset: pipe === undefined ? { kind: 'zone', id: leak.zone } : { kind: 'pipe', id: pipe },
    zone: leak.zone,
    at,
    since: leak.started_at,
    active,
    value: p50,
    limit: 0,
    unit: 'm3/s',
    // It advises people; valves are shut by evidence that was proved for that.
    strength: 'weak',
    evidenceKind: 'flow_balance',
    evidence: [
      fact('leak_flow_low', p05, 'm3/s'),
      fact('leak_flow_high', p95, 'm3/s'),
      fact('leak_pipe_probability', leak.candidates[0]?.probability ?? 0, '1'),
    ],
  }
}
