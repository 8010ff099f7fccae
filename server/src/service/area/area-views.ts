import { pipeline, type Readable, Transform } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'
import type {
  Alarm,
  City,
  IsolationPlan,
  Leak,
  MetersHealth,
  Shutoff,
  Strip,
  ZoneSummary,
} from '../../contract/index.ts'
import type { CityState } from '../../pipeline/city-state.ts'
import type { Reach } from './reach.ts'

/** What the API and consoles tell of alarms, zones, leaks and shut-offs, cut to an area. */
export class AreaViews {
  readonly #reach: Reach
  readonly #city: CityState

  constructor(reach: Reach, city: CityState) {
    this.#reach = reach
    this.#city = city
  }

  city(city: City): City {
    const { network, fleet } = this.#city
    const counts = { meters: 0, rtus: 0, valves: 0, pipes: 0, zones: this.#reach.zones.size }
    const kinds = ['meters', 'rtus', 'valves'] as const
    for (let slot = 0; slot < fleet.count; slot++) {
      const kind = kinds[fleet.columns.kind[slot] ?? 0]
      if (kind === 'meters' && this.#reach.seesSlot(slot)) counts.meters++
    }
    counts.rtus = network.rtus.ids.filter(this.#reach.seesRtu).length
    for (const [kind, count] of [
      ['pipes', network.edges.countOf.pipe],
      ['valves', network.edges.countOf.valve],
    ] as const) {
      const first = kind === 'pipes' ? network.edges.first.pipe : network.edges.first.valve
      for (let i = 0; i < count; i++) if (this.#reach.seesEdge(network.edges.ids[first + i] ?? '')) counts[kind]++
    }
    return { ...city, counts }
  }

  zones(zones: readonly ZoneSummary[]): ZoneSummary[] {
    return zones.filter(({ id }) => this.#reach.seesZone(id))
  }

  /** Strips of zones as one; a step that one of them cannot tell is told by none. */
  strip(strips: readonly Strip[]): Strip {
    const [first, ...others] = strips
    if (first === undefined) return { from: 0, to: 0, step_ms: 60_000, points: [] }
    const sum = (i: number, of: 'supply_m3' | 'sales_estimate_m3' | 'gap_m3') =>
      strips.reduce<number | null>((all, { points }) => {
        const value = points[i]?.[of] ?? null
        return all === null || value === null ? null : all + value
      }, 0)
    if (others.length === 0) return first
    return {
      ...first,
      points: first.points.map(({ at }, i) => ({
        at,
        supply_m3: sum(i, 'supply_m3'),
        sales_estimate_m3: sum(i, 'sales_estimate_m3'),
        gap_m3: sum(i, 'gap_m3'),
      })),
    }
  }

  readonly seesAlarm = ({ zone, asset }: Pick<Alarm, 'zone' | 'asset'>): boolean =>
    zone === null || this.#reach.zones.size === 0
      ? asset.kind !== 'zone' && this.#reach.seesAsset(asset)
      : this.#reach.seesZone(zone)

  alarms(alarms: readonly Alarm[]): Alarm[] {
    const own = alarms.filter(this.seesAlarm)
    return own.map((one) => this.alarm(one, own))
  }

  /** Without evidence of places elsewhere, and without the name of an alarm there that explains it. */
  alarm(alarm: Alarm, own: readonly Alarm[] = []): Alarm {
    const isOwn = own.some(({ id }) => id === alarm.suppressed_by)
    return {
      ...alarm,
      evidence: alarm.evidence.filter(({ asset }) => asset === undefined || this.#reach.seesAsset(asset)),
      suppressed_by: isOwn ? alarm.suppressed_by : null,
    }
  }

  leaks(leaks: readonly Leak[]): Leak[] {
    return leaks.filter(({ zone }) => this.#reach.seesZone(zone)).map((one) => this.leak(one))
  }

  leak(leak: Leak): Leak {
    const { closed, candidates } = leak
    const pipe = closed === null || closed.pipe === null || !this.#reach.seesEdge(closed.pipe) ? null : closed.pipe
    return {
      ...leak,
      candidates: candidates.filter((one) => this.#reach.seesEdge(one.pipe)),
      closed: closed === null ? null : { ...closed, pipe },
    }
  }

  /** Whether a plan closes and cuts off nothing of another area. */
  seesPlan({ close, cut_off }: IsolationPlan): boolean {
    return close.every(({ valve }) => this.#reach.seesEdge(valve)) && cut_off.pipes.every(this.#reach.seesEdge)
  }

  /** Without the place of lowest pressure where that is elsewhere. */
  plan(plan: IsolationPlan): IsolationPlan {
    const { lowest_pressure: lowest } = plan
    return { ...plan, lowest_pressure: lowest !== null && this.#reach.seesNode(lowest.node) ? lowest : null }
  }

  shutoffs(shutoffs: readonly Shutoff[]): Shutoff[] {
    return shutoffs.filter(this.seesShutoff).map((one) => ({ ...one, plan: this.plan(one.plan) }))
  }

  readonly seesShutoff = ({ zone, edge, plan, valves }: Shutoff): boolean =>
    (zone === null || this.#reach.seesZone(zone)) &&
    this.#reach.seesPlace(edge) &&
    this.seesPlan(plan) &&
    valves.every(({ valve }) => this.#reach.seesEdge(valve))

  /** Meters that are due; counted among them, because no count of an area is kept. */
  health(health: MetersHealth, limit: number): MetersHealth {
    const own = health.items.filter(({ device }) => this.#reach.seesDevice(device))
    const { fleet } = this.#city
    let meters = 0
    for (let slot = 0; slot < fleet.count; slot++)
      if (fleet.columns.kind[slot] === 0 && this.#reach.seesSlot(slot)) meters++
    const due = (part: string) =>
      own.filter(({ reasons }) => reasons.some(({ reason }) => reason.includes(part))).length
    return {
      ...health,
      ...{ meters, with_battery: own.filter(({ battery }) => battery !== null).length },
      ...{ battery_low: due('battery'), over_age: due('age'), decline_v_per_year: null },
      ...{ items: own.slice(0, limit), total: own.length },
    }
  }

  /** Whether a line of the export is of this area, by the asset that it names. */
  seesExported(): (asset: string) => boolean {
    const { fleet, views } = this.#city
    const own = new Set<string>()
    for (let slot = 0; slot < fleet.count; slot++) if (this.#reach.seesSlot(slot)) own.add(views.assetId(slot))
    return (asset) => own.has(asset)
  }
}

/** Lines of an export whose asset is kept; the head of a table stays. */
export function keptLines(source: Readable, format: 'csv' | 'ndjson', keeps: (asset: string) => boolean): Readable {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  let isHead = format === 'csv'
  const kept = (lines: readonly string[]): string =>
    lines
      .filter((line) => {
        if (isHead) {
          isHead = false
          return true
        }
        const asset = assetOf(line, format)
        return asset !== undefined && keeps(asset)
      })
      .map((line) => `${line}\n`)
      .join('')
  const cut = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const lines = (rest + decoder.write(chunk)).split('\n')
      rest = lines.pop() ?? ''
      done(null, kept(lines))
    },
    flush(done) {
      done(null, rest === '' ? '' : kept([rest]))
    },
  })
  // What fails in the source ends the answer, as without an area.
  return pipeline(source, cut, () => undefined)
}

/** The second cell, or the member of that name; undefined for a line that is neither. */
function assetOf(line: string, format: 'csv' | 'ndjson'): string | undefined {
  if (format === 'csv') {
    const [, quoted, plain] = /^(?:"[^"]*"|[^,]*),(?:"((?:[^"]|"")*)"|([^,]*)),/.exec(line) ?? []
    return quoted?.replaceAll('""', '"') ?? plain
  }
  try {
    return String((JSON.parse(line) as { asset?: unknown }).asset)
  } catch {
    return undefined
  }
}
