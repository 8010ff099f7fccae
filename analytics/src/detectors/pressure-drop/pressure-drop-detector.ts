/**
 * A fall of pressure as a rupture makes it (rule `pressure_drop`): over the last 1…5 minutes, against the RTU's own history of
 * one-minute changes and as a share of the gauge pressure.
 *
 * Told with the first report after the break. `strong` when the fall is large by itself, or when a neighbouring RTU fell in
 * the same minutes; `weak` when it is moderate and nobody confirms it, or when neighbours that reported since did not fall (one
 * sensor's fault). A pressure signal is never `certain`: a failing regulator lets the pressure fall as a broken pipe does, and
 * only a second kind of evidence (flow, gas) tells them apart.
 */
import { type AppliedReport, REFERENCE_PRESSURE_PA } from '@gastwin/twin'
import type { Detection, Detector, Evidence } from '../detection.ts'
import { type DetectorContext, zoneIdOf } from '../detector-context.ts'
import { counts, timeOf } from '../reading-time.ts'
import { PRESSURE_DROP_SETTINGS, type PressureDropSettings } from './pressure-drop-settings.ts'
import { PressureTrack } from './pressure-track.ts'

export class PressureDropDetector implements Detector {
  readonly name = 'pressure-drop'
  readonly #context: DetectorContext
  readonly #settings: PressureDropSettings
  readonly #tracks: readonly PressureTrack[]

  constructor(context: DetectorContext, settings: PressureDropSettings = PRESSURE_DROP_SETTINGS) {
    this.#context = context
    this.#settings = settings
    this.#tracks = context.rtus.map(() => new PressureTrack(settings))
  }

  observe(batch: readonly AppliedReport[]): readonly Detection[] {
    let told: Detection[] | undefined
    for (const applied of batch) {
      if (!counts(applied) || applied.outcome === 'late' || applied.report.kind !== 'rtu') continue
      const row = this.#context.rtuOf(applied.slot)
      const track = this.#tracks[row]
      if (track === undefined) continue
      for (const reading of applied.report.readings) {
        if (reading.quantity !== 'pressure_pa') continue
        const at = timeOf(applied, reading)
        if (track.take(at, reading.value - REFERENCE_PRESSURE_PA)) {
          told ??= []
          this.#fell(row, track, at, told)
        } else if (track.standing && at - track.fellAt >= this.#settings.holdMs) {
          track.standing = false
          told ??= []
          told.push(this.#detection(row, track, at, false, []))
        }
      }
    }
    return told ?? []
  }

  tick(now: number): readonly Detection[] {
    let told: Detection[] | undefined
    for (const [row, track] of this.#tracks.entries()) {
      if (!track.standing || now - track.fellAt < 4 * this.#settings.holdMs) continue
      track.standing = false
      told ??= []
      told.push(this.#detection(row, track, now, false, []))
    }
    return told ?? []
  }

  save(): unknown {
    return this.#tracks.map((track) => track.save())
  }

  load(saved: unknown): void {
    const rows = saved as readonly ReturnType<PressureTrack['save']>[]
    for (const [i, track] of this.#tracks.entries()) track.load(rows[i])
  }

  #fell(row: number, track: PressureTrack, at: number, told: Detection[]): void {
    const near = this.#context.rtus[row]?.neighbours ?? []
    const alsoFell = near.filter((other) => this.#fellWith(other, track))
    const stayed = near.some((other) => this.#stayed(other, track))
    const large = track.share >= this.#settings.largeShare
    const strength = alsoFell.length > 0 || (large && !stayed) ? 'strong' : 'weak'
    const grew = !track.standing || strength !== track.toldStrength || track.share >= 1.25 * track.toldShare
    track.standing = true
    if (!grew) return
    track.toldStrength = strength
    track.toldShare = track.share
    told.push(this.#detection(row, track, at, true, alsoFell))
    for (const other of alsoFell) this.#confirm(other, row, at, told)
  }

  /** A neighbour that was not sure of itself is, once this RTU fell as well. */
  #confirm(other: number, by: number, at: number, told: Detection[]): void {
    const track = this.#tracks[other]
    if (track === undefined || track.toldStrength === 'strong') return
    track.toldStrength = 'strong'
    told.push(this.#detection(other, track, at, true, [by]))
  }

  #fellWith(other: number, track: PressureTrack): boolean {
    const near = this.#tracks[other]
    return near?.standing === true && Math.abs(near.fellAt - track.fellAt) <= this.#settings.togetherMs
  }

  #stayed(other: number, track: PressureTrack): boolean {
    const near = this.#tracks[other]
    return near !== undefined && near.lastAt > track.brokeAt + 60_000 && !this.#fellWith(other, track)
  }

  #detection(row: number, track: PressureTrack, at: number, active: boolean, alsoFell: readonly number[]): Detection {
    const rtu = this.#context.rtus[row]
    const slot = rtu?.slot ?? -1
    const asset = this.#context.assetOf(slot)
    const evidence: Evidence[] = [
      { code: 'pressure_fall', at, asset, value: track.fall, limit: track.limit, unit: 'Pa' },
      { code: 'pressure_fall_rate', at, asset, value: track.rate, unit: 'Pa/s' },
    ]
    for (const other of alsoFell) {
      const near = this.#tracks[other]
      const facts = this.#context.rtus[other]
      if (near === undefined || facts === undefined) continue
      evidence.push({
        code: 'neighbour_fell',
        at: near.fellAt,
        asset: this.#context.assetOf(facts.slot),
        value: near.fall,
        unit: 'Pa',
      })
    }
    return {
      rule: 'pressure_drop',
      asset,
      zone: zoneIdOf(this.#context, slot),
      at,
      since: track.brokeAt,
      active,
      value: track.fall,
      limit: track.limit,
      unit: 'Pa',
      strength: track.toldStrength,
      evidenceKind: 'pressure',
      evidence,
    }
  }
}
