import { forbiddenBy } from './interlocks.table.ts'
import type { SafetyPolicy, Shutoff, ShutoffEffect, ValveProgress } from './shutoff.ts'

/** One step in the making: the shut-off as it becomes, and the effects in their order. */
export class ShutoffDraft {
  readonly at: number
  readonly policy: SafetyPolicy
  readonly effects: ShutoffEffect[] = []
  #shutoff: Shutoff

  constructor(shutoff: Shutoff, at: number, policy: SafetyPolicy) {
    this.#shutoff = shutoff
    this.at = at
    this.policy = policy
  }

  get now(): Shutoff {
    return this.#shutoff
  }

  set(part: Partial<Shutoff>): void {
    this.#shutoff = { ...this.#shutoff, ...part, updatedAt: this.at }
  }

  setValve(valve: string, part: Partial<ValveProgress>): void {
    this.set({
      valves: this.#shutoff.valves.map((progress) => (progress.valve === valve ? { ...progress, ...part } : progress)),
    })
  }

  audit(code: string, about: { readonly by?: string; readonly valve?: string; readonly detail?: string } = {}): void {
    this.effects.push({ kind: 'audit', at: this.at, code, ...about })
  }

  /**
   * The only place from which a valve is closed: interlocks first, then the audit record, then the order and its timer.
   * `attempt` of a re-issue after a restart is the one before: closing twice is harmless, and it is the same try.
   */
  close(progress: ValveProgress, attempt: number): void {
    const { valve, actuator, travelMs } = progress
    this.setValve(valve, { state: 'sent', tries: attempt, sentAt: this.at, error: null })
    const interlock = forbiddenBy(this.#shutoff, valve, this.policy)
    if (interlock !== undefined) {
      this.setValve(valve, {
        state: progress.state,
        tries: progress.tries,
        sentAt: progress.sentAt,
        error: interlock.id,
      })
      this.fail(`interlock:${interlock.id}`)
      return
    }
    this.audit('close_ordered', { valve, detail: `attempt ${attempt}` })
    this.effects.push({ kind: actuator === 'remote' ? 'close_valve' : 'ask_crew', valve, attempt })
    this.effects.push({
      kind: 'start_timer',
      timer: 'valve',
      ms: travelMs + this.policy.closeTimeoutMs,
      round: attempt,
      valve,
    })
  }

  askApproval(): void {
    const reminder = this.#shutoff.asked
    this.set({ state: 'awaiting_approval', asked: reminder + 1 })
    this.effects.push({ kind: 'ask_approval', planHash: this.#shutoff.plan.hash, reminder })
    this.effects.push({
      kind: 'start_timer',
      timer: 'approval',
      ms: this.policy.approvalMs,
      round: approvalRound(this.#shutoff),
    })
  }

  fail(ending: string): void {
    this.set({ state: 'failed', ending, replanPending: false })
    this.audit('failed', { detail: ending })
    this.effects.push({ kind: 'raise_alarm', code: 'shutoff_failed' })
  }

  abort(ending: string, by?: string): void {
    this.set({ state: 'aborted', ending, replanPending: false })
    this.audit('aborted', { detail: ending, ...(by !== undefined && { by }) })
  }
}

/** Number of the approval timer that runs: those of an earlier plan must not count. */
export function approvalRound({ replans, asked }: Shutoff): number {
  return replans * 1000 + asked
}
