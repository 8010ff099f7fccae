import { buildNetwork, type Network, parseNetwork, type Quantity, type Report } from '@gastwin/twin'
import type { GapScenario, GapScenarioOptions } from '../../../../datasets/src/gap-scenarios/gap-scenario.ts'
import { generateGapScenario } from '../../../../datasets/src/gap-scenarios/generate-gap-scenario.ts'

/** A town whose telemetry comes as reports of its devices, and its truth. */
export interface LivedTown {
  readonly network: Network
  /** In order of the devices' time. */
  readonly reports: readonly Report[]
  readonly truth: GapScenario['truth']
}

const FIRST_METER = 20_260_000_000_000
const FIRST_RTU = 20_269_000_000_000

/** An invented town with device numbers: each row of its telemetry is a report of one reading. */
export function liveTown(options: GapScenarioOptions): LivedTown {
  const scenario = generateGapScenario(options)
  const numbers = new Map(scenario.document.meters.map(({ id }, i) => [id, FIRST_METER + i]))
  const rtuNumbers = new Map(scenario.document.rtus.map(({ id }, i) => [id, FIRST_RTU + i]))
  const parsed = parseNetwork({
    ...scenario.document,
    meters: scenario.document.meters.map((meter) => ({ ...meter, id: String(numbers.get(meter.id)) })),
    rtus: scenario.document.rtus.map((rtu) => ({ ...rtu, device_number: String(rtuNumbers.get(rtu.id)) })),
  })
  if (!parsed.ok) throw new Error(`the invented town breaks rules: ${JSON.stringify(parsed.faults[0])}`)
  const rename = <T extends { readonly meter: string }>(one: T): T => ({
    ...one,
    meter: String(numbers.get(one.meter)),
  })
  return {
    network: buildNetwork(parsed.document),
    reports: scenario.rows.map(({ time, asset, quantity, value }) => {
      const meter = numbers.get(asset)
      const device = meter ?? rtuNumbers.get(asset.replace('rtu:', '')) ?? 0
      return reportOf(device, meter === undefined ? 'rtu' : 'meter', { quantity, at: time, value })
    }),
    truth: {
      ...scenario.truth,
      thefts: scenario.truth.thefts.map(rename),
      stoppedMeters: scenario.truth.stoppedMeters.map(rename),
    },
  }
}

export function reportOf(
  device: number,
  kind: Report['kind'],
  reading: { readonly quantity: Quantity; readonly at: number; readonly value: number },
  more: Partial<Report> = {},
): Report {
  const { at } = reading
  return {
    ...{ device, kind, trigger: 'timed', deviceTime: at, sequence: -1, readings: [reading], events: [], status: {} },
    ...more,
  } as Report
}
