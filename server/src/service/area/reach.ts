import { UsageError } from '@gastwin/twin'
import type { ArchiveRow } from '../../devices/archive.ts'
import type { ArchiveTableName } from '../../devices/archive-columns.table.ts'
import { areaWords } from '../../devices/area.ts'
import type { Principal } from '../../http/auth/sessions.ts'
import { scopeOf } from '../../http/auth/sessions.ts'
import type { CityState } from '../../pipeline/city-state.ts'
import type { DeviceDesk } from '../device-desk.ts'

/** Kinds of assets that are edges of the network. */
const EDGES: ReadonlySet<string> = new Set(['pipe', 'valve', 'regulator', 'compressor', 'edge'])

/**
 * What the scope of a caller reaches, of devices as of the network around them. What cannot be told is not reached. Zones are
 * reached by who has zones and nothing that narrows them: the balance of a zone tells of all its meters.
 */
export class Reach {
  readonly zones: ReadonlySet<string>
  readonly #principal: Principal
  readonly #desk: DeviceDesk
  readonly #city: CityState

  constructor(principal: Principal, desk: DeviceDesk, city: CityState) {
    this.#principal = principal
    this.#desk = desk
    this.#city = city
    const { zones, marks } = principal.area ?? {}
    this.zones = new Set(marks === undefined ? zones : [])
  }

  get scope() {
    return scopeOf(this.#principal) ?? {}
  }

  get isDelegated(): boolean {
    return this.#principal.delegation !== undefined
  }

  /** Refuses in words; the same ones whether the thing is elsewhere or nowhere. */
  refuse(what: string): never {
    const { user, delegation } = this.#principal
    if (delegation !== undefined) throw new UsageError('API_NOT_FOUND', `${user} has no ${what} in its scope`)
    throw new UsageError(
      'AUT_AREA',
      `${what} is not of the area of ${user} (${areaWords(this.#principal.area)}): somebody of that area or of the whole city can, an administrator can widen the area`,
    )
  }

  readonly seesSlot = (slot: number): boolean => slot >= 0 && this.#desk.isWithin(this.scope, slot)

  readonly seesDevice = (number: string): boolean => {
    if (this.seesSlot(this.#city.fleet.slotOf(this.#desk.pointOf(number) ?? -1))) return true
    return this.zones.size > 0 && this.seesConcentrator(number)
  }

  requireDevice(number: string): void {
    if (this.seesDevice(number)) return
    // Outside of its scope a device is not there, so that numbers cannot be probed.
    if (this.#principal.delegation !== undefined)
      throw new UsageError('API_NOT_FOUND', `no device has the number ${number}`)
    this.refuse(number === '' ? 'a request that names no device' : `device ${number}`)
  }

  /** With all the meters behind it. */
  readonly seesConcentrator = (number: string): boolean => {
    const twin = this.#city.concentrators.find(Number(number))
    return (
      twin !== undefined &&
      this.seesZone(twin.archive.zone) &&
      twin.meters.every(({ archived }) => this.seesSlot(this.#city.fleet.slotOf(archived.number)))
    )
  }

  requireConcentrator(number: string): void {
    if (!this.seesConcentrator(number)) this.refuse(`concentrator ${number}`)
  }

  readonly seesZone = (zone: string | null | undefined): boolean =>
    zone !== null && zone !== undefined && this.zones.has(zone)

  requireZone(zone: string): void {
    if (!this.seesZone(zone)) this.refuse(zone === 'city' ? 'the whole city' : `zone ${zone}`)
  }

  readonly seesNode = (id: string): boolean => {
    const { nodes, zones } = this.#city.network
    return this.seesZone(zones.ids[nodes.zone[nodes.numberOf.get(id) ?? -1] ?? -1])
  }

  /** An edge of a zone; one of none by its ends, which must lie in no other area. */
  readonly seesEdge = (id: string): boolean => {
    const { edges, nodes, zones } = this.#city.network
    const edge = edges.numberOf.get(id) ?? -1
    if (edge < 0) return false
    const own = zones.ids[edges.zone[edge] ?? -1]
    if (own !== undefined) return this.seesZone(own)
    const ends = [edges.from[edge], edges.to[edge]].flatMap((node) => zones.ids[nodes.zone[node ?? -1] ?? -1] ?? [])
    return ends.length > 0 && ends.every(this.seesZone)
  }

  readonly seesPlace = (id: string): boolean => this.seesEdge(id) || this.seesNode(id)

  readonly seesRtu = (id: string): boolean => {
    const { rtus } = this.#city.network
    const device = rtus.device[rtus.ids.indexOf(id)]
    return this.zones.size > 0 && device !== undefined && this.seesSlot(this.#city.fleet.slotOf(device))
  }

  /** What an alarm or a piece of evidence is about. */
  readonly seesAsset = ({ kind, id }: { readonly kind: string; readonly id: string }): boolean => {
    if (kind === 'zone') return this.seesZone(id)
    if (kind === 'node') return this.seesNode(id)
    if (kind === 'rtu') return this.seesRtu(id) || this.seesDevice(id)
    return EDGES.has(kind) ? this.seesEdge(id) : this.seesDevice(id)
  }

  /** Whether all that was heard of a radio cell is of this area. */
  requireCell(pci: number): void {
    const { fleet } = this.#city
    for (let slot = 0; slot < fleet.count; slot++)
      if (fleet.columns.pci[slot] === pci && !this.seesSlot(slot)) this.refuse(`all of radio cell ${pci}`)
  }

  /** A row of the archive, by the point that it leads to; what leads nowhere is of no area. */
  readonly seesRow = (table: ArchiveTableName, row: ArchiveRow | undefined): boolean => {
    if (row === undefined) return false
    const { archive } = this.#desk.books
    if (table === 'customers') return this.seesRow('premises', archive.get('premises', row['premises'] ?? ''))
    if (table === 'premises') return this.seesDevice(row['point'] ?? '')
    const links = [
      ...(this.#desk.pointOf(row['number'] ?? '') === undefined ? [] : [this.seesDevice(row['number'] ?? '')]),
      ...(row['premises'] ? [this.seesRow('premises', archive.get('premises', row['premises']))] : []),
    ]
    return links.length > 0 && links.every(Boolean)
  }
}
