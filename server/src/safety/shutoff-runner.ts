import {
  type ActuatorChoice,
  isFinal,
  openShutoff,
  SAFETY_POLICY,
  type SafetyMode,
  type SafetyPolicy,
  type Shutoff,
  type ShutoffCause,
  type ShutoffEffect,
  type ShutoffEvent,
  type ShutoffPlan,
  type ShutoffTimer,
  stepShutoff,
  type IsolationPlan as TwinPlan,
  UsageError,
  type Vote,
} from '@gastwin/twin'
import type { IsolationPlan, Shutoff as ShutoffView } from '../contract/index.ts'
import { shutoffView } from './shutoff-view.ts'

const TRAVEL_MS = 60_000
const KEPT = 500
/** Waiting for an actuator is bounded in wall time too: in a fast demo event time outruns the network, ms. */
const LEAST_WALL_MS: Readonly<Record<ShutoffTimer, number>> = {
  votes: 0,
  approval: 20_000,
  valve: 5_000,
  verify: 10_000,
}

/** What the runner needs of the rest; everything that acts on the world goes through here. */
export interface ShutoffPorts {
  readonly now: () => number
  /** Event seconds per wall second, now. */
  readonly speed: () => number
  readonly plan: (edge: string, actuators: ActuatorChoice, inoperable: readonly string[]) => TwinPlan
  readonly planView: (plan: TwinPlan) => IsolationPlan
  /** Resolves when the actuator accepted; rejects with what it said. It can only close. */
  readonly closeValve: (valve: string, cause: string) => Promise<void>
  /** Appends an audit record and resolves with its hash once it is durable. */
  readonly audit: (code: string, facts: Readonly<Record<string, string>>) => Promise<string>
  /** Writes the shut-off into the log. */
  readonly record: (shutoff: Shutoff) => void
  readonly raiseAlarm: (shutoff: Shutoff, code: string, valve: string | undefined) => void
  readonly changed: (view: ShutoffView) => void
  /** Asked to watch for the proof that flow stopped; answers through `happened`. */
  readonly watchProof: (shutoff: Shutoff, plan: TwinPlan) => void
}

type AuditEffect = Extract<ShutoffEffect, { kind: 'audit' }>

interface Running {
  shutoff: Shutoff
  plan: TwinPlan
  view: IsolationPlan
  auditHash: string
  /** Effects are done one after the other. */
  work: Promise<void>
}

/** Runs shut-offs: feeds what happens into the state machine of twin/safety and does what it asks for, in order, audited first. */
export class ShutoffRunner {
  readonly #ports: ShutoffPorts
  readonly #policy: SafetyPolicy
  readonly #running = new Map<string, Running>()
  readonly #timers = new Set<NodeJS.Timeout>()
  #next = 1

  constructor(ports: ShutoffPorts, policy: SafetyPolicy = SAFETY_POLICY) {
    this.#ports = ports
    this.#policy = policy
  }

  /** Newest first. */
  list(): ShutoffView[] {
    return [...this.#running.values()].map((r) => viewOf(r)).reverse()
  }

  get open(): readonly Shutoff[] {
    return [...this.#running.values()].map((r) => r.shutoff).filter((s) => !isFinal(s.state))
  }

  /** Every shut-off with its state, for the snapshot. */
  save(): { readonly next: number; readonly shutoffs: readonly Shutoff[] } {
    return { next: this.#next, shutoffs: [...this.#running.values()].map((r) => r.shutoff) }
  }

  /** Takes up what a snapshot and the log after it said. Nothing is sent before `resume`. */
  restore(shutoffs: readonly Shutoff[], next: number): void {
    this.#next = Math.max(this.#next, next)
    for (const shutoff of shutoffs) this.#adopt(shutoff)
  }

  /** Lets unfinished shut-offs go on, once all that they act on is there; closing again what may be closed is harmless. */
  resume(): void {
    for (const running of this.#running.values())
      if (!isFinal(running.shutoff.state)) this.#step(running, { kind: 'restart', at: this.#ports.now() })
  }

  /** Begins a shut-off for an operator. @throws UsageError API_CONFLICT when the plan changed since it was seen */
  request(
    edge: string,
    seenHash: string,
    reason: string,
    user: string,
    mode: SafetyMode,
    zone: string | null,
  ): ShutoffView {
    const plan = this.#ports.plan(edge, 'any', [])
    const view = this.#ports.planView(plan)
    if (view.hash !== seenHash)
      throw new UsageError('API_CONFLICT', 'the plan changed since it was made: look at the new one and ask again', {
        hash: view.hash,
      })
    if (!plan.feasible) throw new UsageError('CMD_REFUSED', `no plan can isolate ${edge}: ${plan.obstacle}`)
    const cause: ShutoffCause = { kind: 'operator', alarm: null, rules: [], asset: { kind: 'pipe', id: edge } }
    return this.#begin({ edge, plan, view, cause, reason, mode, zone, votes: [], requestedBy: user })
  }

  /** Begins a shut-off for detections, by remote valves when they can do it. */
  detect(
    edge: string,
    votes: readonly Vote[],
    mode: SafetyMode,
    zone: string | null,
    alarm: string | null,
  ): ShutoffView {
    const remote = this.#ports.plan(edge, 'remote_only', [])
    const plan = remote.feasible ? remote : this.#ports.plan(edge, 'any', [])
    const first = votes[0]
    const cause: ShutoffCause = {
      kind: 'detection',
      alarm,
      rules: votes.map((v) => v.rule),
      asset: first?.asset ?? { kind: 'zone', id: zone ?? '' },
    }
    const reason = votes.map((v) => `${v.rule} ${v.asset.id}`).join(' + ')
    return this.#begin({
      edge,
      plan,
      view: this.#ports.planView(plan),
      cause,
      reason,
      mode,
      zone,
      votes,
      requestedBy: null,
    })
  }

  /** @throws UsageError API_NOT_FOUND; CMD_REFUSED when the machine did not take the approval (same person, other state) */
  approve(id: string, user: string): ShutoffView {
    const running = this.#find(id)
    if (running.shutoff.requestedBy === user)
      throw new UsageError('CMD_REFUSED', 'nobody approves his own request: a second person must')
    if (running.shutoff.state !== 'awaiting_approval')
      throw new UsageError('CMD_REFUSED', `shut-off ${id} is ${running.shutoff.state}: nothing waits for approval`)
    const fresh = this.#ports.planView(this.#ports.plan(running.shutoff.edge, 'any', running.shutoff.inoperable))
    if (running.shutoff.cause.kind === 'operator' && fresh.hash !== running.view.hash && running.shutoff.replans === 0)
      throw new UsageError('API_CONFLICT', 'the network changed since the request: abort it and ask again', {
        hash: fresh.hash,
      })
    this.#step(running, { kind: 'approve', at: this.#ports.now(), user, planHash: running.shutoff.plan.hash })
    return viewOf(running)
  }

  abort(id: string, user: string): ShutoffView {
    const running = this.#find(id)
    if (isFinal(running.shutoff.state))
      throw new UsageError('CMD_REFUSED', `shut-off ${id} is over: ${running.shutoff.state}`)
    this.#step(running, { kind: 'abort', at: this.#ports.now(), user, reason: `aborted by ${user}` })
    return viewOf(running)
  }

  /** Something happened to one shut-off. */
  happened(id: string, event: ShutoffEvent): void {
    const running = this.#running.get(id)
    if (running !== undefined) this.#step(running, event)
  }

  /** A valve said where it is. @param saidAt by its own clock, Unix ms */
  valveReported(valve: string, position: 'closed' | 'abnormal' | 'open', at: number, saidAt: number): void {
    for (const running of this.#running.values()) {
      const progress = running.shutoff.valves.find((v) => v.valve === valve)
      if (progress === undefined) continue
      if (position === 'closed') this.#step(running, { kind: 'valve_closed', at, valve, saidAt })
      else if (position === 'abnormal' && !isFinal(running.shutoff.state))
        this.#step(running, { kind: 'valve_refused', at, valve, error: 'abnormal' })
    }
  }

  /** Waits for the effects under way; no timer runs afterwards. */
  async stop(): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer)
    await Promise.allSettled([...this.#running.values()].map((r) => r.work))
  }

  #begin(order: {
    edge: string
    plan: TwinPlan
    view: IsolationPlan
    cause: ShutoffCause
    reason: string
    mode: SafetyMode
    zone: string | null
    votes: readonly Vote[]
    requestedBy: string | null
  }): ShutoffView {
    const { plan, view, ...facts } = order
    const id = `S${String(this.#next++).padStart(5, '0')}`
    const { shutoff, effects } = openShutoff(
      { ...facts, id, plan: machinePlan(plan, view.hash), at: this.#ports.now() },
      this.#policy,
    )
    const running: Running = { shutoff, plan, view, auditHash: '', work: Promise.resolve() }
    this.#running.set(id, running)
    if (this.#running.size > KEPT) this.#forgetOldest()
    this.#settle(running, effects)
    return viewOf(running)
  }

  #step(running: Running, event: ShutoffEvent): void {
    const { shutoff, effects } = stepShutoff(running.shutoff, event, this.#policy)
    if (shutoff === running.shutoff && effects.length === 0) return
    running.shutoff = shutoff
    this.#settle(running, effects)
  }

  #settle(running: Running, effects: readonly ShutoffEffect[]): void {
    this.#ports.record(running.shutoff)
    this.#ports.changed(viewOf(running))
    running.work = running.work.then(async () => {
      // Records in a row are written with one sync; what follows them waits until they are on the disk.
      let records: Promise<void>[] = []
      for (const effect of effects) {
        if (effect.kind === 'audit') {
          records.push(this.#audit(running, effect))
          continue
        }
        await Promise.all(records)
        records = []
        this.#do(running, effect)
      }
      await Promise.all(records)
    })
  }

  /** A disk that takes no record must not keep gas flowing: it is told, and the shut-off goes on. */
  async #audit(running: Running, { code, by, valve, detail }: AuditEffect): Promise<void> {
    const { id, edge, plan } = running.shutoff
    const facts = { shutoff: id, edge, plan: plan.hash }
    try {
      running.auditHash = await this.#ports.audit(code, {
        ...facts,
        ...(by !== undefined && { by }),
        ...(valve !== undefined && { valve }),
        ...(detail !== undefined && { detail }),
      })
    } catch {
      this.#ports.raiseAlarm(running.shutoff, 'audit_unwritten', undefined)
    }
    this.#ports.changed(viewOf(running))
  }

  #do(running: Running, effect: Exclude<ShutoffEffect, AuditEffect>): void {
    const { id } = running.shutoff
    switch (effect.kind) {
      case 'close_valve':
        // Not awaited: other valves must not wait for this one's answer.
        void this.#ports.closeValve(effect.valve, id).then(
          () => this.happened(id, { kind: 'valve_accepted', at: this.#ports.now(), valve: effect.valve }),
          (error: unknown) =>
            this.happened(id, {
              kind: 'valve_refused',
              at: this.#ports.now(),
              valve: effect.valve,
              error: error instanceof Error ? error.message : String(error),
            }),
        )
        return
      case 'ask_crew':
        this.#ports.raiseAlarm(running.shutoff, 'close_by_hand', effect.valve)
        return
      case 'ask_approval':
        this.#ports.raiseAlarm(running.shutoff, 'approval_wanted', undefined)
        return
      case 'raise_alarm':
        this.#ports.raiseAlarm(running.shutoff, effect.code, effect.valve)
        return
      case 'replan':
        this.#replan(running, effect.inoperable)
        return
      case 'request_proof':
        this.#ports.watchProof(running.shutoff, running.plan)
        return
      case 'start_timer':
        this.#startTimer(id, effect)
        return
    }
  }

  #replan(running: Running, inoperable: readonly string[]): void {
    const { edge, id } = running.shutoff
    const remote = this.#ports.plan(edge, 'remote_only', inoperable)
    const plan = remote.feasible ? remote : this.#ports.plan(edge, 'any', inoperable)
    const at = this.#ports.now()
    if (!plan.feasible) {
      this.happened(id, { kind: 'plan_impossible', at, reason: plan.obstacle ?? 'no plan' })
      return
    }
    running.plan = plan
    running.view = this.#ports.planView(plan)
    this.happened(id, { kind: 'plan', at, plan: machinePlan(plan, running.view.hash) })
  }

  #startTimer(id: string, effect: Extract<ShutoffEffect, { kind: 'start_timer' }>): void {
    const wall = Math.max(effect.ms / this.#ports.speed(), LEAST_WALL_MS[effect.timer])
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      const { timer: name, round, valve } = effect
      this.happened(id, {
        kind: 'timeout',
        at: this.#ports.now(),
        timer: name,
        round,
        ...(valve !== undefined && { valve }),
      })
    }, wall)
    this.#timers.add(timer)
  }

  #adopt(shutoff: Shutoff): Running {
    const plan = this.#ports.plan(shutoff.edge, 'any', shutoff.inoperable)
    const running: Running = { shutoff, plan, view: this.#ports.planView(plan), auditHash: '', work: Promise.resolve() }
    this.#running.set(shutoff.id, running)
    return running
  }

  #find(id: string): Running {
    const running = this.#running.get(id)
    if (running === undefined) throw new UsageError('API_NOT_FOUND', `there is no shut-off ${id}`)
    return running
  }

  #forgetOldest(): void {
    for (const [id, { shutoff }] of this.#running) {
      if (!isFinal(shutoff.state)) continue
      this.#running.delete(id)
      return
    }
  }
}

const viewOf = ({ shutoff, view, auditHash }: Running): ShutoffView => shutoffView(shutoff, view, auditHash)

function machinePlan(plan: TwinPlan, hash: string): ShutoffPlan {
  return {
    hash,
    feasible: plan.feasible,
    valves: plan.close.map(({ id, actuator, travelMinutes }) => ({
      valve: id,
      actuator,
      travelMs: actuator === 'remote' ? TRAVEL_MS : (travelMinutes ?? 60) * 60_000,
    })),
    protectedMeters: plan.cutOff.protected.length,
  }
}
