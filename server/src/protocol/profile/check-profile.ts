import { DEVICE_EVENTS } from '@gastwin/twin'
import type { CipherProfile } from '../cjt188/cipher.ts'
import { EXTENSION_DI, PARAMETER_DI, TICKET_DI, VALVE_DI } from '../cjt188/identifiers.ts'
import { fieldLength } from '../record/field.ts'
import { STATUS_PROFILES, type StatusLayout, type StatusProfile } from '../record/status-word.ts'
import { checkFields } from './check-fields.ts'
import { Checker, type ProfileMistake } from './checker.ts'
import {
  METER_FAMILIES,
  type MessagePolicy,
  PROFILE_PROTOCOLS,
  type ProfileLayout,
  type ProfileProtocol,
  type VendorProfile,
} from './vendor-profile.ts'

/** Value of `schema` in a profile file. */
export const PROFILE_SCHEMA = 'gastwin-vendor-profile/1'
/** What a valve is told and what gastwin itself sends means the same for every maker. */
const FIXED: readonly number[] = [VALVE_DI, EXTENSION_DI, TICKET_DI, PARAMETER_DI]

/**
 * A vendor profile from parsed JSON (docs/VENDOR-PROFILES.md).
 * @returns the profile, or every mistake with its place
 */
export function checkProfile(json: unknown): VendorProfile | { readonly mistakes: readonly ProfileMistake[] } {
  const check = new Checker()
  const file = check.object(
    '',
    json,
    ['schema', 'name', 'protocol', 'maker', 'source'],
    ['identifierOrder', 'followUps', 'unitPosition', 'status', 'cipher', 'policy', 'extension', 'layouts'],
  )
  check.word('schema', file['schema'], [PROFILE_SCHEMA], PROFILE_SCHEMA)
  const protocol = check.word('protocol', file['protocol'], PROFILE_PROTOCOLS, 'cjt188')
  if (protocol !== 'cjt188') {
    for (const key of ['identifierOrder', 'followUps', 'unitPosition', 'cipher', 'policy', 'extension'])
      if (file[key] !== undefined) check.fail(key, 'is for cjt188 only')
  }
  const cipher = file['cipher'] === undefined ? undefined : checkCipher(check, file['cipher'])
  const policy = file['policy'] === undefined ? undefined : checkPolicy(check, file['policy'])
  const profile: VendorProfile = {
    name: check.text('name', file['name'], /^[a-z0-9]+(-[a-z0-9]+){0,9}$/, 'lower-case words joined by hyphens'),
    protocol,
    maker: check.text('maker', file['maker'], /^.{1,120}$/u, 'a text of at most 120 letters'),
    source: check.text('source', file['source'], /^.{1,400}$/u, 'a text of at most 400 letters'),
    identifierOrder: check.word('identifierOrder', file['identifierOrder'], ['high-first', 'low-first'], 'high-first'),
    followUps: check.flag('followUps', file['followUps']),
    unitPosition: check.word('unitPosition', file['unitPosition'], ['after', 'before'], 'after'),
    status: checkStatus(check, file['status']),
    ...(cipher && { cipher }),
    ...(policy && { policy }),
    extension: check.flag('extension', file['extension']),
    layouts: check
      .array('layouts', file['layouts'])
      .map((entry, i) => checkLayout(check, `layouts[${i}]`, entry, protocol)),
  }
  checkTwice(check, profile.layouts)
  return check.mistakes.length > 0 ? { mistakes: check.mistakes } : profile
}

function checkStatus(check: Checker, value: unknown): StatusProfile | StatusLayout {
  if (value === undefined) return 'unknown'
  if (typeof value === 'string') return check.word('status', value, STATUS_PROFILES, 'unknown')
  const file = check.object('status', value, ['valveMask', 'open', 'closed'], ['abnormal', 'events'])
  const pattern = (key: string): number => check.hex(`status.${key}`, file[key], [2, 4])
  const valveMask = pattern('valveMask')
  const patterns = {
    open: pattern('open'),
    closed: pattern('closed'),
    abnormal: file['abnormal'] === undefined ? -1 : pattern('abnormal'),
  }
  const seen: number[] = []
  for (const [key, bits] of Object.entries(patterns)) {
    if (bits < 0) continue
    if ((bits & ~valveMask) !== 0) check.fail(`status.${key}`, 'has bits outside valveMask')
    if (seen.includes(bits)) check.fail(`status.${key}`, 'is the pattern of another position')
    seen.push(bits)
  }
  const events = check.array('status.events', file['events']).map((entry, i) => {
    const path = `status.events[${i}]`
    const item = check.object(path, entry, ['mask', 'event'])
    const mask = check.hex(`${path}.mask`, item['mask'], [2, 4])
    if (mask === 0 || (mask & valveMask) !== 0) check.fail(`${path}.mask`, 'must have a bit, and none of valveMask')
    return [mask, check.word(`${path}.event`, item['event'], DEVICE_EVENTS, 'reset')] as const
  })
  return { valveMask, ...patterns, neither: freePattern(valveMask, seen), events }
}

/** A pattern of the mask that stands for no position; closed where there is none. */
function freePattern(mask: number, taken: readonly number[]): number {
  for (let bits = mask; bits > 0; bits = (bits - 1) & mask) if (!taken.includes(bits)) return bits
  return taken.includes(0) ? (taken[1] ?? 0) : 0
}

function checkCipher(check: Checker, value: unknown): CipherProfile {
  const file = check.object('cipher', value, ['padding', 'iv', 'span'])
  return {
    padding: check.word('cipher.padding', file['padding'], ['pkcs7', '80-00'], 'pkcs7'),
    iv: check.word('cipher.iv', file['iv'], ['zero', 'address'], 'zero'),
    span: check.word('cipher.span', file['span'], ['data-field'], 'data-field'),
  }
}

function checkPolicy(check: Checker, value: unknown): MessagePolicy {
  const file = check.object('policy', value, ['report', 'alarm', 'command'])
  const rule = (key: string) => check.word(`policy.${key}`, file[key], ['plain', 'cipher', 'both'] as const, 'both')
  return { report: rule('report'), alarm: rule('alarm'), command: rule('command') }
}

function checkLayout(check: Checker, path: string, value: unknown, protocol: ProfileProtocol): ProfileLayout {
  const file = check.object(path, value, ['identifier', 'fields'], ['family'])
  const identifier = check.hex(`${path}.identifier`, file['identifier'], [protocol === 'dlt645-2007' ? 8 : 4])
  if (protocol === 'cat1') check.fail(path, 'the push has no identifiers to lay out')
  if (protocol === 'cjt188' && FIXED.includes(identifier))
    check.fail(`${path}.identifier`, 'has the same form for every maker')
  const family =
    file['family'] === undefined ? undefined : check.word(`${path}.family`, file['family'], METER_FAMILIES, 'gas')
  if (family !== undefined && protocol !== 'cjt188') check.fail(`${path}.family`, 'is for cjt188 only')
  return { identifier, ...(family && { family }), fields: checkFields(check, `${path}.fields`, file['fields']) }
}

/** Two layouts of one identifier are told apart by length alone. */
function checkTwice(check: Checker, layouts: readonly ProfileLayout[]): void {
  const seen = new Set<string>()
  for (const [i, { identifier, family, fields }] of layouts.entries()) {
    const length = fields.reduce((sum, field) => sum + fieldLength(field), 0)
    const key = `${identifier} ${family ?? 'all'} ${length}`
    if (seen.has(key)) check.fail(`layouts[${i}]`, 'another layout has this identifier, family and length')
    seen.add(key)
  }
}
