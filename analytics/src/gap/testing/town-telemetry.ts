import { buildNetwork, type Network, parseNetwork } from '@gastwin/twin'
import { type GapScenario, type GapScenarioOptions, generateGapScenario } from '../../../../datasets/src/index.ts'
import type { Telemetry } from '../../telemetry/telemetry.ts'
import { TelemetryBuilder } from '../../telemetry/telemetry-builder.ts'

/** An invented town as the product sees it, and its truth. */
export interface Town {
  readonly network: Network
  readonly telemetry: Telemetry
  readonly truth: GapScenario['truth']
}

/** @param keep rows that have arrived; all when not given */
export function inventTown(
  options: GapScenarioOptions,
  keep: (row: GapScenario['rows'][number]) => boolean = () => true,
): Town {
  const scenario = generateGapScenario(options)
  const parsed = parseNetwork(scenario.document)
  if (!parsed.ok) throw new Error(`the invented town breaks rules: ${JSON.stringify(parsed.faults[0])}`)
  const builder = new TelemetryBuilder()
  for (const row of scenario.rows) {
    const fault = keep(row) ? builder.add(row.time, row.asset, row.quantity, row.value) : undefined
    if (fault !== undefined) throw new Error(fault)
  }
  return { network: buildNetwork(parsed.document), telemetry: builder.build(), truth: scenario.truth }
}
