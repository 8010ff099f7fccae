import type { Application } from '../../http/application.ts'
import type { Principal } from '../../http/auth/sessions.ts'
import { scopeOf } from '../../http/auth/sessions.ts'
import type { CityState } from '../../pipeline/city-state.ts'
import type { DeviceDesk } from '../device-desk.ts'
import { areaApplication } from './area-application.ts'
import { AreaLive } from './area-live.ts'
import { AreaMap } from './area-map.ts'
import { AreaViews } from './area-views.ts'
import { Reach } from './reach.ts'

export interface AreasParts {
  readonly application: Application
  readonly desk: DeviceDesk
  readonly city: CityState
  readonly now: () => number
}

/** The city as callers with a scope see it: maps and live views are made once for all who share an area. */
export class Areas {
  readonly #parts: AreasParts
  readonly #maps = new Map<string, AreaMap>()
  readonly #lives = new Map<string, AreaLive>()
  #mapsOf = ''

  constructor(parts: AreasParts) {
    this.#parts = parts
  }

  /** What a caller sees of the application: all of it without a scope. */
  readonly applicationFor = (principal: Principal): Application => {
    if (scopeOf(principal) === undefined) return this.#parts.application
    const reach = new Reach(principal, this.#parts.desk, this.#parts.city)
    const views = new AreaViews(reach, this.#parts.city)
    return areaApplication({ ...this.#parts, reach, views, map: () => this.#map(reach) })
  }

  /** What a console is told; undefined for the whole city. */
  readonly liveFor = (principal: Principal): AreaLive | undefined => {
    if (scopeOf(principal) === undefined) return undefined
    const { application, desk, city } = this.#parts
    const key = JSON.stringify(scopeOf(principal))
    const known = this.#lives.get(key)
    if (known !== undefined) return known
    const reach = new Reach(principal, desk, city)
    const live = new AreaLive({
      ...{ application, city, reach, views: new AreaViews(reach, city), map: () => this.#map(reach) },
    })
    this.#lives.set(key, live)
    return live
  }

  #map(reach: Reach): AreaMap {
    const { geometry } = this.#parts.application
    const city = geometry()
    if (city.etag !== this.#mapsOf) {
      this.#mapsOf = city.etag
      this.#maps.clear()
    }
    const key = JSON.stringify([...reach.zones].sort())
    const known = this.#maps.get(key)
    if (known !== undefined) return known
    const made = new AreaMap(city, reach)
    this.#maps.set(key, made)
    return made
  }
}
