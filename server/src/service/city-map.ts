import type { FleetState, Network } from '@gastwin/twin'
import { mapGeometry } from '../views/map-geometry.ts'
import { type MapNumbering, numberMapObjects } from '../views/map-numbering.ts'
import { MapUpdates } from './map-updates.ts'

/** The map as consoles fetch it: geometry, and the layers drawn over it. */
export class CityMap {
  readonly updates: MapUpdates
  readonly #network: Network
  readonly #networkId: string
  /** Meters of the network document. */
  readonly #documentMeters: number
  #numbering: MapNumbering
  #geometry: { readonly etag: string; readonly body: Uint8Array }

  /** @param documentMeters meters of the network that stand in its document */
  constructor(network: Network, fleet: FleetState, networkId: string, documentMeters: number) {
    this.#network = network
    this.#networkId = networkId
    this.#documentMeters = documentMeters
    this.#numbering = numberMapObjects(network)
    this.#geometry = this.#made()
    this.updates = new MapUpdates(network, fleet, this.#numbering, this.snapshot)
  }

  get numbering(): MapNumbering {
    return this.#numbering
  }

  get geometry(): { readonly etag: string; readonly body: Uint8Array } {
    return this.#geometry
  }

  /** Tells this numbering from any other of the city: points are only ever added. */
  get snapshot(): number {
    return (Number.parseInt(this.#networkId.slice(0, 8), 16) + this.#added()) >>> 0
  }

  /** The network has points that the map does not show. */
  renew(): void {
    this.#numbering = numberMapObjects(this.#network)
    this.#geometry = this.#made()
    this.updates.renumber(this.#numbering, this.snapshot)
  }

  #added(): number {
    return this.#network.meters.count - this.#documentMeters
  }

  #made(): { readonly etag: string; readonly body: Uint8Array } {
    const added = this.#added()
    return {
      etag: `"${this.#networkId}${added === 0 ? '' : `-${added}`}"`,
      body: mapGeometry(this.#network, this.#numbering, this.snapshot),
    }
  }
}
