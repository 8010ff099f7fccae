import { printMeasure, printNumber, printSigned } from '../format/numbers.ts'
import { diameterMm, pressureKpaG } from '../format/units.ts'
import type { MapMirror } from '../live/mirror.ts'
import type { MapGeometry } from '../map/geometry.ts'
import type { Selection } from '../state/selection.ts'
import type { Dictionary } from '../text/en/index.ts'

/** What map, table and tip know of an object without asking the service. */
export interface ObjectFacts {
  readonly state: string
  /** Live value with its unit, empty when there is none. */
  readonly value: string
  readonly more: readonly string[]
  readonly zone: string | undefined
}

const NOTHING: ObjectFacts = { state: '', value: '', more: [], zone: undefined }

export function objectFacts(object: Selection, geometry: MapGeometry, mirror: MapMirror, t: Dictionary): ObjectFacts {
  const { meta, pipes, valves, meters, pipeNumber, valveNumber, rtuNumber, stationNumber, zoneNumber } = geometry
  const zoneOf = (n: number | undefined) => (n === undefined || n === 0xffff ? undefined : meta.zones[n]?.id)
  const pressure = (value: number | undefined) =>
    value === undefined || Number.isNaN(value) ? '' : `${printMeasure(pressureKpaG(value))}\u00a0kPa`
  switch (object.kind) {
    case 'pipe': {
      const n = pipeNumber.get(object.id)
      if (n === undefined) return NOTHING
      return {
        state: t.assets.pipeStates[mirror.states('pipes')[n] ?? 0] ?? '',
        value: pressure(mirror.values('pipes')[n]),
        more: [
          `DN${printNumber(diameterMm(pipes.diameter[n] ?? Number.NaN))}`,
          t.assets.tiers[pipes.tier[n] ?? 0] ?? '',
        ],
        zone: zoneOf(pipes.zone[n]),
      }
    }
    case 'valve': {
      const n = valveNumber.get(object.id)
      if (n === undefined) return NOTHING
      const pipe = valves.pipe[n]
      return {
        state: t.assets.valveStates[mirror.states('valves')[n] ?? 0] ?? '',
        value: '',
        more: [valves.remote[n] === 1 ? t.assets.remote : t.assets.manual],
        zone: pipe === undefined ? undefined : zoneOf(pipes.zone[pipe]),
      }
    }
    case 'rtu': {
      const n = rtuNumber.get(object.id)
      if (n === undefined) return NOTHING
      return {
        state: t.assets.rtuStates[mirror.states('rtus')[n] ?? 0] ?? '',
        value: pressure(mirror.values('rtus')[n]),
        more: [],
        zone: undefined,
      }
    }
    case 'meter': {
      const n = meters.number.indexOf(Number(object.id))
      if (n < 0) return NOTHING
      const classes = ['residential', 'commercial', 'industrial']
      return {
        state: t.assets.meterStates[mirror.states('meters')[n] ?? 0] ?? '',
        value: '',
        more: [t.assets.classes[classes[meters.class[n] ?? 0] ?? ''] ?? ''],
        zone: zoneOf(meters.zone[n]),
      }
    }
    case 'station': {
      const station = meta.stations[stationNumber.get(object.id) ?? -1]
      return station === undefined ? NOTHING : { ...NOTHING, state: t.assets[station.kind] }
    }
    case 'zone': {
      const n = zoneNumber.get(object.id)
      if (n === undefined) return NOTHING
      const rate = mirror.values('zones')[n] ?? Number.NaN
      return {
        state: t.assets.zoneStates[mirror.states('zones')[n] ?? 0] ?? '',
        value: Number.isNaN(rate) ? '' : `${printSigned(rate * 100)}\u00a0%`,
        more: [],
        zone: undefined,
      }
    }
    default:
      return NOTHING
  }
}
