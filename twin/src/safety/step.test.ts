import { describe, expect, test } from 'vitest'
import { SAFETY_POLICY, type Shutoff, type ShutoffEffect, type ShutoffEvent, type ShutoffPlan } from './shutoff.ts'
import { openShutoff, type ShutoffRequest, stepShutoff } from './step.ts'
import { castVote, type Vote, verdictOf } from './votes.ts'

const AT = 1_700_000_000_000
const MINUTE = 60_000
const asset = { kind: 'rtu', id: 'R1' }
const gas: Vote = { evidenceKind: 'gas_concentration', strength: 'certain', rule: 'gas_detected', asset, at: AT }
const fall: Vote = { evidenceKind: 'pressure', strength: 'strong', rule: 'pressure_drop', asset, at: AT }
const excess: Vote = {
  evidenceKind: 'flow_balance',
  strength: 'strong',
  rule: 'zone_mass_balance',
  asset: { kind: 'zone', id: 'Z1' },
  at: AT,
}

const remote = (valve: string) => ({ valve, actuator: 'remote', travelMs: 20_000 }) as const
const PLAN: ShutoffPlan = { hash: 'P1', feasible: true, protectedMeters: 0, valves: [remote('V1'), remote('V2')] }
const proof = { code: 'flow', at: AT, value: 0, limit: 0.001, unit: 'm3/s' }

function request(part: Partial<ShutoffRequest> = {}): ShutoffRequest {
  const cause = { kind: 'detection', alarm: 'A7', rules: ['pressure_drop'], asset } as const
  return {
    id: 'S1',
    mode: 'automatic',
    zone: 'Z1',
    edge: 'E1',
    cause,
    requestedBy: null,
    reason: 'rupture',
    plan: PLAN,
    votes: [fall, excess],
    at: AT,
    ...part,
  }
}

/** Plays events one second apart; returns the state after each, the end, and all effects but audit records and timers. */
function play(
  start: ShutoffRequest,
  events: readonly (ShutoffEvent extends infer E ? (E extends ShutoffEvent ? Omit<E, 'at'> : never) : never)[],
) {
  let { shutoff, effects } = openShutoff(start, SAFETY_POLICY)
  const states: string[] = [shutoff.state]
  const all: ShutoffEffect[] = [...effects]
  for (const [i, event] of events.entries()) {
    ;({ shutoff, effects } = stepShutoff(shutoff, { ...event, at: AT + (i + 1) * 1000 } as ShutoffEvent, SAFETY_POLICY))
    states.push(shutoff.state)
    all.push(...effects)
  }
  const done = all.filter((effect) => effect.kind !== 'audit' && effect.kind !== 'start_timer').map(words)
  return { states, shutoff, done, audit: all.flatMap((effect) => (effect.kind === 'audit' ? [effect.code] : [])) }
}

function words(effect: ShutoffEffect): string {
  if (effect.kind === 'close_valve' || effect.kind === 'ask_crew')
    return `${effect.kind} ${effect.valve} ${effect.attempt}`
  if (effect.kind === 'replan') return `replan without ${effect.inoperable}`
  if (effect.kind === 'raise_alarm') return `raise_alarm ${effect.code}`
  return effect.kind
}
const valve = (kind: 'valve_accepted' | 'valve_closed', name: string, saidAt = AT) =>
  ({ kind, valve: name, saidAt }) as const
const refused = (name: string) => ({ kind: 'valve_refused', valve: name, error: 'jammed' }) as const

describe('an automatic shut-off', () => {
  test('on two kinds of evidence closes all valves, asks for the proof, and is isolated only when the flow stopped', () => {
    const { states, done } = play(request(), [
      valve('valve_accepted', 'V1'),
      valve('valve_closed', 'V1'),
      valve('valve_closed', 'V2'),
      { kind: 'proof', stopped: false, proof },
      { kind: 'proof', stopped: true, proof },
    ])
    expect(states).toEqual(['closing', 'closing', 'closing', 'verifying', 'verifying', 'isolated'])
    expect(done).toEqual(['close_valve V1 1', 'close_valve V2 1', 'request_proof'])
  })

  test('on one strong vote waits for the second, and gives up when none comes', () => {
    const waiting = request({ votes: [fall] })
    expect(play(waiting, [{ kind: 'vote', vote: excess, active: true }]).states).toEqual(['detected', 'closing'])
    const given = play(waiting, [{ kind: 'timeout', timer: 'votes', round: 0 }])
    expect(given.shutoff).toMatchObject({ state: 'aborted', ending: 'no_second_vote' })
    expect(given.done).toEqual([])
  })

  test('on one certain vote closes at once, but asks a person where a hospital loses gas, unless a second vote comes first', () => {
    expect(play(request({ votes: [gas] }), []).states).toEqual(['closing'])
    const hospital = request({ votes: [gas], plan: { ...PLAN, protectedMeters: 1 } })
    expect(play(hospital, [])).toMatchObject({ states: ['awaiting_approval'], done: ['ask_approval'] })
    expect(play(hospital, [{ kind: 'approve', user: 'wang', planHash: 'P1' }]).states.at(-1)).toBe('closing')
    expect(play(hospital, [{ kind: 'vote', vote: fall, active: true }]).states.at(-1)).toBe('closing')
  })

  test('that never sees the flow stop fails loudly', () => {
    const end = play(request(), [
      valve('valve_closed', 'V1'),
      valve('valve_closed', 'V2'),
      { kind: 'proof', stopped: false, proof },
      { kind: 'timeout', timer: 'verify', round: 1 },
    ])
    expect(end.shutoff).toMatchObject({ state: 'failed', ending: 'flow_not_stopped' })
    expect(end.done.at(-1)).toBe('raise_alarm shutoff_failed')
  })

  test('where nothing measures ends by saying that, not that gas still flows', () => {
    const end = play(request(), [
      valve('valve_closed', 'V1'),
      valve('valve_closed', 'V2'),
      { kind: 'timeout', timer: 'verify', round: 1 },
    ])
    expect(end.shutoff).toMatchObject({ state: 'failed', ending: 'not_measured' })
  })

  test('is not confirmed by a word that a valve said before it was ordered, beyond the error of its clock', () => {
    const early = valve('valve_closed', 'V1', AT - SAFETY_POLICY.clockErrorMs - 1)
    expect(play(request(), [early, valve('valve_closed', 'V2')]).states.at(-1)).toBe('closing')
    const skewed = valve('valve_closed', 'V1', AT - SAFETY_POLICY.clockErrorMs)
    expect(play(request(), [skewed, valve('valve_closed', 'V2')]).states.at(-1)).toBe('verifying')
  })
})

describe('a valve that does not obey', () => {
  const stuck = [refused('V1'), { kind: 'timeout', timer: 'valve', valve: 'V1', round: 2 } as const, refused('V1')]

  test('is tried three times, then given up for a wider plan that keeps what is closed already', () => {
    const wider: ShutoffPlan = {
      ...PLAN,
      hash: 'P2',
      valves: [remote('V2'), remote('V3'), { valve: 'V4', actuator: 'manual', travelMs: 20 * MINUTE }],
    }
    const end = play(request(), [
      ...stuck,
      valve('valve_closed', 'V2'),
      { kind: 'plan', plan: wider },
      valve('valve_closed', 'V3'),
      valve('valve_closed', 'V4'),
    ])
    expect(end.done).toEqual([
      'close_valve V1 1', 'close_valve V2 1', 'close_valve V1 2', 'close_valve V1 3', 'raise_alarm valve_stuck', 'replan without V1',
      'close_valve V3 1', 'ask_crew V4 1', 'request_proof',
    ]) // biome-ignore format: one story
    expect(end.states.at(-1)).toBe('verifying')
  })

  test('leads to failure when no wider plan exists', () => {
    expect(play(request(), [...stuck, { kind: 'plan_impossible', reason: 'no valve left' }]).shutoff).toMatchObject({
      state: 'failed',
      ending: 'no valve left',
    })
  })

  test('leads back to the approver in approval mode: he approved another plan', () => {
    const start = request({ mode: 'approval' })
    const end = play(start, [
      { kind: 'approve', user: 'wang', planHash: 'P1' },
      ...stuck,
      { kind: 'plan', plan: { ...PLAN, hash: 'P2', valves: [remote('V2'), remote('V3')] } },
    ])
    expect(end.states.at(-1)).toBe('awaiting_approval')
    expect(end.done).not.toContain('close_valve V3 1')
  })
})

describe('people', () => {
  const asked = request({ cause: { kind: 'operator', alarm: null, rules: [], asset }, requestedBy: 'li', votes: [] })

  test('an operator cannot approve his own request, nor anyone a plan that is no longer the plan', () => {
    const end = play(asked, [
      { kind: 'approve', user: 'li', planHash: 'P1' },
      { kind: 'approve', user: 'wang', planHash: 'P0' },
      { kind: 'approve', user: 'wang', planHash: 'P1' },
    ])
    expect(end.states).toEqual(['awaiting_approval', 'awaiting_approval', 'awaiting_approval', 'closing'])
    expect(end.audit).toContain('approval_refused_same_person')
    expect(end.audit).toContain('approval_refused_other_plan')
  })

  test('an abort stops what was not sent yet; what was sent is still written down', () => {
    const many = { ...PLAN, valves: Array.from({ length: 12 }, (_, i) => remote(`V${i}`)) }
    const end = play(request({ plan: many }), [
      { kind: 'abort', user: 'li', reason: 'exercise' },
      valve('valve_closed', 'V0'),
    ])
    expect(end.done).toHaveLength(SAFETY_POLICY.parallelCloses)
    expect(end.shutoff).toMatchObject({
      state: 'aborted',
      ending: 'exercise',
      valves: [{ state: 'closed' }, ...Array(7).fill({ state: 'sent' }), ...Array(4).fill({ state: 'waiting' })],
    })
  })

  test('approval that does not come is asked for again, then given up with an alarm', () => {
    const silence = Array.from({ length: 6 }, (_, i) => ({ kind: 'timeout', timer: 'approval', round: i + 1 }) as const)
    const end = play(asked, silence)
    expect(end.done).toEqual([...Array(6).fill('ask_approval'), 'raise_alarm approval_expired'])
    expect(end.shutoff.state).toBe('aborted')
  })
})

test('after a restart unconfirmed closes are ordered again as the same try', () => {
  const end = play(request(), [valve('valve_closed', 'V2'), { kind: 'restart' }])
  expect(end.done).toEqual(['close_valve V1 1', 'close_valve V2 1', 'close_valve V1 1'])
})

test('a valve that turns out open while the flow is checked is closed again', () => {
  const end = play(request(), [valve('valve_closed', 'V1'), valve('valve_closed', 'V2'), refused('V2')])
  expect(end.states.at(-1)).toBe('closing')
  expect(end.done.at(-1)).toBe('close_valve V2 2')
})

test('a dry run writes down what it would do and does nothing', () => {
  const end = play(request({ mode: 'dry_run' }), [valve('valve_closed', 'V1')])
  expect(end).toMatchObject({ states: ['dry_run_complete', 'dry_run_complete'], done: [] })
  expect(end.audit.filter((code) => code === 'would_close')).toHaveLength(2)
})

test('a shut-off survives JSON: what is saved goes on as it was', () => {
  const { shutoff } = openShutoff(request(), SAFETY_POLICY)
  const copy = JSON.parse(JSON.stringify(shutoff)) as Shutoff
  const event: ShutoffEvent = { kind: 'valve_closed', at: AT, valve: 'V1', saidAt: AT }
  expect(stepShutoff(copy, event, SAFETY_POLICY)).toEqual(stepShutoff(shutoff, event, SAFETY_POLICY))
})

describe('votes', () => {
  test('count once per rule and asset, leave when they end, and must be of one time', () => {
    let votes = castVote([], fall, true, MINUTE)
    expect(castVote(votes, { ...fall, at: AT + 5 }, true, MINUTE)).toBe(votes)
    votes = castVote(votes, { ...excess, at: AT + 2 * MINUTE }, true, MINUTE)
    expect(votes.map((vote) => vote.rule)).toEqual(['zone_mass_balance'])
    expect(castVote(votes, excess, false, MINUTE)).toEqual([])
  })

  test('of one kind never shut, however many; weak ones never count', () => {
    const many = ['R1', 'R2', 'R3'].map((id) => ({ ...fall, asset: { kind: 'rtu', id } }))
    expect(verdictOf(many, 0)).toBe('wait')
    expect(castVote([], { ...excess, strength: 'weak' }, true, MINUTE)).toEqual([])
    expect(verdictOf([fall, excess], 5)).toBe('shut')
    expect(verdictOf([gas], 0)).toBe('shut')
    expect(verdictOf([gas], 1)).toBe('ask')
  })
})
