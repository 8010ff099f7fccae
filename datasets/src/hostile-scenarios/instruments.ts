import type { NetworkDocument, Report } from '@gastwin/twin'
import { unitHash } from '../seeded-random.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
/** Share of the RTUs that send every minute by itself. */
const EVERY_MINUTE = 0.3

/** What remote valves say by themselves: that they are there, each hour from the first minute on. */
export function* valveHeartbeats(
  { valves }: NetworkDocument,
  seed: number,
  start: number,
  end: number,
): Generator<{ readonly at: number; readonly report: Report }> {
  const numbers = valves.flatMap((v) => (v.actuator === 'remote' && v.device_number != null ? [v.device_number] : []))
  for (const [i, number] of numbers.entries()) {
    let at = start + unitHash(seed, 711, i) * HOUR
    for (let sequence = 1; at < end; sequence++) {
      const trigger = sequence === 1 ? 'registration' : 'timed'
      yield {
        at,
        report: {
          ...{
            device: Number(number),
            kind: 'valve',
            trigger,
            deviceTime: Math.round(at),
            sequence: sequence % 65_536,
          },
          ...{ readings: [], events: [], status: { valve: 'open', servicePort: 50_000 + i } },
        },
      }
      at += HOUR + unitHash(seed, 712, i, sequence) * 5_000
    }
  }
}

/** An RTU's report as it sends it: what it kept, or each minute by itself. */
export function rtuReports(report: Report, seed: number): readonly Report[] {
  const instants = [...new Set(report.readings.map(({ at }) => at))].sort((a, b) => a - b)
  if (report.trigger !== 'timed' || instants.length < 2 || unitHash(seed, 713, report.device) >= EVERY_MINUTE)
    return [report]
  return instants.map((at) => ({
    ...{ ...report, deviceTime: at, sequence: Math.round(at / MINUTE) % 65_536 },
    readings: report.readings.filter((reading) => reading.at === at),
  }))
}
