import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type NetworkDocument, NetworkParts, parseNetwork } from '@gastwin/twin'
import { describe, expect, test } from 'vitest'
import { generateCity, meterDocument } from './generate-city.ts'
import { type MetersFile, readMeterColumns, writeMeterColumns } from './meter-columns.ts'
import { shortestPaths } from './shortest-path.ts'
import { smallCity } from './small-city.ts'
import { buildCity } from './write-city.ts'

const city = buildCity({ meters: 20_000, seed: 1 })
const { network } = city

/** Node ids reached from some nodes over pipes and open edges of the wanted kinds. */
function reached(
  doc: NetworkDocument,
  from: readonly string[],
  without: ReadonlySet<string>,
  regulators = true,
): Set<string> {
  const index = new Map(doc.nodes.map((n, i) => [n.id, i]))
  const arcs: { to: number; length: number; edge: number }[][] = doc.nodes.map(() => [])
  const join_ = (e: { id: string; from: string; to: string }, both: boolean): void => {
    if (without.has(e.id)) return
    const [a, b] = [index.get(e.from) ?? -1, index.get(e.to) ?? -1]
    arcs[a]?.push({ to: b, length: 1, edge: 0 })
    if (both) arcs[b]?.push({ to: a, length: 1, edge: 0 })
  }
  for (const p of doc.pipes) join_(p, true)
  for (const v of doc.valves) if (v.open) join_(v, true)
  if (regulators) for (const r of doc.regulators) join_(r, false)
  const tree = shortestPaths(
    arcs,
    from.map((id) => index.get(id) ?? -1),
  )
  return new Set(tree.order.map((i) => doc.nodes[i]?.id ?? ''))
}

describe('an invented city', () => {
  test('is a valid network document', () => {
    const parsed = parseNetwork(network)
    expect(parsed.ok ? [] : parsed.faults.slice(0, 5)).toEqual([])
  })
  test('is the same for the same seed and another for another seed', () => {
    expect(JSON.stringify(smallCity(5))).toBe(JSON.stringify(smallCity(5)))
    expect(JSON.stringify(smallCity(6).network)).not.toBe(JSON.stringify(smallCity(5).network))
  })
  test('has exactly the meters asked for, with unique 14-digit numbers', () => {
    expect(network.meters.length).toBe(20_000)
    const ids = new Set(network.meters.map((m) => m.id))
    expect(ids.size).toBe(20_000)
    expect([...ids].every((id) => /^[1-9]\d{13}$/.test(id))).toBe(true)
    expect(smallCity(3).network.meters.length).toBe(500)
  })
  test('has twelve districts and the trunks, each with metered inlets, and a size hydraulics can chew', () => {
    expect(network.zones.length).toBe(13)
    expect(network.zones.every((z) => z.inlets.length > 0)).toBe(true)
    const edges = new Set([...network.pipes, ...network.regulators].map((e) => e.id))
    expect(network.zones.flatMap((z) => z.inlets).every((i) => edges.has(i.edge))).toBe(true)
    const measured = new Set(network.rtus.filter((r) => r.channels.includes('flow')).map((r) => r.at))
    expect(network.zones.flatMap((z) => z.inlets).every((i) => measured.has(i.edge))).toBe(true)
    expect(network.nodes.length).toBeGreaterThan(4000)
    expect(network.nodes.length).toBeLessThan(9000)
  })
  test('reaches every node and meter from the gate stations', () => {
    const supplied = reached(
      network,
      network.sources.map((s) => s.node),
      new Set(),
    )
    expect(network.nodes.filter((n) => !supplied.has(n.id)).map((n) => n.id)).toEqual([])
    expect(network.meters.every((m) => supplied.has(m.node))).toBe(true)
  })
  test('keeps districts apart: without its regulators no district is reached', () => {
    const trunk = reached(
      network,
      network.sources.map((s) => s.node),
      new Set(),
      false,
    )
    const zones = new Map(network.nodes.map((n) => [n.id, n.zone]))
    expect([...trunk].every((id) => zones.get(id) === 'MP')).toBe(true)
  })
  test('every meter, pipe and node of a district names that district', () => {
    const zones = new Map(network.nodes.map((n) => [n.id, n.zone]))
    expect(network.meters.every((m) => zones.get(m.node) === m.zone)).toBe(true)
    expect(network.pipes.every((p) => zones.get(p.from) === p.zone && zones.get(p.to) === p.zone)).toBe(true)
  })
  test('remote valves alone cut off a district, and a trunk section without the rest of the trunks', () => {
    const remote = network.valves.filter((v) => v.actuator === 'remote')
    expect(remote.every((v) => /^\d{14}$/.test(v.device_number ?? ''))).toBe(true)
    const district = new Set(remote.filter((v) => v.zone === 'Z03').map((v) => v.id))
    const left = reached(
      network,
      network.sources.map((s) => s.node),
      district,
    )
    const zone = new Map(network.nodes.map((n) => [n.id, n.zone]))
    const outlets = new Set(network.regulators.map((r) => r.to))
    expect([...left].filter((id) => zone.get(id) === 'Z03' && !outlets.has(id))).toEqual([])
    const trunkValves = new Set(remote.filter((v) => v.zone === 'MP').map((v) => v.id))
    const inside = network.nodes.find((n) => n.zone === 'MP' && n.kind === 'junction')
    const section = reached(network, [inside?.id ?? ''], trunkValves, false)
    expect(section.size).toBeLessThan(network.nodes.filter((n) => n.zone === 'MP').length / 4)
  })
  test('crowds towards the centre and lies where it is told', () => {
    const far = (m: { lon?: number | null; lat?: number | null }): number =>
      Math.hypot(((m.lon ?? 0) - 112.9) * 0.833, (m.lat ?? 0) - 33.6) * 111
    const perKm2 = (from: number, to: number): number =>
      network.meters.filter((m) => far(m) >= from && far(m) < to).length / (Math.PI * (to * to - from * from))
    expect(perKm2(0, 0.8)).toBeGreaterThan(2 * perKm2(1.6, 2.2))
    expect(Math.max(...network.meters.map(far))).toBeLessThan(4)
  })
  test('has meters of every kind the field knows', () => {
    const share = (wanted: (m: (typeof network.meters)[number]) => boolean): number =>
      network.meters.filter(wanted).length / network.meters.length
    expect(share((m) => m.size === 'G2.5')).toBeGreaterThan(0.5)
    expect(share((m) => m.size === 'G4')).toBeGreaterThan(0.1)
    expect(share((m) => m.class === 'commercial')).toBeGreaterThan(0.02)
    expect(share((m) => (m.installed_year ?? 0) < 2016)).toBeGreaterThan(0.05)
    expect(
      network.meters.filter((m) => m.class === 'industrial' && m.corrector === true && m.zone === 'MP').length,
    ).toBeGreaterThan(20)
    expect(
      network.meters.some((m) => m.protected === 'hospital') && network.meters.some((m) => m.protected === 'school'),
    ).toBe(true)
  })
})

test('meters written as columns read back as the same rows', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gastwin-columns-'))
  try {
    const made = generateCity({ meters: 700, seed: 2 })
    const file: MetersFile = writeMeterColumns(join(folder, 'meters'), join(folder, 'truth'), made.network, made.rows())
    const rows = [...readMeterColumns(join(folder, 'meters'), file, made.network)].flat()
    const expected = [...made.rows()].map(meterDocument)
    expect(rows).toEqual(expected)
    expect(readFileSync(join(folder, 'truth', 'gain.bin')).length).toBe(4 * 700)
    const parts = new NetworkParts(made.network, file.count)
    parts.addMeters(rows)
    const built = parts.finish()
    expect(built.ok && built.network.meters.count).toBe(700)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('other seeds and sizes give sound cities too', () => {
  for (const [meters, seed] of [
    [200, 2],
    [500, 7],
    [1500, 3],
    [4000, 9],
  ] as const) {
    const { network: doc, truth } = buildCity({ meters, seed })
    const parsed = parseNetwork(doc)
    expect(parsed.ok ? [] : parsed.faults.slice(0, 5)).toEqual([])
    expect(doc.meters.length).toBe(meters)
    expect(doc.sources.length).toBe(2)
    const supplied = reached(
      doc,
      doc.sources.map((s) => s.node),
      new Set(),
    )
    expect(doc.nodes.every((n) => supplied.has(n.id))).toBe(true)
    expect(truth.pipes.roughness_factor.length).toBe(doc.pipes.length)
    expect(truth.meters?.gain.length).toBe(meters)
  }
})
