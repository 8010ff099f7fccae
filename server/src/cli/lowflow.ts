import { writeFile } from 'node:fs/promises'
import {
  type Cadence,
  LOW_FLOW_KINDS,
  type LowFlowScore,
  type LowFlowSeries,
  meterSize,
  registerStep,
  scoreLowFlow,
} from '@gastwin/analytics'
import { METER_CLASSES, type Network, UsageError } from '@gastwin/twin'
import { readNetworkFile } from '../config/network-file.ts'
import { EXIT, numberOption, readOptions, type Verb } from './command-line.ts'
import { type RegisterReadings, readRegisters } from './lowflow-input.ts'
import { readHeating } from './lowflow-premises.ts'

const USAGE =
  'gastwin lowflow score --input FILE [--network NET] [--premises FILE] [--unit m3|L] [--registers] [--utc-offset HOURS] [--business] [--step M3] [--out FILE] [--json]'

export const lowflow: Verb = {
  summary:
    'find what flows all the time, dead meters, meters of the wrong size: one row a finding, with its probability',
  usage: USAGE,
  run: async (args) => {
    const { values, positionals } = readOptions(
      args,
      {
        input: { type: 'string' },
        network: { type: 'string' },
        premises: { type: 'string' },
        unit: { type: 'string', default: 'm3' },
        registers: { type: 'boolean', default: false },
        'utc-offset': { type: 'string' },
        business: { type: 'boolean', default: false },
        step: { type: 'string' },
        out: { type: 'string' },
        json: { type: 'boolean', default: false },
      } as const,
      USAGE,
    )
    if (positionals[0] !== 'score' || values.input === undefined) throw new UsageError('CLI_USAGE', `usage: ${USAGE}`)
    if (values.unit !== 'm3' && values.unit !== 'L')
      throw new UsageError('CLI_USAGE', `--unit is "${values.unit}", expected m3 or L`)
    const network = values.network === undefined ? undefined : await readNetworkFile(values.network)
    const offsetH =
      values['utc-offset'] === undefined ? undefined : numberOption('utc-offset', values['utc-offset'], -14, 14)
    const stepM3 = values.step === undefined ? undefined : numberOption('step', values.step, 1e-6, 1000)
    const registers = await readRegisters(values.input, {
      unitM3: values.unit === 'L' ? 0.001 : 1,
      wideRegisters: values.registers,
      utcOffsetMs: (offsetH ?? 0) * 3_600_000,
    })
    const heated = values.premises === undefined ? new Map<string, boolean>() : await readHeating(values.premises)
    const offset = offsetH === undefined ? offsetOf(network) : () => offsetH * 3_600_000
    const meters = registers
      .filter(({ time }) => time.length > 2)
      .map((one) => seriesFor(one, network, offset, values.business, stepM3))
      .map((one) => ({ ...one, plan: { ...one.plan, heated: heated.get(one.id) } }))
    const scores = scoreLowFlow(meters)
    const summary = summarise(meters, scores, registers.length)
    if (values.out !== undefined) await writeFile(values.out, csv(scores))
    if (values.json) console.log(JSON.stringify({ findings: rows(scores), summary }))
    else {
      if (values.out === undefined) process.stdout.write(csv(scores))
      console.log(
        Object.entries(summary)
          .map(([key, value]) => `# ${key}: ${value}`)
          .join('\n'),
      )
    }
    return EXIT.ok
  },
}

function seriesFor(
  { id, time, value }: RegisterReadings,
  network: Network | undefined,
  utcOffsetMs: (at: number) => number,
  business: boolean,
  stepM3: number | undefined,
): LowFlowSeries {
  const row = network === undefined ? -1 : network.meters.meterOf(id)
  const table = network?.meters
  const known = table !== undefined && row >= 0
  const home = known ? table.class[row] === METER_CLASSES.indexOf('residential') : !business
  const size = known ? table.words.size[table.size[row] ?? 0] : undefined
  return {
    id,
    time,
    value,
    plan: {
      home,
      cadence: cadenceOf(time),
      stepM3: stepM3 ?? registerStep(value),
      size: size === undefined || size === '' ? undefined : meterSize(size),
      utcOffsetMs,
    },
  }
}

function cadenceOf(time: readonly number[]): Cadence {
  const gaps = time.slice(1).map((at, i) => at - (time[i] as number))
  gaps.sort((a, b) => a - b)
  return (gaps[gaps.length >> 1] ?? 0) <= 4 * 3_600_000 ? 'hourly' : 'daily'
}

function offsetOf(network: Network | undefined): (at: number) => number {
  if (network === undefined) return () => 0
  const zone = network.timeZone
  const text = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' })
  const known = new Map<number, number>()
  return (at) => {
    const day = Math.floor(at / 86_400_000)
    let offset = known.get(day)
    if (offset === undefined) {
      const match = /GMT([+-])(\d{2}):(\d{2})/.exec(text.format(at))
      offset = match === null ? 0 : (match[1] === '-' ? -1 : 1) * (Number(match[2]) * 60 + Number(match[3])) * 60_000
      known.set(day, offset)
    }
    return offset
  }
}

function rows(scores: readonly LowFlowScore[]) {
  return scores.flatMap(({ id, findings }) =>
    findings.map(({ kind, since, until, toldAt, flowM3H, probability, explanation }) => ({
      id,
      kind,
      since: new Date(since).toISOString(),
      until: until === null ? null : new Date(until).toISOString(),
      told_at: new Date(toldAt).toISOString(),
      flow_m3_h: flowM3H,
      probability: Math.round(probability * 1e4) / 1e4,
      explanation,
    })),
  )
}

function csv(scores: readonly LowFlowScore[]): string {
  const number = (value: number | undefined) => (value === undefined ? '' : String(Number(value.toPrecision(3))))
  const lines = rows(scores).map((r) =>
    [
      /[",]/.test(r.id) ? `"${r.id.replaceAll('"', '""')}"` : r.id,
      r.kind,
      r.since,
      r.until ?? '',
      r.told_at,
      number(r.flow_m3_h?.p05),
      number(r.flow_m3_h?.p50),
      number(r.flow_m3_h?.p95),
      r.probability,
      `"${r.explanation.replaceAll('"', '""')}"`,
    ].join(','),
  )
  const head = 'id,kind,since,until,told_at,flow_m3_h_p05,flow_m3_h_p50,flow_m3_h_p95,probability,explanation'
  return `${[head, ...lines].join('\n')}\n`
}

function summarise(
  meters: readonly LowFlowSeries[],
  scores: readonly LowFlowScore[],
  all: number,
): Readonly<Record<string, number>> {
  const months = meters.reduce(
    (sum, { time }) => sum + ((time[time.length - 1] as number) - (time[0] as number)) / 2_629_800_000,
    0,
  )
  const counts = LOW_FLOW_KINDS.map(
    (kind) =>
      [kind, scores.reduce((sum, { findings }) => sum + findings.filter((f) => f.kind === kind).length, 0)] as const,
  )
  return {
    meters: meters.length,
    meters_with_too_few_readings: all - meters.length,
    meter_months: Math.round(months * 10) / 10,
    readings: scores.reduce((sum, { reads }) => sum + reads, 0),
    register_faults: scores.reduce((sum, { faults }) => sum + faults, 0),
    meters_with_findings: scores.filter(({ findings }) => findings.length > 0).length,
    ...Object.fromEntries(counts),
  }
}
