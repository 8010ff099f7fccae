/**
 * The low-flow rules for the live service: each gas meter's register is walked reading by reading with the same code that scores
 * archives. Readings must come in time order; late ones are left out. Findings become detections of the rules that already have
 * a priority: lasting flow `prolonged_small_flow`, nights `night_flow`, a standing register `stopped_meter`, too much `over_flow`.
 * All are weak or strong evidence, never certain: none of them shuts a valve.
 */
import type { AppliedReport } from '@gastwin/twin'
import type { Detection, Detector, RuleId } from '../detectors/detection.ts'
import { type DetectorContext, type MeterFacts, zoneIdOf } from '../detectors/detector-context.ts'
import { counts, timeOf } from '../detectors/reading-time.ts'
import type { LowFlowFinding, LowFlowKind } from './finding.ts'
import { MeterWatch, type SavedMeterWatch } from './meter-watch.ts'
import { PeerWatch } from './peer-watch.ts'
import { usualUseModel } from './usual-use-model.ts'

const RULE_OF: Readonly<Partial<Record<LowFlowKind, RuleId>>> = {
  leak_behind_meter: 'prolonged_small_flow',
  flow_never_stops: 'prolonged_small_flow',
  appliance_left_on: 'prolonged_small_flow',
  prolonged_small_flow: 'prolonged_small_flow',
  night_flow: 'night_flow',
  dead_meter: 'stopped_meter',
}

interface Watched {
  readonly watch: MeterWatch
  readonly active: Set<RuleId>
}

export interface LowFlowDetectorSettings {
  /** Step of the registers, m³. */
  readonly stepM3: number
}

/** @source one pulse 0.1 m³: wireless reading scheme §3.3.5.9 */
export const LOW_FLOW_SETTINGS: LowFlowDetectorSettings = { stepM3: 0.1 }

const HOURLY_MS = 4 * 3_600_000

export class LowFlowDetector implements Detector {
  readonly name = 'low-flow'
  readonly #context: DetectorContext
  readonly #settings: LowFlowDetectorSettings
  readonly #watched = new Map<number, Watched>()
  readonly #peers = new Map<string, PeerWatch>()

  constructor(context: DetectorContext, settings: LowFlowDetectorSettings = LOW_FLOW_SETTINGS) {
    this.#context = context
    this.#settings = settings
  }

  observe(batch: readonly AppliedReport[]): readonly Detection[] {
    const told: Detection[] = []
    for (const applied of batch) {
      if (applied.report.kind !== 'meter' || !counts(applied) || applied.outcome === 'late') continue
      const facts = this.#context.meterOf(applied.slot)
      if (facts?.gas !== true) continue
      const quantity = facts.corrector ? 'standard_index_m3' : 'index_m3'
      for (const reading of applied.report.readings)
        if (reading.quantity === quantity)
          this.#read(applied.slot, facts, timeOf(applied, reading), reading.value, told)
    }
    return told
  }

  tick(): readonly Detection[] {
    return []
  }

  save(): unknown {
    return [...this.#watched].map(([slot, { watch, active }]) => ({ slot, active: [...active], watch: watch.save() }))
  }

  load(saved: unknown): void {
    for (const one of saved as readonly { slot: number; active: RuleId[]; watch: SavedMeterWatch }[]) {
      const facts = this.#context.meterOf(one.slot)
      if (facts === undefined) continue
      const watched = this.#of(one.slot, facts)
      watched.watch.load(one.watch)
      for (const rule of one.active) watched.active.add(rule)
    }
  }

  #of(slot: number, facts: MeterFacts): Watched {
    const known = this.#watched.get(slot)
    if (known !== undefined) return known
    const every = this.#context.reportEveryMs(slot)
    const watch = new MeterWatch(
      {
        home: facts.class === 'residential',
        cadence: every > 0 && every <= HOURLY_MS ? 'hourly' : 'daily',
        stepM3: this.#settings.stepM3,
        size: facts.size,
        utcOffsetMs: (at) => this.#context.utcOffsetMs(at),
      },
      usualUseModel(),
    )
    const made = { watch, active: new Set<RuleId>() }
    this.#watched.set(slot, made)
    return made
  }

  #read(slot: number, facts: MeterFacts, at: number, value: number, told: Detection[]): void {
    const { watch, active } = this.#of(slot, facts)
    const block = watch.read(at, value)
    if (block !== undefined) {
      const key = `${watch.plan.home} ${watch.plan.cadence}`
      const peers = this.#peers.get(key) ?? new PeerWatch()
      this.#peers.set(key, peers)
      peers.hear(block, watch.track.memory)
      watch.judge(block, peers.of(block))
    }
    const lasting = new Map<RuleId, LowFlowFinding>()
    for (const finding of watch.findings()) {
      const rule = RULE_OF[finding.kind]
      if (rule !== undefined && finding.until === null) lasting.set(rule, finding)
      else if (finding.kind === 'over_flow' && finding.until === at)
        told.push(this.#detection(slot, at, 'over_flow', true, finding))
    }
    watch.forgetEnded()
    for (const [rule, finding] of lasting) {
      if (active.has(rule)) continue
      active.add(rule)
      told.push(this.#detection(slot, at, rule, true, finding))
    }
    for (const rule of [...active]) {
      if (lasting.has(rule)) continue
      active.delete(rule)
      told.push(this.#detection(slot, at, rule, false, undefined))
    }
  }

  #detection(slot: number, at: number, rule: RuleId, active: boolean, finding: LowFlowFinding | undefined): Detection {
    const asset = this.#context.assetOf(slot)
    const flow = (finding?.flowM3H?.p50 ?? 0) / 3600
    return {
      rule,
      asset,
      zone: zoneIdOf(this.#context, slot),
      at,
      since: finding?.since ?? at,
      active,
      value: rule === 'stopped_meter' ? (at - (finding?.since ?? at)) / 86_400_000 : flow,
      limit: 0,
      unit: rule === 'stopped_meter' ? 'd' : 'm3/s',
      strength: rule === 'over_flow' ? 'strong' : 'weak',
      evidenceKind: 'meter_flow',
      evidence:
        finding === undefined
          ? []
          : [
              { code: rule, at, asset, value: flow, limit: 0, unit: 'm3/s' },
              {
                code: rule === 'stopped_meter' ? 'stopped_probability' : 'never_zero_probability',
                at,
                asset,
                value: finding.probability,
                unit: '1',
              },
            ],
    }
  }
}
