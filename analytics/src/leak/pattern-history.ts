import type { Network } from '@gastwin/twin'
import { type LeakPlaces, leakPlaces } from './leak-places.ts'
import { LeakScreen } from './leak-screen.ts'
import type { LeakSettings } from './leak-settings.ts'
import { learnFriction, type RtuMeans } from './learn-friction.ts'
import { type Innovation, PatternFilter } from './pattern-filter.ts'
import { meanPicture, type PatternInput, PatternModel, type Picture } from './pattern-model.ts'
import { leakAllowance } from './pattern-trace.ts'
import { BLOCK_H, type TraceSource } from './trace-source.ts'
import { isValveMoved } from './valve-check.ts'

/** Hours whose pictures are averaged before anything is learned from them. */
const SNAPSHOT_H = 6
const KEPT_PICTURES_H = 24 * 6
const RECALIBRATE_H = 24 * 7
/** Mean squared normalised error of a block from which its cause is asked for. */
const SUSPICIOUS = 1.6
/** Mean squared normalised error from which nothing is learned. */
const IMPLAUSIBLE = 6
/** With more valves than these each block's cause is asked for only when nothing can be learned from it. */
const MOST_VALVES = 60
const KEPT_SNAPSHOTS = 28
const KEPT_SECANTS = 60
/** Memory for pictures, bytes: those of a city of thousands of nodes take megabytes each. The last day is always kept. */
const PICTURE_BYTES = 64 << 20
const LEAST_PICTURES = 24
/** Sizes of a leak this near each other act alike. */
const SAME_FLOW = 0.15

/** Pressures and splits of flow of the last days, what was learned of the map from them, and traces of leaks in them. */
export class PatternHistory implements TraceSource {
  readonly model: PatternModel
  readonly places: LeakPlaces
  readonly #network: Network
  readonly #settings: LeakSettings
  #filter: PatternFilter
  #screen: LeakScreen
  readonly #snapshots: { readonly hour: number; readonly filter: PatternFilter }[] = []
  /** The least recently used first; one that is not here is made again from its input. */
  readonly #pictures = new Map<number, Picture>()
  readonly #inputs = new Map<number, { readonly at: number; readonly input: PatternInput; readonly byRtu: RtuMeans }>()
  /** Hours in which something else than a leak moved the pressures. */
  readonly #disturbed = new Set<number>()
  readonly #secants = new Map<string, { readonly of: Picture; readonly flow: number; readonly picture: Picture }>()
  #calibratedAt = Number.NaN

  /** @param homesAt homes at each node */
  constructor(network: Network, settings: LeakSettings, homesAt: Float64Array) {
    this.#network = network
    this.#settings = settings
    this.places = leakPlaces(network)
    this.model = new PatternModel(network, settings, homesAt)
    this.#filter = new PatternFilter(this.model.priorSigma)
    this.#screen = new LeakScreen(network, leakPlaces(network, Number.POSITIVE_INFINITY))
  }

  get filter(): PatternFilter {
    return this.#filter
  }

  get screen(): LeakScreen['traces'] {
    return this.#screen.traces
  }

  placesOf(zone: number): Int32Array {
    return this.#screen.placesOf(zone)
  }

  takeHour(hour: number, at: number, input: PatternInput, byRtu: RtuMeans): void {
    this.#inputs.set(hour, { at, input, byRtu })
    this.#inputs.delete(hour - KEPT_PICTURES_H)
    this.#pictures.delete(hour)
    this.#pictures.delete(hour - KEPT_PICTURES_H)
  }

  /**
   * Learns the pipes' friction once some quiet days are known, and again as weeks pass; what was learned before is learned anew.
   * @param firstHour of all that is known. @param open whether something is suspected, which would be learned as friction
   */
  calibrate(hour: number, firstHour: number, open: boolean): void {
    const { calibrateAfterH } = this.#settings
    if (!(calibrateAfterH < Number.POSITIVE_INFINITY) || open) return
    const due = Number.isNaN(this.#calibratedAt) ? firstHour + calibrateAfterH : this.#calibratedAt + RECALIBRATE_H
    if (hour < due) return
    this.#calibratedAt = hour
    const quiet = [...this.#inputs].filter(([h]) => !this.#disturbed.has(h)).map(([, known]) => known)
    const learned = learnFriction(this.#network, quiet, (input) => this.model.homesSigma(input.homes))
    if (learned === undefined) return
    this.model.calibrate(learned.resistance, learned.sigma)
    this.#filter = new PatternFilter(this.model.priorSigma)
    this.#screen = new LeakScreen(this.#network, this.#screen.places)
    this.#snapshots.length = 0
    this.#pictures.clear()
    const hours = [...this.#inputs.keys()]
    const first = hours[0] ?? hour
    for (let h = first - (first % BLOCK_H); h + BLOCK_H <= hour + 1; h += BLOCK_H) this.learn(h, 0, false)
  }

  /**
   * Learns from the hours of a block.
   * @param largest  flow of a leak that may be in it, kg/s
   * @param screen   whether pressures shall be able to raise a suspicion by themselves
   */
  learn(begin: number, largest: number, screen: boolean): void {
    const picture = this.picture(begin, begin + BLOCK_H)
    if (picture === undefined) return
    if (begin % SNAPSHOT_H === 0) {
      this.#snapshots.push({ hour: begin, filter: this.#filter.copy() })
      if (this.#snapshots.length > KEPT_SNAPSHOTS) this.#snapshots.shift()
    }
    const innovation = this.compare(this.#filter, picture, largest)
    const suspicious = this.#network.edges.countOf.valve > MOST_VALVES ? IMPLAUSIBLE : SUSPICIOUS
    if (
      (innovation.misfit > suspicious || (suspicious === SUSPICIOUS && innovation.refused.length > 1)) &&
      this.#valveMoved(begin, picture)
    ) {
      for (let h = begin; h < begin + BLOCK_H; h++) {
        this.#disturbed.add(h)
        this.#pictures.delete(h)
      }
      return
    }
    if (!screen) {
      if (innovation.used.length > 0 && innovation.misfit < IMPLAUSIBLE) this.#filter.learn(innovation)
    } else if (this.#screen.take(begin, this.#filter.size, picture, innovation)) this.#filter.learn(innovation)
  }

  #valveMoved(begin: number, picture: Picture): boolean {
    const all = new Float64Array(picture.rows).fill(Number.POSITIVE_INFINITY)
    const known = this.#inputs.get(begin + 1) ?? this.#inputs.get(begin)
    if (known === undefined) return false
    const innovation = this.#filter.compare(picture, this.#settings.correlatedHours, all)
    return isValveMoved(this.model, known.input, innovation)
  }

  #picture(hour: number): Picture | undefined {
    const known = this.#inputs.get(hour)
    if (known === undefined || this.#disturbed.has(hour)) return undefined
    const picture = this.#pictures.get(hour) ?? this.model.picture(known.input)
    this.#pictures.delete(hour)
    if (picture === undefined) return undefined
    this.#pictures.set(hour, picture)
    if (this.#pictures.size > mostPictures(picture)) this.#pictures.delete(this.#pictures.keys().next().value ?? 0)
    return picture
  }

  compare(filter: PatternFilter, picture: Picture, largest: number): Innovation {
    for (let h = 0; h < picture.hours; h++) this.#wander(filter)
    return filter.compare(picture, this.#settings.correlatedHours, leakAllowance(picture, largest))
  }

  #wander(filter: PatternFilter): void {
    const { shareSigma, sharesAt } = this.model
    const perHour = (this.#settings.shareDrift / this.#settings.homeLasting) ** 2 / 24 / 10
    filter.wander(
      sharesAt,
      shareSigma.map((sigma) => sigma * sigma * perHour),
    )
  }

  before(hour: number): { readonly hour: number; readonly filter: PatternFilter } | undefined {
    for (let i = this.#snapshots.length - 1; i >= 0; i--) {
      const snapshot = this.#snapshots[i]
      if (snapshot !== undefined && snapshot.hour <= hour)
        return { hour: snapshot.hour, filter: snapshot.filter.copy() }
    }
    return undefined
  }

  /** Mean picture of the hours begin ≤ hour < end that are known; with the effects of a leak of some kg/s in a zone. */
  picture(begin: number, end: number, zone = -1, flow = 0): Picture | undefined {
    const found: Picture[] = []
    for (let hour = begin; hour < end; hour++) {
      const picture = this.#picture(hour)
      const input = this.#inputs.get(hour)?.input
      if (picture === undefined || input === undefined) continue
      found.push(flow > 0 ? this.#secant(hour, picture, input, zone, flow) : picture)
    }
    return meanPicture(found)
  }

  /** Large leaks are solved for again only where their size has changed. */
  #secant(hour: number, picture: Picture, input: PatternInput, zone: number, flow: number): Picture {
    const key = `${hour} ${zone}`
    const known = this.#secants.get(key)
    if (known?.of === picture && Math.abs(known.flow / flow - 1) < SAME_FLOW) return known.picture
    const made = this.model.secant(picture, input, zone, flow)
    this.#secants.set(key, { of: picture, flow, picture: made })
    if (this.#secants.size > Math.min(KEPT_SECANTS, mostPictures(made)))
      this.#secants.delete(this.#secants.keys().next().value ?? '')
    return made
  }
}

function mostPictures({ byLeak, byParameter, covariance }: Picture): number {
  const bytes = byLeak.byteLength + byParameter.byteLength + covariance.byteLength
  return Math.max(LEAST_PICTURES, Math.floor(PICTURE_BYTES / bytes))
}
