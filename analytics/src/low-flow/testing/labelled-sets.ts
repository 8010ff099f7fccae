import { type LowFlowSeries, scoreLowFlow } from '../score-low-flow.ts'
import { HOURLY_HOME, rowsOf } from './real-series.ts'
import { type LabelledHour, strangeHours, unremarkable } from './strange-hours.ts'

/** Households of the labelled water that were looked at. */
const WATER_DEVELOPED = ['s1', 's2'] as const

/** Anomalous hours of the labelled sets: how many events were met by a finding, and what was found beside them. */
export function labelledSets(): Record<string, string> {
  const out: Record<string, string> = {}
  const water = new Map<string, { time: number[]; value: number[]; marked: number[] }>()
  for (const [id = '', time = '', , meter = '', , label = ''] of rowsOf(
    'water_leak_simulated/water_hourly_labelled.csv.gz',
  )) {
    const one = water.get(id) ?? { time: [], value: [], marked: [] }
    water.set(id, one)
    const at = Date.parse(`${time}:00Z`)
    one.time.push(at + 3_600_000)
    one.value.push(Number(meter) / 1000)
    if (label === '1') one.marked.push(at)
  }
  out['labelled water hours'] = events(
    [...water].map(([id, one]) => ({ id, ...one, plan: { ...HOURLY_HOME, stepM3: 0.001 } })),
  )
  const gas = { time: [] as number[], value: [] as number[], marked: [] as number[] }
  let register = 0
  for (const row of rowsOf('uva_gas_hourly/uva_gas_hourly.csv.gz')) {
    const at = Date.parse(`${row[0]}:00Z`)
    register += Number(row[1])
    gas.time.push(at + 3_600_000)
    gas.value.push(register)
    if (row[7] === '1') gas.marked.push(at)
  }
  out['labelled gas hours'] = events([{ id: 'building', ...gas, plan: { ...HOURLY_HOME, home: false, stepM3: 1 } }])
  const strange = [2, 3, 4].map((above) => {
    const [met, of, beside] = strangeHours(labelledGas(), above)
    return `${met} of ${of} events from ${above} standard deviations on, ${beside} runs beside them in three years`
  })
  out['labelled gas, a rule of strange hours, every other event'] = strange.join('; ')
  const [low, of] = WATER_DEVELOPED.map((id) => unremarkable(labelledWater(id))).reduce((a, b) => [
    a[0] + b[0],
    a[1] + b[1],
  ])
  out[`labelled water, ${WATER_DEVELOPED.join(' and ')}`] =
    `${low} of ${of} marked hours hold no more than one hour in ten`
  return out
}

function labelledGas(): LabelledHour[] {
  return rowsOf('uva_gas_hourly/uva_gas_hourly.csv.gz').map((row) => ({
    ...{ at: Date.parse(`${row[0]}:00Z`), use: Number(row[1]) },
    ...{ temperatureC: Number(row[3]), marked: row[7] === '1' },
  }))
}

function labelledWater(id: string): LabelledHour[] {
  return rowsOf('water_leak_simulated/water_hourly_labelled.csv.gz')
    .filter((row) => row[0] === id)
    .map((row) => ({
      ...{ at: Date.parse(`${row[1]}:00Z`), use: Number(row[2]) },
      ...{ temperatureC: Number.NaN, marked: row[5] === '1' },
    }))
}

function events(series: readonly (LowFlowSeries & { readonly marked: readonly number[] })[]): string {
  let all = 0
  let met = 0
  let beside = 0
  const delays: string[] = []
  for (const [i, score] of scoreLowFlow(series).entries()) {
    const { marked } = series[i] as { marked: readonly number[] }
    const spans: { from: number; to: number }[] = []
    for (const at of marked) {
      const last = spans.at(-1)
      if (last !== undefined && at - last.to < 86_400_000) last.to = at + 3_600_000
      else spans.push({ from: at, to: at + 3_600_000 })
    }
    all += spans.length
    const touches = (f: (typeof score.findings)[number], span: { from: number; to: number }) =>
      f.since < span.to && (f.until ?? Number.POSITIVE_INFINITY) > span.from
    for (const span of spans) {
      const first = score.findings.filter((f) => touches(f, span)).sort((a, b) => a.toldAt - b.toldAt)[0]
      if (first === undefined) continue
      met++
      delays.push(`${((first.toldAt - span.from) / 3_600_000).toFixed(0)} h ${first.kind}`)
    }
    beside += score.findings.filter((f) => !spans.some((span) => touches(f, span))).length
  }
  return `${met} of ${all} events met (${delays.join(', ')}); ${beside} findings beside them at ${series.length} meters`
}
