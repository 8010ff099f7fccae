import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { printMeasure, printTicks } from '../format/numbers.ts'
import { printTick, printTime, ticksBetween } from '../format/time.ts'

export interface PlotLine {
  readonly label: string
  readonly color: string
  readonly dash?: readonly [number, number]
  readonly values: readonly (number | null)[]
}

/** The space between two lines, filled. */
export interface PlotBand {
  readonly first: number
  readonly second: number
  readonly fill: string
}

export interface PlotSpec {
  /** Unix ms, ascending. */
  readonly at: readonly number[]
  readonly lines: readonly PlotLine[]
  readonly bands: readonly PlotBand[]
  readonly unit: string
  readonly zone: string
  readonly from: number
  readonly to: number
  readonly readout: HTMLElement
}

export interface Plot {
  draw(spec: PlotSpec): void
  destroy(): void
}

const INK = { axis: '#a9b2ba', grid: '#3f464d' }
const FONT = '11px "Noto Sans SC", system-ui, sans-serif'

/** A time series on the city's clock, 24 h, one formatter for axis and readout. Follows the size of its parent. */
export function createPlot(parent: HTMLElement): Plot {
  let chart: uPlot | undefined
  let spec: PlotSpec | undefined
  const sized = new ResizeObserver(() => chart?.setSize(sizeOf(parent)))
  sized.observe(parent)
  return {
    draw(next) {
      const same = spec !== undefined && shapeOf(spec) === shapeOf(next)
      spec = next
      const columns = [next.at.map((t) => t / 1000), ...next.lines.map((l) => [...l.values])] as uPlot.AlignedData
      if (same && chart !== undefined) {
        chart.setData(columns, false)
        chart.batch(() => {
          chart?.setScale('x', { min: next.from / 1000, max: next.to / 1000 })
          chart?.redraw(true, true)
        })
        return
      }
      chart?.destroy()
      chart = new uPlot(
        optionsOf(next, sizeOf(parent), () => spec ?? next),
        columns,
        parent,
      )
    },
    destroy() {
      sized.disconnect()
      chart?.destroy()
    },
  }
}

const sizeOf = (parent: HTMLElement) => ({
  width: Math.max(80, parent.clientWidth),
  height: Math.max(40, parent.clientHeight),
})

/** What needs another chart when it changes; data and window do not. */
const shapeOf = (spec: PlotSpec) => JSON.stringify([spec.unit, spec.zone, spec.lines.map((l) => [l.label, l.color])])

function optionsOf(first: PlotSpec, size: { width: number; height: number }, spec: () => PlotSpec): uPlot.Options {
  let stepMs = 3_600_000
  const axis = { stroke: INK.axis, font: FONT, grid: { stroke: INK.grid, width: 1 }, ticks: { show: false } }
  return {
    ...size,
    legend: { show: false },
    cursor: { drag: { x: false, y: false }, points: { size: 6 }, y: false },
    scales: {
      x: { time: false, min: first.from / 1000, max: first.to / 1000 },
      y: { range: (_, min, max) => padded(min, max) },
    },
    series: [
      {},
      ...first.lines.map((line) => ({
        label: line.label,
        stroke: line.color,
        width: 1.6,
        spanGaps: false,
        ...(line.dash === undefined ? {} : { dash: [...line.dash] }),
        points: { show: false },
      })),
    ],
    bands: first.bands.map(({ first: a, second: b, fill }) => ({
      series: [a + 1, b + 1] as uPlot.Band.Bounds,
      fill,
    })),
    axes: [
      {
        ...axis,
        size: 22,
        gap: 2,
        splits: (_, __, min, max) => {
          const found = ticksBetween(min * 1000, max * 1000, spec().zone, Math.max(2, Math.floor(size.width / 70)))
          stepMs = found.stepMs
          return found.ticks.map((at) => at / 1000)
        },
        values: (_, splits) => splits.map((s) => printTick(s * 1000, spec().zone, stepMs)),
      },
      { ...axis, size: 58, gap: 4, space: 18, values: (_, splits) => [...printTicks(splits)] },
    ],
    hooks: { setCursor: [(chart) => showReadout(chart, spec())] },
  }
}

function padded(min: number | null, max: number | null): [number, number] {
  if (min === null || max === null || !Number.isFinite(min) || !Number.isFinite(max)) return [0, 1]
  const room = max === min ? Math.max(1e-6, Math.abs(max) * 0.05) : (max - min) * 0.1
  return [min >= 0 && min - room < 0 ? 0 : min - room, max + room]
}

function showReadout(chart: uPlot, { at, lines, unit, zone, readout }: PlotSpec): void {
  const i = chart.cursor.idx
  if (i === null || i === undefined || chart.cursor.left === undefined || chart.cursor.left < 0) {
    readout.textContent = ''
    readout.hidden = true
    return
  }
  const values = lines.map((l) => `${l.label} ${printMeasure(l.values[i])}`).join(' · ')
  readout.textContent = `${printTime(at[i], zone, at.at(-1))} · ${values} ${unit}`
  readout.hidden = false
}
