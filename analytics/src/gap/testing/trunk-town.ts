import { buildNetwork, type NetworkDocument, parseNetwork } from '@gastwin/twin'
import { type GapScenario, type GapScenarioOptions, generateGapScenario } from '../../../../datasets/src/index.ts'
import { TelemetryBuilder } from '../../telemetry/telemetry-builder.ts'
import type { Town } from './town-telemetry.ts'

/** Part of what the town takes that comes by the first of its two gates. */
const FIRST_GATE = 0.6

/**
 * An invented town whose districts hang on a trunk, the zone MP without customers: two gates feed it, the districts' inlets leave it.
 * What its gates carry is what the inlets say they pass on.
 * @param keep rows that have arrived
 */
export function inventTrunkTown(
  options: GapScenarioOptions,
  keep: (row: GapScenario['rows'][number]) => boolean,
): Town {
  const { document, rows, truth } = generateGapScenario(options)
  const parsed = parseNetwork(onTrunk(document))
  if (!parsed.ok) throw new Error(`the invented town breaks rules: ${JSON.stringify(parsed.faults[0])}`)
  const builder = new TelemetryBuilder()
  const passed = new Map<number, Map<string, number>>()
  const add = (row: GapScenario['rows'][number]) => {
    const fault = keep(row) ? builder.add(row.time, row.asset, row.quantity, row.value) : undefined
    if (fault !== undefined) throw new Error(fault)
  }
  for (const row of rows) {
    add(row)
    if (!row.asset.startsWith('rtu-inlet-')) continue
    const hour = passed.get(row.time) ?? new Map<string, number>()
    passed.set(row.time, hour.set(row.asset, row.value))
  }
  for (const [time, inlets] of passed) {
    // Where an inlet was not heard nobody can tell what the gates passed on to it.
    if (inlets.size < document.zones.length) continue
    const sum = [...inlets.values()].reduce((total, value) => total + value, 0)
    add({ time, asset: 'rtu-feed-1', quantity: 'standard_flow_m3_s', value: FIRST_GATE * sum })
    add({ time, asset: 'rtu-feed-2', quantity: 'standard_flow_m3_s', value: (1 - FIRST_GATE) * sum })
  }
  return { network: buildNetwork(parsed.document), telemetry: builder.build(), truth }
}

function onTrunk(town: NetworkDocument): NetworkDocument {
  const gates = town.nodes.filter(({ kind }) => kind === 'gate_station').map(({ id }) => id)
  const pipe = (id: string, from: string, to: string) => ({
    ...{ id, from, to, length_m: 1000, diameter_m: 0.3, roughness_m: 0.0001 },
  })
  const feeds = ['feed-1', 'feed-2']
  return {
    ...town,
    nodes: [
      ...town.nodes.map((node) =>
        gates.includes(node.id) ? { ...node, kind: 'junction' as const, zone: 'MP' } : node,
      ),
      ...feeds.map((id) => ({ id: `source-${id}`, kind: 'gate_station' as const, zone: null })),
    ],
    pipes: [
      ...town.pipes,
      ...feeds.map((id, k) => pipe(id, `source-${id}`, gates[k] ?? '')),
      ...gates.slice(1).map((gate, k) => pipe(`trunk-${k + 1}`, gates[k] ?? '', gate)),
    ],
    sources: feeds.map((id) => ({ node: `source-${id}`, pressure_pa: 400_000, temperature_k: 283.15 })),
    zones: [
      {
        id: 'MP',
        name: 'trunk',
        inlets: [
          ...feeds.map((edge) => ({ edge, sign: 1 as const })),
          ...gates.map((_, k) => ({ edge: `inlet-${k + 1}`, sign: -1 as const })),
        ],
      },
      ...town.zones,
    ],
    rtus: [
      ...town.rtus,
      ...feeds.map((id) => ({ id: `rtu-${id}`, at: id, channels: ['flow' as const], sample: 'mean' as const })),
    ],
  }
}
