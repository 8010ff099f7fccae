import type { Alarm } from '@gastwin/server/contract'

export type AlarmList = 'current' | 'shelved' | 'suppressed'

/** In which list an alarm stands; none once it is cleared and acknowledged. */
export function listOf(alarm: Alarm): AlarmList | undefined {
  switch (alarm.state) {
    case 'active_unacked':
    case 'active_acked':
    case 'cleared_unacked':
      return 'current'
    case 'shelved':
      return 'shelved'
    case 'suppressed':
      return 'suppressed'
    default:
      return undefined
  }
}

export const isUnacked = (alarm: Alarm): boolean =>
  alarm.state === 'active_unacked' || alarm.state === 'cleared_unacked'

/** Priority, then what nobody has acknowledged, then the newest. */
export function compareAlarms(a: Alarm, b: Alarm): number {
  return (
    a.priority - b.priority ||
    Number(isUnacked(b)) - Number(isUnacked(a)) ||
    b.raised_at - a.raised_at ||
    (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)
  )
}

export interface AlarmFilter {
  readonly list: AlarmList
  /** Empty = all. */
  readonly priorities: ReadonlySet<number>
  readonly unackedOnly: boolean
}

export function selectAlarms(alarms: Iterable<Alarm>, { list, priorities, unackedOnly }: AlarmFilter): Alarm[] {
  const chosen: Alarm[] = []
  for (const alarm of alarms) {
    if (listOf(alarm) !== list) continue
    if (priorities.size > 0 && !priorities.has(alarm.priority)) continue
    if (unackedOnly && !isUnacked(alarm)) continue
    chosen.push(alarm)
  }
  return chosen.sort(compareAlarms)
}

/**
 * Nothing moves under the pointer or the focus: while the operator is in the list, rows keep their places and content is
 * brought up to date in them; new rows wait and are counted.
 * @param held ids as they stand on the screen
 */
export function holdOrder(
  held: readonly string[],
  sorted: readonly Alarm[],
  all: ReadonlyMap<string, Alarm>,
): { readonly rows: readonly Alarm[]; readonly waiting: number } {
  const known = new Set(held)
  const rows = held.flatMap((id) => all.get(id) ?? [])
  return { rows, waiting: sorted.filter((alarm) => !known.has(alarm.id)).length }
}

export type AlarmEntry =
  | { readonly kind: 'alarm'; readonly key: string; readonly alarm: Alarm; readonly firstOut: boolean }
  | {
      readonly kind: 'group'
      readonly key: string
      readonly zone: string
      readonly first: Alarm
      readonly alarms: readonly Alarm[]
    }

/** In a flood fewer rows say more: this many alarms of one zone become one. */
const LEAST_GROUP = 3

/**
 * Groups the alarms of a flood by zone and marks the one that began first. Priority 1 is never grouped.
 * @param open keys of groups whose rows are shown one by one
 */
export function groupFlood(rows: readonly Alarm[], open: ReadonlySet<string>): AlarmEntry[] {
  const byZone = new Map<string, Alarm[]>()
  for (const alarm of rows) {
    if (alarm.priority === 1 || alarm.zone === null) continue
    const group = byZone.get(alarm.zone)
    if (group === undefined) byZone.set(alarm.zone, [alarm])
    else group.push(alarm)
  }
  const entries: AlarmEntry[] = []
  const done = new Set<string>()
  for (const alarm of rows) {
    const group = alarm.priority === 1 || alarm.zone === null ? undefined : byZone.get(alarm.zone)
    if (group === undefined || group.length < LEAST_GROUP || alarm.zone === null) {
      entries.push({ kind: 'alarm', key: alarm.id, alarm, firstOut: false })
      continue
    }
    if (done.has(alarm.zone)) continue
    done.add(alarm.zone)
    const first = group.reduce((a, b) => (b.since < a.since ? b : a))
    const key = `group:${alarm.zone}`
    entries.push({ kind: 'group', key, zone: alarm.zone, first, alarms: group })
    if (open.has(key))
      for (const member of group)
        entries.push({ kind: 'alarm', key: member.id, alarm: member, firstOut: member.id === first.id })
  }
  return entries
}

/** Standing alarms by priority 1…4. */
export function countByPriority(alarms: Iterable<Alarm>): readonly [number, number, number, number] {
  const counts: [number, number, number, number] = [0, 0, 0, 0]
  for (const alarm of alarms) if (listOf(alarm) === 'current') counts[(alarm.priority - 1) as 0 | 1 | 2 | 3]++
  return counts
}
