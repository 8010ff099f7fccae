import type { Detection, RuleId } from '@gastwin/analytics'

/** A detection about the platform itself, or about a part that a shut-off found wanting. */
export function systemAlarm(
  rule: RuleId,
  active: boolean,
  now: number,
  value: number,
  limit: number,
  unit: string,
): Detection {
  return {
    rule,
    asset: { kind: 'system', id: 'gastwin' },
    zone: undefined,
    at: now,
    since: now,
    active,
    value,
    limit,
    unit,
    strength: 'weak',
    evidenceKind: 'platform',
    evidence: [{ code: rule, at: now, value, limit, unit }],
  }
}
