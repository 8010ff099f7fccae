import { radioPlace } from '../radio/signal.ts'
import { combine, type ScenarioPlan } from './scenario-plan.ts'
import { dice, type Stage } from './stage.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR

export function rtuDrift(s: Stage): ScenarioPlan {
  const random = dice(s, 8)
  const inlets = new Set(s.document.regulators.map((r) => r.id))
  const flow = random.pick(s.document.rtus.filter((r) => inlets.has(r.at)))
  const end = random.pick(s.document.rtus.filter((r) => r.channels.length === 1))
  const drifts = [
    { rtu: flow.id, from: s.start, pressurePaPerDay: 0, flowSharePerDay: 0.04 },
    { rtu: end.id, from: s.start, pressurePaPerDay: -90, flowSharePerDay: 0 },
  ]
  return combine({
    drifts,
    truth: drifts.map((d) => ({
      ...d,
      at: d.from,
      event: 'rtu_drift',
      asset: d.rtu,
      zone: s.document.rtus.find((r) => r.id === d.rtu)?.zone ?? '',
    })),
  })
}

export function cellOffline(s: Stage): ScenarioPlan {
  const count = new Map<number, number>()
  for (const m of s.document.meters) {
    const { pci } = radioPlace(s.seed, Number(m.id), m.lon ?? 0, m.lat ?? 0, m.placement === 'indoor')
    count.set(pci, (count.get(pci) ?? 0) + 1)
  }
  const [pci, meters] = [...count].reduce((best, c) => (c[1] > best[1] ? c : best))
  const from = s.live + HOUR
  const until = from + 1.25 * DAY
  return combine({
    silentCells: [{ pci, from, until }],
    truth: [{ at: from, event: 'cell_offline', pci, meters, until }],
  })
}
