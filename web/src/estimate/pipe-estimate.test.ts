import { type EstimateMeta, encodeColumns } from '@gastwin/server/contract'
import { describe, expect, test } from 'vitest'
import { doubtsOf, readEstimate } from './pipe-estimate.ts'

const NOW = 1_795_185_184_000
const META: EstimateMeta = {
  snapshot: 3,
  at: NOW - 60_000,
  status: 'converged',
  misfit: 1.1,
  took_ms: 41,
  sensors: [],
  next_rtus: [],
  calibrated_at: null,
}

const body = (change: Record<string, Float32Array | Uint8Array> = {}) => {
  const three = (x: number) => Float32Array.of(x, Number.NaN, -x)
  const columns = {
    pipe_pressure: three(103_000),
    pipe_pressure_sigma: three(20),
    pipe_flow: three(0.1),
    pipe_flow_sigma: three(0.01),
    pipe_velocity: three(4),
    pipe_blind: Uint8Array.of(0, 128, 255),
    pipe_leak: three(0),
    ...change,
  }
  return encodeColumns(columns, META).buffer as ArrayBuffer
}

describe('the body of an estimate', () => {
  test('gives its columns and what is said about it', () => {
    const { meta, pressure, flow, blind } = readEstimate(body())
    expect(meta).toEqual(META)
    expect([...pressure]).toEqual([103_000, Number.NaN, -103_000])
    expect(flow[0]).toBeCloseTo(0.1)
    expect([...blind]).toEqual([0, 128, 255])
  })

  test('is refused when a column is missing, of another type or of another length', () => {
    expect(() => readEstimate(new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8]).buffer)).toThrow(RangeError)
    expect(() => readEstimate(body({ pipe_flow: new Uint8Array(3) }))).toThrow(RangeError)
    expect(() => readEstimate(body({ pipe_flow: new Float32Array(2) }))).toThrow(RangeError)
    expect(() => readEstimate(body({ pipe_blind: new Float32Array(3) }))).toThrow(RangeError)
  })
})

describe('an estimate is doubted', () => {
  test('not while it is fresh, converged and fits', () => {
    expect(doubtsOf(META, NOW)).toEqual([])
    expect(doubtsOf({ ...META, misfit: null }, NOW)).toEqual([])
  })

  test('after a quarter of an hour of event time, when it did not converge, and when it does not fit', () => {
    expect(doubtsOf(META, META.at + 15 * 60_000 + 1)).toEqual(['old'])
    expect(doubtsOf({ ...META, misfit: 3.2 }, NOW)).toEqual(['misfit'])
    expect(doubtsOf({ ...META, status: 'stalled', misfit: 9 }, NOW + 3_600_000)).toEqual(['stalled', 'old', 'misfit'])
    expect(doubtsOf({ ...META, status: 'waiting' }, NOW + 3_600_000)).toEqual(['waiting'])
  })
})
