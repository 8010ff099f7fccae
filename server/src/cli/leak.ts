import { type LeakIncident, replayLeaks } from '@gastwin/analytics'
import { UsageError } from '@gastwin/twin'
import { readNetworkFile } from '../config/network-file.ts'
import { readTelemetry } from '../telemetry/read-telemetry.ts'
import { EXIT, readOptions, type Verb } from './command-line.ts'

const USAGE =
  'gastwin leak NET --telemetry FILE [--json] [--all]   (--all also lists what was only suspected or dismissed)'
const FEW = 8

export const leak: Verb = {
  summary: 'find leaks and ruptures in an archive of telemetry: when, where, how large',
  usage: USAGE,
  run: async (args) => {
    const { values, positionals } = readOptions(
      args,
      {
        telemetry: { type: 'string' },
        json: { type: 'boolean', default: false },
        all: { type: 'boolean', default: false },
      } as const,
      USAGE,
    )
    const [file] = positionals
    if (file === undefined || values.telemetry === undefined)
      throw new UsageError('CLI_USAGE', `a network and --telemetry are needed (usage: ${USAGE})`)
    const network = await readNetworkFile(file)
    const { watch, unknown } = replayLeaks(network, await readTelemetry(values.telemetry))
    if (unknown > 0) console.error(`${unknown} rows name nothing of the network and were not used`)
    const found = watch.incidents().filter((incident) => values.all || isFound(incident))
    if (values.json) console.log(JSON.stringify(found.map(asJson), null, 1))
    else if (found.length === 0) console.log('no leak')
    else for (const incident of found) console.log(asText(incident))
    return EXIT.ok
  },
}

function isFound({ state }: LeakIncident): boolean {
  return state !== 'suspected' && state !== 'dismissed'
}

function asJson(incident: LeakIncident): object {
  const { kind, zone, candidates, standardFlow, evidence, state, id } = incident
  return {
    kind,
    detected_at: iso(incident.detectedAt),
    started_at: iso(incident.startedAt),
    zone,
    candidates: candidates.map(({ pipe, probability, position }) => ({
      pipe,
      probability: Math.floor(probability * 1e6) / 1e6,
      position: Math.round(position * 1000) / 1000,
    })),
    standard_flow_m3_s: standardFlow,
    id,
    state,
    suspected_at: iso(incident.suspectedAt),
    evidence: {
      log_odds: { balance: evidence.balance, pressure: evidence.pressure, total: evidence.total },
      standard_flow_m3_s: { by_forecast: evidence.byForecast, by_registers: evidence.byRegisters },
      pressure_hours: evidence.pressureHours,
      words: evidence.words,
    },
  }
}

function asText(incident: LeakIncident): string {
  const { p05, p50, p95 } = incident.standardFlow
  const hourly = (value: number): string => (value * 3600).toFixed(2)
  return [
    `${incident.kind} in ${incident.zone}, ${incident.state}: detected ${iso(incident.detectedAt)}, began about ${iso(incident.startedAt)}`,
    `  ${hourly(p50)} m³/h (90 %: ${hourly(p05)} … ${hourly(p95)})`,
    ...incident.candidates
      .slice(0, FEW)
      .map(
        (c) =>
          `  ${c.pipe.padEnd(14)} ${(100 * c.probability).toFixed(1)} %  at ${(100 * c.position).toFixed(0)} % of its length`,
      ),
    ...(incident.candidates.length > FEW ? [`  … ${incident.candidates.length - FEW} more`] : []),
    ...incident.evidence.words.map((words) => `  ${words}`),
  ].join('\n')
}

function iso(at: number | undefined): string | null {
  return at === undefined ? null : new Date(at).toISOString().replace('.000Z', 'Z')
}
