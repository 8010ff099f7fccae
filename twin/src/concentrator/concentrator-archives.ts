import { METER_KINDS } from '../network/meter-table.ts'
import type { Network } from '../network/network.ts'
import type { ConcentratorMeterRow } from '../network/network-document.ts'
import { type Medium, registerOf } from '../reading/register-of.ts'
import { type ArchivedMeter, type ConcentratorArchive, DAILY_PLAN } from './concentrator.ts'

/** The concentrators of a network document with what is behind them; meters without a device number cannot be read and are left out. */
export function concentratorArchives(network: Network): ConcentratorArchive[] {
  const rows = network.document.concentrators ?? []
  const numberOf = new Map(rows.map((row) => [row.id, Number(row.device_number)]))
  return rows.map((row) => {
    const collectors = row.collectors ?? []
    const meters = row.meters.flatMap((behind) => {
      const archived = archivedMeter(network, behind, collectors)
      return archived === undefined ? [] : [archived]
    })
    const first = network.meters.meterOf(row.meters[0]?.meter ?? '')
    const since = Date.parse(row.since ?? '')
    return {
      id: row.id,
      number: Number(row.device_number),
      lon: row.lon ?? network.meters.lon[first] ?? Number.NaN,
      lat: row.lat ?? network.meters.lat[first] ?? Number.NaN,
      zone: row.zone ?? network.zones.ids[network.meters.zone[first] ?? -1] ?? null,
      uplink: row.uplink ?? 'cellular',
      collectors,
      meters,
      neighbours: (row.neighbours ?? []).map((id) => numberOf.get(id) ?? Number.NaN),
      since: Number.isNaN(since) ? 0 : since,
    }
  })
}

function archivedMeter(
  { meters }: Network,
  behind: ConcentratorMeterRow,
  collectors: ConcentratorArchive['collectors'],
): ArchivedMeter | undefined {
  const row = meters.meterOf(behind.meter)
  const number = meters.device[row] ?? Number.NaN
  if (row < 0 || Number.isNaN(number)) return undefined
  const medium: Medium = METER_KINDS[meters.kind[row] ?? 0] ?? 'gas'
  const collector = collectors.findIndex(({ id }) => id === behind.collector) + 1
  return {
    number,
    protocol: behind.protocol ?? (medium === 'electricity' ? 'dlt645' : 'cjt188'),
    interface: behind.interface ?? collectors[collector - 1]?.interface ?? 'lora',
    collector,
    quantity: registerOf(medium, meters.corrector[row] === 1),
    plan: behind.plan ?? DAILY_PLAN,
  }
}
