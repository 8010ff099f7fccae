import type { NetworkDocument } from '@gastwin/twin'

/** One row of exported telemetry. */
export interface Row {
  readonly at: number
  readonly asset: string
  readonly quantity: string
  readonly value: number
}

export function parseTelemetry(csv: string): Row[] {
  const [head, ...lines] = csv.trimEnd().split('\n')
  if (head !== 'time,asset,quantity,value') throw new Error(`head of the export: ${head}`)
  return lines.map((line) => {
    const [time = '', asset = '', quantity = '', value = ''] = line.split(',')
    return { at: Date.parse(time), asset, quantity, value: Number(value) }
  })
}

export interface Sums {
  supply: number
  sales: number
}

/**
 * Supply and sales per zone by the plain words of their definition, from raw readings: nothing of the product takes part.
 * Sales: last register up to the end minus last register up to the begin, or minus the first of all when there is none.
 * Supply: Σ sign · flow · 60 s over the minutes whose end lies after the begin and not after the end; the first word counts.
 * @param from, to Unix ms, full hours
 */
export function recompute(network: NetworkDocument, rows: readonly Row[], from: number, to: number): Map<string, Sums> {
  const sums = new Map<string, Sums>(network.zones.map((zone) => [zone.id, { supply: 0, sales: 0 }]))
  const byAsset = new Map<string, Row[]>()
  for (const row of rows) {
    const key = `${row.asset}/${row.quantity}`
    const known = byAsset.get(key)
    if (known === undefined) byAsset.set(key, [row])
    else known.push(row)
  }
  for (const meter of network.meters) {
    const quantity = meter.corrector === true ? 'standard_index_m3' : 'index_m3'
    const readings = [...(byAsset.get(`${meter.id}/${quantity}`) ?? [])].sort((a, b) => a.at - b.at)
    const end = readings.findLast((r) => r.at <= to)
    const begin = readings.findLast((r) => r.at <= from) ?? readings[0]
    const zone = sums.get(meter.zone ?? '')
    if (zone === undefined || end === undefined || begin === undefined || end.at <= begin.at) continue
    zone.sales += end.value - begin.value
  }
  for (const zone of network.zones) {
    const sum = sums.get(zone.id)
    for (const { edge, sign } of zone.inlets) {
      const rtu = network.rtus.find((r) => r.at === edge && r.channels.includes('flow'))
      const minutes = new Map<number, number>()
      for (const { at, value } of byAsset.get(`${rtu?.id}/standard_flow_m3_s`) ?? []) {
        const end = Math.round(at / 60_000) * 60_000
        if (end > from && end <= to && !minutes.has(end)) minutes.set(end, value)
      }
      if (sum !== undefined) for (const value of minutes.values()) sum.supply += sign * value * 60
    }
  }
  return sums
}
