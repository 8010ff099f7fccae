import type { JudgedIncident } from './judge-incidents.ts'
import type { LeakScenario } from './leak-scenario.ts'

const HOUR = 3_600_000
const SLACK = 0.5
const LIMIT = 8

/** The floor: a one-sided CUSUM of each zone's hourly inflow against the mean of the same hour on the days before; no place. */
export function naiveCusum(scenario: LeakScenario): JudgedIncident[] {
  const { network, rows, from, to } = scenario
  const hours = Math.floor((to - from) / HOUR)
  const found: JudgedIncident[] = []
  network.zones.ids.forEach((zone, z) => {
    const sum = new Float64Array(hours)
    for (const { edge, sign } of network.zones.inlets[z] ?? []) {
      const id = `rtu-f-${network.edges.ids[edge]}`
      const total = new Float64Array(hours)
      const count = new Float64Array(hours)
      for (const row of rows) {
        if (row.asset !== id) continue
        const hour = Math.floor((row.time - from) / HOUR)
        total[hour] = (total[hour] ?? 0) + row.value
        count[hour] = (count[hour] ?? 0) + 1
      }
      for (let hour = 0; hour < hours; hour++)
        sum[hour] = (sum[hour] as number) + (sign * (total[hour] as number)) / Math.max(1, count[hour] as number)
    }
    let level = 0
    const errors: number[] = []
    for (let hour = 48; hour < hours; hour++) {
      const past = [1, 2, 3, 4].map((day) => sum[hour - 24 * day]).filter((value) => value !== undefined)
      const error = (sum[hour] as number) - past.reduce((a, b) => a + b, 0) / past.length
      if (hour >= 96) {
        const sigma = Math.sqrt(errors.reduce((a, b) => a + b * b, 0) / errors.length)
        level = Math.max(0, level + error / sigma - SLACK)
        if (level > LIMIT) {
          level = 0
          const pipes = network.document.pipes.filter((_, i) => network.edges.zone[i] === z)
          found.push({
            kind: 'leak',
            state: 'confirmed',
            zone,
            detectedAt: from + (hour + 1) * HOUR,
            candidates: pipes.map((pipe) => ({ pipe: pipe.id, probability: 1 / pipes.length })),
            standardFlow: { p05: 0, p50: Math.max(0, error), p95: 4 * sigma },
          })
        }
      }
      errors.push(error)
    }
  })
  return found
}
