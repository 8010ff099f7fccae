import { readFile } from 'node:fs/promises'
import { type Alarm, RULES } from '@gastwin/analytics'
import { type CityCalendar, UsageError } from '@gastwin/twin'

/** How somebody is told: a program that is given the notice on its input, or a POST. */
export type NoticeWay =
  | { readonly command: readonly string[] }
  | { readonly post: string; readonly headers: Readonly<Record<string, string>> }

/** Which alarms are told to whom, and when; what is not said does not narrow. */
export interface NoticeRule {
  readonly name: string
  readonly rules?: readonly string[]
  readonly priorities?: readonly number[]
  readonly zones?: readonly string[]
  /** Ids of devices and of other assets. */
  readonly assets?: readonly string[]
  /** Local hours of the city, `HH:MM`; a window may pass midnight. */
  readonly from?: string
  readonly to?: string
  /** Days of the week on which the window begins, 0 Sunday … 6 Saturday. */
  readonly days?: readonly number[]
  /** Also told when the alarm has cleared. */
  readonly cleared: boolean
  readonly way: NoticeWay
}

const MINUTE_MS = 60_000
const DAY_MINUTES = 1_440
const KEYS = [
  'name',
  'rules',
  'priorities',
  'zones',
  'assets',
  'from',
  'to',
  'days',
  'cleared',
  'command',
  'post',
  'headers',
]

/** Whether an alarm that was raised, came back or cleared at an instant is told by a rule. */
export function isTold(rule: NoticeRule, alarm: Alarm, calendar: CityCalendar, at: number): boolean {
  const { rules, priorities, zones, assets } = rule
  if (rules !== undefined && !rules.includes(alarm.rule)) return false
  if (priorities !== undefined && !priorities.includes(alarm.priority)) return false
  if (zones !== undefined && !(alarm.zone !== null && zones.includes(alarm.zone))) return false
  if (assets !== undefined && !concerns(alarm, assets)) return false
  return isWithin(rule, calendar, at)
}

/** An alarm of a zone is about the devices that its evidence names. */
const concerns = ({ asset, evidence }: Alarm, assets: readonly string[]): boolean =>
  assets.includes(asset.id) || evidence.some((fact) => fact.asset !== undefined && assets.includes(fact.asset.id))

function isWithin({ from = '00:00', to = '24:00', days }: NoticeRule, calendar: CityCalendar, at: number): boolean {
  const minute = Math.floor((at + calendar.offset(at)) / MINUTE_MS) % DAY_MINUTES
  const [begin, end] = [minuteOf(from), minuteOf(to)]
  const today = calendar.weekday(at)
  const on = (day: number): boolean => days === undefined || days.includes(day)
  if (begin < end) return on(today) && minute >= begin && minute < end
  // A window that passes midnight belongs to the day on which it began.
  return (on(today) && minute >= begin) || (on((today + 6) % 7) && minute < end)
}

const minuteOf = (text: string): number => 60 * Number(text.slice(0, 2)) + Number(text.slice(3))

/**
 * Rules of notices from a JSON file: a list of `{"name", "command": [...] | "post": URL, …}`.
 * @throws UsageError CFG_INVALID with one line for each mistake
 */
export async function readNoticeRules(file: string): Promise<readonly NoticeRule[]> {
  let list: unknown
  try {
    list = JSON.parse(await readFile(file, 'utf8'))
  } catch (error) {
    throw new UsageError('CFG_INVALID', `${file}: ${error instanceof Error ? error.message : String(error)}`, {}, error)
  }
  if (!Array.isArray(list)) throw new UsageError('CFG_INVALID', `${file}: expected a list of notices`)
  const faults = list.flatMap((row: unknown, i) => faultsOf(row).map((fault) => `${file}: [${i}]: ${fault}`))
  const names = list.map((row: { readonly name?: unknown } | null) => row?.name)
  if (new Set(names).size < names.length) faults.push(`${file}: two notices have one name`)
  if (faults.length > 0) throw new UsageError('CFG_INVALID', faults.join('\n'), { faults: faults.length })
  return list.map(({ command, post, headers, cleared, ...rest }): NoticeRule => {
    const way: NoticeWay = post === undefined ? { command } : { post, headers: headers ?? {} }
    return { ...rest, cleared: cleared === true, way }
  })
}

const isText = (value: unknown): boolean => typeof value === 'string' && value !== ''
const isListOf = (value: unknown, is: (one: unknown) => boolean): boolean =>
  value === undefined || (Array.isArray(value) && value.length > 0 && value.every(is))
const isTime = (value: unknown): boolean =>
  value === undefined || (typeof value === 'string' && /^([01]\d|2[0-3]):[0-5]\d$|^24:00$/.test(value))
const isUrl = (value: unknown): boolean =>
  typeof value === 'string' && /^https?:\/\//.test(value) && URL.canParse(value)

function faultsOf(row: unknown): string[] {
  if (typeof row !== 'object' || row === null) return ['expected an object']
  const fields = row as Readonly<Record<string, unknown>>
  const faults = Object.keys(fields).flatMap((key) => (KEYS.includes(key) ? [] : [`"${key}" is no field of a notice`]))
  const must = (holds: boolean, fault: string): void => {
    if (!holds) faults.push(fault)
  }
  const { name, rules, priorities, zones, assets, from, to, days, cleared, command, post, headers } = fields
  must(isText(name), 'name: expected a text')
  must(
    isListOf(rules, (one) => typeof one === 'string' && one in RULES),
    'rules: expected rules of alarms',
  )
  must(
    isListOf(priorities, (one) => [1, 2, 3, 4].includes(one as number)),
    'priorities: expected numbers 1 to 4',
  )
  must(isListOf(zones, isText) && isListOf(assets, isText), 'zones, assets: expected lists of ids')
  must(isTime(from) && isTime(to), 'from, to: expected local times such as 18:00')
  must(
    isListOf(days, (one) => [0, 1, 2, 3, 4, 5, 6].includes(one as number)),
    'days: expected numbers 0 (Sunday) to 6',
  )
  must(cleared === undefined || typeof cleared === 'boolean', 'cleared: expected true or false')
  must((command === undefined) !== (post === undefined), 'expected one of command and post')
  must(
    isListOf(command, (one) => typeof one === 'string'),
    'command: expected a list of texts',
  )
  must(post === undefined || isUrl(post), 'post: expected an http or https URL')
  const texts = typeof headers === 'object' && headers !== null && Object.values(headers).every(isText)
  must(headers === undefined || texts, 'headers: expected texts by name')
  return faults
}
