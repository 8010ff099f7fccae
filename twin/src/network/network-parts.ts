import { buildNetwork } from './build-network.ts'
import type { Fault } from './fault.ts'
import { isRow } from './field-rules.ts'
import type { MeterColumns } from './meter-columns.ts'
import { MeterTableBuilder } from './meter-table.ts'
import type { Network } from './network.ts'
import type { Meter, NetworkDocument } from './network-document.ts'
import { DocumentCheck } from './parse-network.ts'

/**
 * A network whose meters come in parts, because millions of them do not fit into one JSON text: the document first (its own
 * `meters` may be empty), then rows of meters, then `finish`.
 */
export class NetworkParts {
  readonly #document: unknown
  readonly #check: DocumentCheck
  readonly #meters: MeterTableBuilder
  #seen = 0

  /** @param expectedMeters avoids growing */
  constructor(document: unknown, expectedMeters = 1024) {
    this.#document = document
    this.#check = new DocumentCheck(document)
    const { nodes, zones } = this.#check.known
    const zoneOfNode = new Int32Array(nodes.size).fill(-1)
    this.#check.rows('nodes', false).forEach((row, node) => {
      if (isRow(row) && typeof row['zone'] === 'string') zoneOfNode[node] = zones.get(row['zone']) ?? -1
    })
    this.#meters = new MeterTableBuilder(nodes, zones, expectedMeters, zoneOfNode)
    this.addMeters(this.#check.rows('meters', true))
  }

  addMeters(rows: readonly unknown[]): void {
    const { faults } = this.#check
    for (const row of rows) {
      const before = faults.count
      this.#check.meters([row], this.#seen, (id) => this.#meters.meterOf(id) >= 0)
      if (faults.count === before) this.#meters.add(row as Meter)
      this.#seen += 1
    }
  }

  /** Meters as columns: some seconds for 10 million. Their faults are listed as those of rows. */
  addMeterColumns(part: MeterColumns): void {
    this.#meters.addColumns(part, this.#check.faults)
    const [first, end] = [this.#seen, this.#seen + part.number.length]
    this.#seen = end
    for (const [device, owner] of this.#check.devices) {
      const row = this.#meters.meterOf(device)
      if (row < first || row >= end) continue
      const where = `meters[${row}] "${device}".id`
      this.#check.faults.add(where, `device number ${device} is also that of ${owner}`, 'its own number')
    }
  }

  /** All faults of all parts, or the compiled network. */
  finish():
    | { readonly ok: true; readonly network: Network }
    | { readonly ok: false; readonly faults: readonly Fault[] } {
    const { faults } = this.#check
    this.#check.concentrators((id) => this.#meters.meterOf(id) >= 0)
    if (faults.count > 0) return { ok: false, faults: faults.list() }
    const document = { ...(this.#document as NetworkDocument), meters: [] }
    return { ok: true, network: buildNetwork(document, this.#meters.build()) }
  }
}
