import { describe, expect, test } from 'vitest'
import { type SketchGeometry, zoneSketch } from './zone-sketch.ts'

/** Two zones side by side: a street of 1 km to the east with a branch to the north, and a pipe far away. */
const geometry: SketchGeometry = {
  meta: { origin: [104, 30] },
  zoneNumber: new Map([
    ['Z-01', 0],
    ['Z-02', 1],
    ['Z-03', 2],
  ]),
  pipes: {
    segments: Float32Array.of(0, 0, 0.01, 0, 0.005, 0, 0.005, 0.004, 0.01, 0, 0.0102, 0, 2, 2, 2.01, 2),
    segmentPipe: Uint32Array.of(0, 1, 2, 3),
    diameter: Float32Array.of(0.1, 0.1, 0.1, 0.1),
    tier: Uint8Array.of(1, 0, 0, 0),
    zone: Uint16Array.of(0, 0, 1, 1),
  },
  streets: { xy: Float32Array.of(0, 0.001, 0.01, 0.001), class: Uint8Array.of(0) },
  stations: { xy: Float32Array.of(0, 0, 2, 2) },
}
const marks = [
  { rank: 1, lon: 104.005, lat: 30.004 },
  { rank: 2, lon: 104.01, lat: 30 },
]
const count = (svg: string, what: string) => svg.split(what).length - 1

describe('the sketch of a zone', () => {
  test('shows its pipes by pressure, its neighbours that reach in, and nothing of what lies far away', () => {
    const { svg } = zoneSketch(geometry, 'Z-01', [], 800) ?? { svg: '' }
    const line = (colour: string) => new RegExp(`<path d="([^"]*)"[^>]*stroke="${colour}"`).exec(svg)?.[1] ?? ''
    expect(count(line('#2f4a63'), 'M')).toBe(1)
    expect(count(line('#4a6076'), 'M')).toBe(1)
    expect(count(line('#ccd3d9'), 'M')).toBe(1)
    expect(count(svg, 'width="8"')).toBe(1)
  })

  test('keeps lengths the same in both directions, with north up, and tells the scale', () => {
    const { svg, height } = zoneSketch(geometry, 'Z-01', [], 800) ?? { svg: '', height: 0 }
    const [, x1, y1, x2, y2] = (
      /M([\d.]+) ([\d.]+)L([\d.]+) ([\d.]+)/.exec(/d="([^"]*)"[^>]*#4a6076/.exec(svg)?.[1] ?? '') ?? []
    ).map(Number)
    const [, a, , b] = (/M([\d.]+) ([\d.]+)L([\d.]+) /.exec(/d="([^"]*)"[^>]*#2f4a63/.exec(svg)?.[1] ?? '') ?? []).map(
      Number,
    )
    expect(x1).toBe(x2)
    expect(y2).toBeLessThan(y1 ?? 0)
    const east = ((b ?? 0) - (a ?? 0)) / (0.01 * Math.cos((30 * Math.PI) / 180))
    expect(((y1 ?? 0) - (y2 ?? 0)) / 0.004).toBeCloseTo(east, -3)
    expect(height).toBeLessThan(0.63 * 800)
    expect(svg).toContain('>100 m<')
  })

  test('marks suspects with their place in the list, the first one uppermost', () => {
    const { svg } = zoneSketch(geometry, 'Z-01', marks, 800) ?? { svg: '' }
    expect(svg.indexOf('>2</text>')).toBeGreaterThan(0)
    expect(svg.indexOf('>1</text>')).toBeGreaterThan(svg.indexOf('>2</text>'))
  })

  test('a zone that runs north fits the page', () => {
    const tall = {
      ...geometry,
      pipes: { ...geometry.pipes, segments: Float32Array.of(0, 0, 0, 0.05, 0, 0, 0.001, 0, 9, 9, 9, 9, 9, 9, 9, 9) },
    }
    const sketch = zoneSketch(tall, 'Z-01', [], 800)
    expect(sketch?.height).toBeLessThan(0.63 * 800)
  })

  test('there is none of a zone without pipes or without a name on the map', () => {
    expect(zoneSketch(geometry, 'Z-03', marks, 800)).toBeUndefined()
    expect(zoneSketch(geometry, 'Z-99', marks, 800)).toBeUndefined()
  })
})
