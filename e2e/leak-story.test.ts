import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Alarm, CommandRecord, DeviceTwin, Leak, Page, Series, Shutoff, Strip } from '@gastwin/server/contract'
import { PIPE_STATE, VALVE_STATE } from '@gastwin/server/contract'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runGastwin } from '../server/src/cli/testing/run-gastwin.ts'
import type { ApiClient } from './support/api-client.ts'
import { ConsoleBrowser } from './support/console-page.ts'
import { type RunningDemo, startDemo } from './support/demo-process.ts'
import { eventually } from './support/eventually.ts'
import { keepScreenshot } from './support/screenshot.ts'

/** What the fleet tells of the excavator: it knows the section between remote valves by a search of its own. */
interface LeakBegin {
  readonly at: number
  readonly event: string
  readonly asset: string
  readonly zone: string
  readonly valves: readonly string[]
}

const ATMOSPHERE_PA = 101_325

let demo: RunningDemo
let api: ApiClient
let leak: LeakBegin
let alarm: Alarm
let shutoff: Shutoff

beforeAll(async () => {
  // Flows must have been seen for a day before a jump of them means anything.
  const past = { warmUpHours: 44, warmUpSpeed: 2400 }
  demo = await startDemo({ scenario: 'rupture', speed: 600, ...past, args: ['--safety-mode', 'automatic'] })
  api = await demo.signIn('dispatcher')
}, 450_000)
afterAll(() => demo?.stop(), 60_000)

const audit = () => path.join(demo.runDir, 'audit.ndjson')
const auditRecords = () =>
  readFileSync(audit(), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { event: string; facts: Record<string, string> })

test('the excavator of the scenario is alarmed as gas in the air near the torn trunk', async () => {
  const { events } = await eventually(
    60_000,
    () => api.get<{ events: LeakBegin[] }>('/truth'),
    ({ events: known }) => known.some((e) => e.event === 'leak_begin'),
  )
  leak = events.find((e) => e.event === 'leak_begin') as LeakBegin
  const pipe = demo.network.pipes.find((p) => p.id === leak.asset)
  const wells = demo.network.rtus.filter((r) => r.at === pipe?.from || r.at === pipe?.to).map((r) => r.id)
  const isNear = (a: Alarm) => a.rule === 'gas_detected' && wells.includes(a.asset.id)
  const alarms = await eventually(
    30_000,
    () => api.alarms(),
    (all) => all.some(isNear),
  )
  alarm = alarms.find(isNear) as Alarm
  expect(alarm).toMatchObject({ priority: 1, zone: leak.zone, asset: { kind: 'rtu' } })
  expect(alarm.since).toBeGreaterThanOrEqual(leak.at)
  // The gas needs some minutes to the detector in the well.
  expect(alarm.raised_at - leak.at).toBeLessThan(30 * 60_000)
})

test('the smallest set of remote valves is closed by commands over CoAP and the flow is proved to have stopped', async () => {
  const all = await eventually(
    60_000,
    () => api.shutoffs(),
    (found) => found.some((s) => s.state === 'isolated' || s.state === 'failed'),
  )
  shutoff = all.find((s) => s.zone === leak.zone) as Shutoff
  expect(shutoff).toMatchObject({
    mode: 'automatic',
    state: 'isolated',
    cause: { kind: 'detection' },
    requested_by: null,
    approved_by: null,
  })
  const cause = (await api.alarms()).find((a) => a.id === shutoff.cause.alarm)
  expect([cause?.asset, cause?.zone]).toEqual([shutoff.cause.asset, leak.zone])
  expect(shutoff.cause.rules).toContain(cause?.rule)
  expect(shutoff.plan.close.map((v) => v.actuator)).toEqual(shutoff.plan.close.map(() => 'remote'))
  expect(shutoff.valves.map((v) => v.valve).sort()).toEqual([...leak.valves].sort())
  for (const valve of shutoff.valves) {
    expect(valve.state).toBe('closed')
    expect(valve.sent_at).toBeLessThanOrEqual(valve.confirmed_at ?? 0)
  }
  // The actuators, which are another process, really turned.
  await eventually(
    10_000,
    () => demo.fleetStats()['valves_closed'],
    (n) => n === shutoff.valves.length,
  )
  const { proof } = shutoff
  expect(proof?.value).toBeLessThanOrEqual(proof?.limit ?? Number.NaN)
  expect(proof?.at).toBeGreaterThan(Math.max(...shutoff.valves.map((v) => v.confirmed_at ?? Number.NaN)))

  const numbers = leak.valves.map((id) => demo.network.valves.find((v) => v.id === id)?.device_number)
  const { items } = await api.get<{ items: CommandRecord[] }>('/commands')
  expect(new Set(items.map((c) => c.device))).toEqual(new Set(numbers.map((n) => String(Number(n)))))
  expect(items.map((c) => [c.kind, c.state])).toEqual(items.map(() => ['close', 'confirmed']))
})

test('what the gates and the torn section measure agrees: supply rose with the leak and fell back, the section is empty', async () => {
  const strip = await api.get<Strip>('/strip?hours=6')
  const supplyIn = (from: number, to: number) =>
    strip.points
      .filter((p) => p.at >= from && p.at + strip.step_ms <= to && p.supply_m3 !== null)
      .map((p) => p.supply_m3 ?? 0)
  const closedAt = Math.max(...shutoff.valves.map((v) => v.confirmed_at ?? 0))
  const before = Math.max(...supplyIn(leak.at - 40 * 60_000, leak.at))
  const during = Math.max(...supplyIn(leak.at, closedAt))
  expect(during).toBeGreaterThan(3 * before)
  const after = await eventually(
    20_000,
    async () => {
      const { points, step_ms } = await api.get<Strip>('/strip?hours=6')
      return points.filter((p) => p.at > closedAt + step_ms && p.supply_m3 !== null).map((p) => p.supply_m3 ?? 0)
    },
    (found) => found.length >= 5,
  )
  expect(Math.min(...after)).toBeLessThan(2 * before)

  const rtu = demo.network.rtus.find((r) => r.id === alarm.asset.id)
  const number = String(Number(rtu?.device_number))
  const twin = await api.get<DeviceTwin>(`/devices/${number}`)
  expect((twin.pressure_pa ?? 0) - ATMOSPHERE_PA).toBeLessThan(2_000)
  const series = await eventually(
    30_000,
    () =>
      api.get<Series>(
        `/devices/${number}/series?quantity=pressure_pa&from=${leak.at - 3_600_000}&to=${closedAt + 1_800_000}`,
      ),
    (found) => (found.at.at(-1) ?? 0) > closedAt,
  )
  const gauge = series.value.map((v) => (v ?? Number.NaN) - ATMOSPHERE_PA)
  expect(gauge[0]).toBeGreaterThan(100_000)
  expect(gauge.at(-1)).toBeLessThan(10_000)
})

test('the map shows the closed valves closed and the torn pipe isolated, and no other valve moved', async () => {
  const { meta } = await api.mapGeometry()
  const { columns } = await eventually(
    10_000,
    () => api.mapState(),
    (state) => state.columns['pipes_state']?.[meta.pipe_ids.indexOf(leak.asset)] === PIPE_STATE.isolated,
  )
  const closed = meta.valve_ids.filter((_, i) => columns['valves_state']?.[i] === VALVE_STATE.closed)
  const closedByDesign = demo.network.valves.filter((v) => !v.open).map((v) => v.id)
  expect(closed.sort()).toEqual([...leak.valves, ...closedByDesign].sort())
  const isolated = meta.pipe_ids.filter((_, i) => columns['pipes_state']?.[i] === PIPE_STATE.isolated)
  expect(isolated.sort()).toEqual(expect.arrayContaining([...shutoff.plan.cut_off.pipes].sort()))
})

test('the audit chain holds the whole story, is unbroken, and one changed letter breaks it', async () => {
  const verdict = await runGastwin(['audit', audit(), '--json'])
  expect(verdict.code).toBe(0)
  const records = auditRecords()
  expect(JSON.parse(verdict.stdout)).toMatchObject({ ok: true, records: records.length })
  const story = records.filter((r) => r.facts['shutoff'] === shutoff.id)
  for (const { valve } of shutoff.valves) expect(story.filter((r) => r.facts['valve'] === valve)).not.toEqual([])
  const { audit_hash } = (await api.shutoffs()).find((s) => s.id === shutoff.id) as Shutoff
  expect(readFileSync(audit(), 'utf8')).toContain(audit_hash)

  const forged = path.join(demo.dataDir, 'forged.ndjson')
  copyFileSync(audit(), forged)
  writeFileSync(forged, readFileSync(forged, 'utf8').replace(leak.valves[0] ?? '', 'V-9999'))
  const refused = await runGastwin(['audit', forged, '--json'])
  expect(refused.code).toBe(1)
  expect(JSON.parse(refused.stdout)).toMatchObject({ ok: false, reason: 'hash' })
})

test('the console shows the alarm, the shut-off with its proof, and the closed valves', async () => {
  const browser = await ConsoleBrowser.launch()
  try {
    const { page, complaints } = await browser.signIn(demo, 'dispatcher')
    const row = page.getByRole('row').filter({ hasText: 'Gas in the air' }).filter({ hasText: alarm.asset.id })
    await row.click()
    await page.getByRole('tab', { name: /Shut-offs/ }).click()
    const card = page.getByRole('region', { name: `Shut-offs ${shutoff.edge}` })
    await card.getByText('ISOLATED').waitFor()
    for (const { valve } of shutoff.valves)
      await card.getByRole('row').filter({ hasText: valve }).getByText('CLOSED, confirmed').waitFor()
    expect(await card.textContent()).not.toContain('Not yet proven')
    await keepScreenshot(page, 'leak-story')
    expect(complaints).toEqual([])
  } finally {
    await browser.close()
  }
}, 270_000)

test('flows and pressures told of the rupture by its first reports; a dispatcher closes it in the console with what was found', async () => {
  const { items } = await eventually(
    90_000,
    () => api.get<{ items: Leak[] }>('/leaks'),
    (all) => all.items.some(({ kind, candidates }) => kind === 'rupture' && candidates.length > 0),
  )
  const ruptures = items.filter(({ kind }) => kind === 'rupture')
  expect(ruptures.map(({ zone }) => zone)).toEqual([leak.zone])
  const [rupture] = ruptures as [Leak]
  expect((rupture.detected_at ?? Number.NaN) - leak.at).toBeLessThan(30 * 60_000)

  const browser = await ConsoleBrowser.launch()
  try {
    const { page, complaints } = await browser.signIn(demo, 'dispatcher', { width: 1366, height: 768 })
    // On a laptop the lists stand behind a button.
    await page
      .getByRole('button', { name: /Alarms/ })
      .first()
      .click()
    await page.getByRole('tab', { name: /Leaks/ }).click()
    await page.getByRole('button', { name: `Rupture ${rupture.id}` }).click()
    await page.getByRole('button', { name: 'Close…' }).click()
    // A first crew finds nothing; the second does.
    const first = page.getByRole('form', { name: 'Close the leak' })
    await first.getByLabel('What was found').selectOption('nothing')
    await first.getByRole('button', { name: 'Close', exact: true }).click()
    await page.getByRole('button', { name: 'Correct the finding…' }).click()
    const form = page.getByRole('form', { name: 'Correct what was found' })
    const isListed = rupture.candidates.some(({ pipe }) => pipe === leak.asset)
    if (isListed) await form.getByLabel('Pipe').selectOption(leak.asset)
    await form.getByLabel('Note').fill('torn by an excavator')
    await keepScreenshot(page, 'leak-closing')
    await form.getByRole('button', { name: 'Record' }).click()
    await page.getByText('a leak, repaired · torn by an excavator').waitFor()
    await page.getByText('by dispatcher').first().waitFor()
    await page.getByText('Said before').waitFor()
    await keepScreenshot(page, 'leak-closed')
    expect(complaints).toEqual([])
  } finally {
    await browser.close()
  }
  const after = await api.get<{ items: Leak[] }>('/leaks')
  expect(after.items.find(({ id }) => id === rupture.id)).toMatchObject({
    state: 'closed',
    closed: {
      user: 'dispatcher',
      found: 'repaired',
      before: [{ user: 'dispatcher', found: 'nothing' }],
      pipe: rupture.candidates.some(({ pipe }) => pipe === leak.asset) ? leak.asset : null,
    },
  })
}, 270_000)

test('hours later every valve of the shut-off is still closed and no valve was ever opened', async () => {
  const { items } = await api.get<Page<{ asset: string; number: string }>>('/devices?kind=valve&limit=500')
  for (const { asset, number } of items) {
    const { valve } = await api.get<DeviceTwin>(`/devices/${number}`)
    expect([asset, valve]).toEqual([asset, leak.valves.includes(asset) ? 'closed' : 'open'])
  }
  for (const { event, facts } of auditRecords())
    expect(`${event} ${facts['detail'] ?? ''}`).not.toMatch(/\bopen(ed|s)? (the )?valve/i)
  const { items: commands } = await api.get<{ items: CommandRecord[] }>('/commands?limit=1000')
  expect(new Set(commands.map((c) => c.kind))).toEqual(new Set(['close']))
  expect(demo.fleetStats()['valves_closed']).toBe(leak.valves.length)
})
