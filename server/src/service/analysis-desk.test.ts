import type { Detection } from '@gastwin/analytics'
import { smallCity } from '@gastwin/datasets'
import { buildNetwork } from '@gastwin/twin'
import { beforeEach, describe, expect, test } from 'vitest'
import { ClosedLeaks } from '../analysis/closed-leaks.ts'
import { decodeColumns, type EstimateMeta, type Leak } from '../contract/index.ts'
import { numberMapObjects } from '../views/map-numbering.ts'
import { AnalysisDesk } from './analysis-desk.ts'

const NOW = Date.UTC(2026, 0, 15, 4)
const network = buildNetwork(smallCity(7).network)
const pipes = network.edges.countOf.pipe
const pipeId = (row: number) => network.edges.ids[network.edges.first.pipe + row] ?? ''
const { pipes: numbering } = numberMapObjects(network)

let detections: Detection[]
let isolated: Set<number>
let desk: AnalysisDesk
beforeEach(() => {
  detections = []
  isolated = new Set()
  desk = new AnalysisDesk(
    network,
    numbering,
    1,
    (found) => detections.push(...found),
    () => isolated,
    new ClosedLeaks(),
  )
})

const leak = (state: Leak['state'], first = 3): Leak => ({
  id: 'L1',
  kind: 'leak',
  state,
  zone: network.zones.ids[0] ?? '',
  suspected_at: NOW - 7_200_000,
  detected_at: NOW,
  started_at: NOW - 7_200_000,
  candidates: [
    { pipe: pipeId(first), probability: 0.6, position: 0.5 },
    { pipe: pipeId(first + 1), probability: 0.3, position: 0.1 },
  ],
  standard_flow_m3_s: { p05: 0.001, p50: 0.002, p95: 0.003 },
  evidence: [],
  closed: null,
})
const told = (leaks: readonly Leak[], at = NOW) => desk.takeLeaks({ type: 'leaks', at, leaks })

function columns() {
  const { body } = desk.columns(NOW)
  return decodeColumns(body.slice().buffer)
}

describe('leaks', () => {
  test('raise one alarm when confirmed, at the pipe that was first then, whatever is first later', () => {
    told([leak('suspected')])
    expect(detections).toEqual([])
    told([leak('confirmed')])
    told([leak('located', 9)], NOW + 60_000)
    expect(detections.map(({ asset, active }) => [asset.id, active])).toEqual([
      [pipeId(3), true],
      [pipeId(3), true],
    ])
    told([leak('closed', 9)], NOW + 120_000)
    expect(detections.at(-1)).toMatchObject({ asset: { id: pipeId(3) }, active: false })
  })

  test('never vote for an automatic shut-off', () => {
    told([leak('located')])
    expect(detections.every(({ strength }) => strength === 'weak')).toBe(true)
  })

  test('colour pipes by their probability, in the numbering of the map', () => {
    told([leak('confirmed')])
    const heat = columns().columns['pipe_leak'] as Float32Array
    expect(heat).toHaveLength(pipes)
    expect(heat[numbering.numberOf[3] ?? -1]).toBeCloseTo(0.6)
    expect(heat[numbering.numberOf[4] ?? -1]).toBeCloseTo(0.3)
    expect([...heat].filter((p) => p > 0)).toHaveLength(2)
    expect([...desk.suspectPipes()].sort((a, b) => a - b)).toEqual([3, 4])
  })

  test('count as isolated when most of where they may be is cut off', () => {
    isolated.add(4)
    told([leak('located')])
    expect(desk.leaks[0]?.state).toBe('located')
    isolated.add(3)
    told([leak('located')])
    expect(desk.leaks[0]?.state).toBe('isolated')
    // No gas flows there any more, so nothing shows in the flows.
    told([leak('dismissed')])
    expect(desk.leaks[0]?.state).toBe('isolated')
    isolated.clear()
    told([leak('dismissed')])
    expect(desk.leaks[0]?.state).toBe('dismissed')
  })
})

describe('the estimate', () => {
  test('says that it waits before there is one, and colours nothing', () => {
    const { meta, columns: found } = columns()
    expect((meta as EstimateMeta).status).toBe('waiting')
    expect((found['pipe_pressure'] as Float32Array).every(Number.isNaN)).toBe(true)
    expect(desk.pipePressure(NOW)).toBeUndefined()
    expect(desk.edge(pipeId(0), NOW)).toMatchObject({ at: null, pressure_from_pa: null, flow_m3_s: null })
    expect(() => desk.edge('nowhere', NOW)).toThrow('no pipe "nowhere"')
  })

  test('is given out by pipe, and forgotten when it is old', () => {
    const column = (of: (row: number) => number) => Float32Array.from({ length: pipes }, (_, row) => of(row))
    desk.takeEstimate({
      type: 'estimate',
      meta: {
        at: NOW,
        status: 'converged',
        misfit: 1,
        took_ms: 5,
        sensors: [],
        next_rtus: [],
        calibrated_at: null,
      },
      pipes: {
        pressureFrom: column((row) => 103_000 + row),
        pressureTo: column((row) => 102_990 + row),
        pressureSigma: column(() => 4),
        flow: column(() => -0.01),
        flowSigma: column(() => 0.001),
        velocity: column(() => -1.5),
        blind: new Uint8Array(pipes).fill(9),
      },
    })
    expect(desk.edge(pipeId(2), NOW + 60_000)).toMatchObject({
      pressure_from_pa: 103_002,
      pressure_to_pa: 102_992,
      pressure_sigma_pa: 4,
    })
    expect(desk.pipePressure(NOW)?.[2]).toBe(102_997)
    expect(desk.pipePressure(NOW + 16 * 60_000)).toBeUndefined()
    const etag = desk.columns(NOW).etag
    expect(desk.columns(NOW + 1).etag).toBe(etag)
  })
})
