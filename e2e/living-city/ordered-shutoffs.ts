import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { CommandRecord, DeviceTwin, IsolationPlan, Shutoff } from '@gastwin/server/contract'
import { beforeAll, describe, expect, test } from 'vitest'
import type { ApiClient } from '../support/api-client.ts'
import type { RunningDemo } from '../support/demo-process.ts'
import { DevicePeer, reportOf } from '../support/device-peer.ts'
import { eventually } from '../support/eventually.ts'

/** Shut-offs that people order: two persons, or a rehearsal. */
export function orderedShutoffs(running: () => RunningDemo): void {
  describe('a shut-off ordered by a person', () => {
    let viewer: ApiClient
    let dispatcher: ApiClient
    let safety: ApiClient
    let admin: ApiClient
    let edge = ''
    let plan: IsolationPlan
    beforeAll(async () => {
      viewer = await running().signIn('viewer')
      dispatcher = await running().signIn('dispatcher')
      safety = await running().signIn('safety')
      admin = await running().signIn('admin')
      // During the warm-up an actuator travels within a blink.
      await eventually(
        90_000,
        () => viewer.city(),
        ({ speed }) => speed < 1000,
      )
      // A trunk that remote valves alone can cut off.
      for (const pipe of running().network.pipes.filter((p) => p.zone === 'MP')) {
        const found = await viewer.get<IsolationPlan>(`/isolation?edge=${pipe.id}`)
        if (!found.feasible || found.close.some((v) => v.actuator !== 'remote')) continue
        edge = pipe.id
        plan = found
        break
      }
    }, 360_000)

    const stateOf = async (id: string) => (await dispatcher.shutoffs()).find((s) => s.id === id) as Shutoff
    const until = (id: string, ...states: readonly Shutoff['state'][]) =>
      eventually(
        60_000,
        () => stateOf(id),
        (s) => states.includes(s.state),
      )
    const order = (reason: string, by = dispatcher) =>
      by.post<Shutoff>('/shutoffs', { edge, plan_hash: plan.hash, reason })
    const closedByFleet = () => running().fleetStats()['valves_closed'] ?? 0

    test('is previewed without effect: which valves, in which order, who loses gas', async () => {
      expect(plan.close.map((v) => v.order)).toEqual(plan.close.map((_, i) => i + 1))
      expect(plan.cut_off.pipes).toContain(edge)
      const again = await viewer.get<IsolationPlan>(`/isolation?edge=${edge}`)
      expect(again.hash).toBe(plan.hash)
      expect(await dispatcher.shutoffs()).toEqual([])
    })

    test('must name the plan that was seen', async () => {
      const refused = await dispatcher.refusal('POST', '/shutoffs', { edge, plan_hash: 'other', reason: 'test' })
      expect([refused.status, refused.code]).toEqual([409, 'API_CONFLICT'])
      expect(await dispatcher.shutoffs()).toEqual([])
    })

    test('in a zone that rehearses ends without one command', async () => {
      const zone = running().network.pipes.find((p) => p.id === edge)?.zone
      await safety.put(`/zones/${zone}/safety-mode`, { mode: 'dry_run' })
      const begun = await order('rehearsal')
      expect(begun.mode).toBe('dry_run')
      const done = await until(begun.id, 'dry_run_complete')
      expect(done.valves.map((v) => v.sent_at)).toEqual(done.valves.map(() => null))
      expect((await dispatcher.get<{ items: CommandRecord[] }>('/commands')).items).toEqual([])
      expect(closedByFleet()).toBe(0)
      await safety.put(`/zones/${zone}/safety-mode`, { mode: 'approval' })
    })

    test('can be taken back before anybody approved it, and nothing was sent', async () => {
      const begun = await order('by mistake')
      await until(begun.id, 'awaiting_approval')
      await dispatcher.post(`/shutoffs/${begun.id}/abort`)
      const done = await until(begun.id, 'aborted')
      expect(done.valves.map((v) => v.sent_at)).toEqual(done.valves.map(() => null))
      expect((await safety.refusal('POST', `/shutoffs/${begun.id}/approve`)).code).toBe('CMD_REFUSED')
      expect(closedByFleet()).toBe(0)
    })

    test('waits for a second person: who asked cannot approve, whatever his role', async () => {
      const own = await order('by safety itself', safety)
      await until(own.id, 'awaiting_approval')
      const refused = await safety.refusal('POST', `/shutoffs/${own.id}/approve`)
      expect([refused.status, refused.code]).toEqual([409, 'CMD_REFUSED'])
      expect(refused.detail).toContain('second person')
      await safety.post(`/shutoffs/${own.id}/abort`)
    })

    test('and approved by another closes the valves of the plan, each confirmed by its actuator, and is proved', async () => {
      const begun = await order('works at the trunk')
      expect(begun).toMatchObject({ mode: 'approval', requested_by: 'dispatcher', approved_by: null })
      await until(begun.id, 'awaiting_approval')
      await admin.post(`/shutoffs/${begun.id}/approve`)
      const done = await until(begun.id, 'isolated', 'failed')
      expect([done.state, done.approved_by, done.reason], JSON.stringify(done)).toEqual([
        'isolated',
        'admin',
        'works at the trunk',
      ])
      expect(done.valves.map((v) => [v.valve, v.state])).toEqual(plan.close.map((v) => [v.valve, 'closed']))
      expect(done.proof?.value).toBeLessThanOrEqual(done.proof?.limit ?? Number.NaN)
      await eventually(20_000, closedByFleet, (n) => n === plan.close.length)
      const audit = readFileSync(path.join(running().runDir, 'audit.ndjson'), 'utf8')
      expect(audit).toContain(done.audit_hash)
    }, 270_000)

    test('leaves another plan behind: the section is isolated already', async () => {
      const after = await viewer.get<IsolationPlan>(`/isolation?edge=${edge}`)
      expect(after.hash).not.toBe(plan.hash)
      const refused = await dispatcher.refusal('POST', '/shutoffs', { edge, plan_hash: plan.hash, reason: 'again' })
      expect(refused.status).toBe(409)
    })

    test('for one meter rides on the answer to its next report, and is confirmed by its valve', async () => {
      const home = running().homes.at(-1) ?? ''
      const { id } = await safety.post<CommandRecord>('/commands', { device: home, reason: 'gas behind the meter' })
      const peer = await DevicePeer.open(running())
      const commandNow = async () =>
        (await safety.get<{ items: CommandRecord[] }>('/commands')).items.find((c) => c.id === id)
      const at = async () => (await viewer.city()).now
      const answer = await peer.report(reportOf(Number(home), await at(), { sequence: 901 }))
      expect(answer.command).toEqual({ kind: 'close', id })
      expect((await commandNow())?.state).toBe('sent')
      await peer.report(
        reportOf(Number(home), await at(), {
          sequence: 902,
          trigger: 'answer',
          status: { valve: 'closed', command: { id, accepted: true } },
        }),
      )
      await eventually(5_000, commandNow, (c) => c?.state === 'confirmed')
      const next = await peer.report(reportOf(Number(home), await at(), { sequence: 903, status: { valve: 'closed' } }))
      expect(next.command).toBeUndefined()
      expect((await viewer.get<DeviceTwin>(`/devices/${home}`)).valve).toBe('closed')
      peer.close()
    })
  })
}
