import type { IsolationPlan, Shutoff } from '@gastwin/server/contract'
import { ATMOSPHERE, type MiniCity } from './mini-city.ts'

interface ShutoffParts {
  readonly city: MiniCity
  /** Unix ms. */
  readonly now: () => number
  readonly told: (shutoff: Shutoff) => void
}

/** Plans and shut-offs that go their way by themselves, valve after valve. */
export function mockShutoffs({ city, now, told }: ShutoffParts) {
  const shutoffs = new Map<string, Shutoff>()
  let planSalt = 0
  const moved = (shutoff: Shutoff) => {
    shutoffs.set(shutoff.id, shutoff)
    told(shutoff)
    return shutoff
  }

  const plan = (edge: string): IsolationPlan => {
    const pipe = city.meta.pipe_ids.indexOf(edge)
    const zone = city.pipeZone[pipe] ?? 0
    const near = city.valveZone.flatMap((z, i) => (z === zone ? [i] : [])).slice(0, 4)
    return {
      edge,
      made_at: now(),
      hash: `h${pipe}-${planSalt}`,
      feasible: near.length > 0,
      reason: near.length > 0 ? null : 'no_operable_valve',
      close: near.map((v, i) => ({
        order: i + 1,
        valve: city.meta.valve_ids[v] ?? '',
        actuator: city.remote[v] === 1 ? 'remote' : 'manual',
        travel_minutes: city.remote[v] === 1 ? 0.5 : 8 + i,
        position: 'open',
        lon: city.valvePlace[v]?.[0] ?? 0,
        lat: city.valvePlace[v]?.[1] ?? 0,
      })),
      cut_off: {
        pipes: city.meta.pipe_ids.filter((_, i) => city.pipeZone[i] === zone && Math.abs(i - pipe) < 26),
        nodes: 18,
        meters: 1284,
        commercial: 31,
        industrial: 2,
        protected: [
          { meter: '37020000000169', kind: 'hospital' },
          { meter: '37020000002431', kind: 'school' },
        ],
        demand_m3_s: 0.1778,
      },
      gas_to_vent_m3: 38.4,
      lowest_pressure: {
        node: 'N-0412',
        pressure_pa: ATMOSPHERE + (zone === 1 ? 940 : 1904),
        limit_pa: ATMOSPHERE + 1200,
      },
      minutes_total: 11,
    }
  }

  const advance = (id: string) => {
    let step = 0
    const timer = setInterval(() => {
      const old = shutoffs.get(id)
      if (old === undefined || old.state === 'aborted') return clearInterval(timer)
      const valves = old.valves.map((v, i) => {
        const phase = step - i
        const state = phase >= 3 ? 'closed' : phase === 2 ? 'accepted' : phase === 1 ? 'sent' : v.state
        const at = now()
        return {
          ...v,
          state: state as typeof v.state,
          sent_at: phase >= 1 ? (v.sent_at ?? at) : null,
          accepted_at: phase >= 2 ? (v.accepted_at ?? at) : null,
          confirmed_at: phase >= 3 ? (v.confirmed_at ?? at) : null,
          tries: phase >= 1 ? 1 : 0,
        }
      })
      const done = valves.every((v) => v.state === 'closed')
      const proof = { code: 'inlet_flow', at: now(), value: 0.00001, limit: 0.0005, unit: 'm3/s' }
      moved({ ...old, valves, state: done ? 'isolated' : 'closing', proof: done ? proof : null, updated_at: now() })
      if (done) clearInterval(timer)
      step++
    }, 1500)
  }

  const request = (edge: string, reason: string, user: string): Shutoff => {
    const made = plan(edge)
    return moved({
      id: `S-${shutoffs.size + 1}`,
      mode: 'approval',
      state: 'awaiting_approval',
      zone: city.meta.zones[city.pipeZone[city.meta.pipe_ids.indexOf(edge)] ?? 0]?.id ?? null,
      edge,
      cause: { kind: 'operator', alarm: null, rules: [], asset: { kind: 'pipe', id: edge } },
      requested_by: user,
      approved_by: null,
      reason,
      ending: null,
      created_at: now(),
      updated_at: now(),
      plan: made,
      valves: made.close.map((v) => ({
        valve: v.valve,
        state: 'waiting',
        sent_at: null,
        accepted_at: null,
        confirmed_at: null,
        tries: 0,
        error: null,
      })),
      proof: null,
      audit_hash: '66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0',
    })
  }

  return {
    all: shutoffs,
    plan,
    moved,
    advance,
    request,
    /** Every plan is another one from here on. */
    replan: () => {
      planSalt++
    },
  }
}
