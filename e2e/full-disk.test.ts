import { spawnSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Alarm, DeviceRow, DeviceTwin, IsolationPlan, Page, Shutoff } from '@gastwin/server/contract'
import { codeText } from '@gastwin/server/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runGastwin } from '../server/src/cli/testing/run-gastwin.ts'
import type { ApiClient } from './support/api-client.ts'
import { type RunningDemo, startDemo } from './support/demo-process.ts'
import { DevicePeer, reportOf } from './support/device-peer.ts'
import { eventually } from './support/eventually.ts'

/** A disk of our own, small enough to be filled. @returns its folder, or undefined when this user may not mount */
function smallDisk(): string | undefined {
  const folder = mkdtempSync(path.join(tmpdir(), 'gastwin-small-disk-'))
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=400m', 'tmpfs', folder])
  if (mounted.status === 0) return folder
  rmSync(folder, { recursive: true })
  return undefined
}

const disk = smallDisk()
if (disk === undefined) console.warn('a small disk cannot be mounted (not root?): the full disk is NOT tested')

describe.skipIf(disk === undefined)('a full disk', () => {
  let demo: RunningDemo
  let api: ApiClient
  let peer: DevicePeer
  let shutoff: Shutoff | undefined
  const filler = path.join(disk ?? '', 'filler')

  beforeAll(async () => {
    demo = await startDemo({
      scenario: 'calm',
      speed: 60,
      dataDir: path.join(disk ?? '', 'demo'),
      args: ['--safety-mode', 'approval'],
    })
    api = await demo.signIn('dispatcher')
    // What a full disk cannot take down is where a valve listens: all have said it, as in a town that lives.
    await eventually(
      60_000,
      () => api.get<Page<DeviceRow>>('/devices?kind=valve&limit=500'),
      ({ items }) => items.length > 0 && items.every(({ valve }) => valve !== 'unknown'),
    )
    peer = await DevicePeer.open(demo)
  }, 450_000)
  afterAll(async () => {
    peer?.close()
    rmSync(filler, { force: true })
    await demo?.stop()
    if (disk === undefined) return
    spawnSync('umount', [disk])
    rmSync(disk, { recursive: true, force: true })
  }, 180_000)

  const home = () => demo.homes.at(-1) ?? ''
  const twin = () => api.get<DeviceTwin>(`/devices/${home()}`)
  const readiness = async () => {
    const answer = await fetch(`${demo.url}/readyz`)
    return { status: answer.status, body: (await answer.json()) as { parts: { log: { ok: boolean } } } }
  }
  const fullAlarm = async (): Promise<Alarm | undefined> =>
    (await api.alarms()).find((a) => a.rule === 'log_full' && a.state.startsWith('active'))
  const shutoffNow = async () => (await api.shutoffs()).find((s) => s.id === shutoff?.id)
  const payloadAt = async (sequence: number, value: number) => {
    const { now } = await api.city()
    return peer.encode(
      reportOf(Number(home()), now, { sequence, readings: [{ quantity: 'index_m3', at: now, value }] }),
    )
  }

  test('is told: nothing is acknowledged that is not kept, the service is not ready, an alarm of highest priority stands', async () => {
    expect(codeText((await peer.post({ payload: await payloadAt(1, 500) })).code)).toBe('2.04')
    expect((await readiness()).status).toBe(200)
    fill(filler)
    await eventually(30_000, readiness, ({ status, body }) => status === 503 && !body.parts.log.ok)
    peer.send({ payload: await payloadAt(2, 501) })
    // Refused or unanswered, but never acknowledged with a success.
    while (true) {
      if (await peer.isSilent(3_000)) break
      throw new Error('a report was answered although it could not be kept')
    }
    expect((await twin()).meter?.index_m3).toBe(500)
    const alarm = await eventually(10_000, fullAlarm, (found) => found !== undefined)
    expect(alarm?.priority).toBeLessThanOrEqual(2)
    expect((await fetch(`${demo.url}/healthz`)).status).toBe(200)
  }, 270_000)

  test('refuses acts of operators that could not be recorded', async () => {
    const [alarm] = await api.alarms()
    const refused = await api.refusal('POST', `/alarms/${alarm?.id}/ack`, {})
    expect([refused.status, refused.code]).toEqual([507, 'LOG_FULL'])
    expect((await api.alarms()).find((a) => a.id === alarm?.id)?.state).toBe(alarm?.state)
  })

  test('does not keep gas flowing: a shut-off is carried out, and its records follow later', async () => {
    for (const pipe of demo.network.pipes.filter((p) => p.zone === 'MP')) {
      const plan = await api.get<IsolationPlan>(`/isolation?edge=${pipe.id}`)
      if (!plan.feasible || plan.close.some((v) => v.actuator !== 'remote')) continue
      shutoff = await api.post<Shutoff>('/shutoffs', { edge: pipe.id, plan_hash: plan.hash, reason: 'gas in a cellar' })
      break
    }
    await (await demo.signIn('safety')).post(`/shutoffs/${shutoff?.id}/approve`)
    const closed = await eventually(
      40_000,
      shutoffNow,
      (s) => s !== undefined && s.valves.length > 0 && s.valves.every((v) => v.state === 'closed'),
    )
    expect(['verifying', 'isolated']).toContain(closed?.state)
    expect((await readiness()).status).toBe(503)
  }, 180_000)

  test('that has space again is found without a restart: reports are taken, the alarm ends, nothing taken was lost', async () => {
    rmSync(filler)
    await eventually(30_000, readiness, ({ status }) => status === 200)
    const answer = await peer.post({ payload: await payloadAt(3, 502) })
    expect(codeText(answer.code)).toBe('2.04')
    await eventually(10_000, twin, (t) => t.meter?.index_m3 === 502)
    await eventually(10_000, fullAlarm, (found) => found === undefined)
    const file = path.join(demo.runDir, 'audit.ndjson')
    const story = await eventually(
      10_000,
      () =>
        readFileSync(file, 'utf8')
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line) as { event: string; facts: { late?: boolean } }),
      (records) => records.some((r) => r.event === 'all_valves_closed'),
    )
    expect(story.filter((r) => r.facts.late === true).map((r) => r.event)).toContain('valve_closed')
    const verdict = await runGastwin(['audit', file, '--json'])
    expect(JSON.parse(verdict.stdout)).toMatchObject({ ok: true })
  }, 270_000)
})

/** Writes until there is no space left, down to the last bytes. */
function fill(file: string): void {
  const descriptor = openSync(file, 'w')
  for (let size = 1 << 20; size >= 1; size >>= 1) {
    const chunk = Buffer.alloc(size)
    try {
      for (;;) if (writeSync(descriptor, chunk) < size) break
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
    }
  }
  closeSync(descriptor)
}
