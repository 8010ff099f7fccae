import type { AssetRef, Detection } from '@gastwin/analytics'
import { HOSTILE_SETTINGS } from '@gastwin/analytics'
import type { Report } from '@gastwin/twin'
import type { StepEvent } from '../trust/trust-events.ts'

/** What people must hear of, whoever says it. */
export const isUrgent = ({ trigger, events }: Report): boolean => trigger === 'alarm' || events.includes('gas_leak')

/** An urgent alarm of a sender who is not believed: it calls a person, and shuts no valve. */
export const unverifiedDetection = (
  asset: AssetRef,
  zone: string | undefined,
  at: number,
  active: boolean,
): Detection => ({
  ...{ rule: 'unverified_alarm', asset, zone, at, since: at, active, value: 1, limit: 0, unit: '1' },
  ...{ strength: 'weak', evidenceKind: 'communication' },
  evidence: [{ code: 'unverified_alarm', at, asset }],
})

/** A terminal that is at a step. */
export const hostileDetection = (
  { at, score, reasons, learned }: StepEvent,
  asset: AssetRef,
  zone: string | undefined,
  active: boolean,
): Detection => ({
  ...{ rule: 'hostile_terminal', asset, zone, at, since: at, active, value: score, unit: '1' },
  ...{ limit: HOSTILE_SETTINGS.thresholds.warn, strength: 'weak', evidenceKind: 'communication' },
  evidence: [
    ...reasons.map(({ code, count }) => ({ code, at, asset, value: count, unit: '1' })),
    ...(learned === undefined ? [] : [{ code: 'learned', at, asset, value: learned.probability, unit: '1' }]),
  ],
})
