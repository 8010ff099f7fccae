import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { readStatusWord, writeStatusWord } from '../record/status-word.ts'
import { checkProfile } from './check-profile.ts'

const FOLDER = new URL('../../../profiles/', import.meta.url)
const files = readdirSync(FOLDER).filter((file) => file.endsWith('.json'))
const GOOD = {
  schema: 'gastwin-vendor-profile/1',
  name: 'a-maker',
  protocol: 'cjt188',
  maker: 'a maker',
  source: 'its manual',
  status: { valveMask: '03', open: '00', closed: '01', abnormal: '03', events: [{ mask: '20', event: 'magnet' }] },
  layouts: [
    {
      identifier: '901F',
      family: 'gas',
      fields: [
        { kind: 'number', name: 'register', bytes: 4, decimals: 2, unit: 'coded', quantity: 'index_m3' },
        { kind: 'clock', name: 'clock', form: 'ssmmhhDDMMYYCC' },
        { kind: 'status', name: 'status word', bytes: 2 },
        { kind: 'bytes', name: 'rest', bytes: 0 },
      ],
    },
  ],
}
type Json = Record<string, unknown>
/** A copy of the good profile with one thing put in another place: `layouts.0.fields.1.form`. */
function changed(path: string, value: unknown): Json {
  const copy = structuredClone(GOOD) as Json
  const keys = path.split('.')
  let place: Json = copy
  for (const key of keys.slice(0, -1)) place = place[key] as Json
  place[keys.at(-1) ?? ''] = value
  return copy
}
const mistakesOf = (json: unknown): string[] => {
  const result = checkProfile(json)
  return 'mistakes' in result ? result.mistakes.map(({ path, message }) => `${path} ${message}`) : []
}

describe('vendor profiles', () => {
  test.each(files)('the shipped %s has no mistake, and its name is that of its file', (file) => {
    const result = checkProfile(JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8')))
    if ('mistakes' in result) throw new Error(JSON.stringify(result.mistakes))
    expect(`${result.name}.json`).toBe(file)
  })
  test('a good profile is taken, with what it leaves out filled in', () => {
    expect(checkProfile(GOOD)).toMatchObject({ identifierOrder: 'high-first', unitPosition: 'after', followUps: false })
    expect(checkProfile({ ...GOOD, status: undefined, layouts: undefined })).toMatchObject({
      status: 'unknown',
      layouts: [],
    })
  })
  test('its status word is read and written', () => {
    const profile = checkProfile(GOOD)
    if ('mistakes' in profile) throw new Error('refused')
    const status = { valve: 'closed', events: ['magnet'] } as const
    expect(writeStatusWord(status, profile.status)).toBe(0x21)
    expect(readStatusWord(0x21, profile.status)).toEqual(status)
    expect(readStatusWord(writeStatusWord({ valve: 'moving', events: [] }, profile.status), profile.status).valve).toBe(
      'unknown',
    )
  })
  test.each([
    ['schema', 'gastwin-vendor-profile/2', /^schema must be one of/],
    ['name', 'A Maker', /^name must be lower-case/],
    ['protocol', 'modbus', /^protocol must be one of/],
    ['colour', 'red', /^colour is not a key here/],
    ['maker', undefined, /^maker is missing/],
    ['followUps', 1, /^followUps must be true or false/],
    ['unitPosition', 'above', /^unitPosition must be one of after, before/],
    ['status', 'mine', /^status must be one of/],
    ['status.open', '04', /^status.open has bits outside/],
    ['status.closed', '00', /^status.closed is the pattern of another/],
    ['status.open', 'XY', /^status.open must be 2 or 4 hexadecimal/],
    ['status.events.0.mask', '01', /^status.events\[0\].mask must have a bit/],
    ['status.events.0.event', 'fire', /^status.events\[0\].event must be one of/],
    ['cipher', { padding: 'none', iv: 'zero', span: 'data-field' }, /^cipher.padding must be one of/],
    ['layouts', {}, /^layouts must be an array/],
    ['layouts.0.identifier', '90', /^layouts\[0\].identifier must be 4 hex/],
    ['layouts.0.identifier', 'A017', /^layouts\[0\].identifier has the same form/],
    ['layouts.0.family', 'oil', /^layouts\[0\].family must be one of/],
    ['layouts.0.fields', [], /^layouts\[0\].fields must have a field/],
    ['layouts.0.fields.0', 7, /^layouts\[0\].fields\[0\] must be an object/],
    ['layouts.0.fields.0.kind', 'float', /fields\[0\].kind must be one of/],
    ['layouts.0.fields.0.bytes', 8, /fields\[0\].bytes must be a whole number 1…7/],
    ['layouts.0.fields.0.decimals', 0.5, /fields\[0\].decimals must be a whole number/],
    ['layouts.0.fields.0.unit', 'ell', /fields\[0\].unit must be one of/],
    ['layouts.0.fields.0.unit', 'kWh', /fields\[0\].quantity index_m3 cannot stand in kWh/],
    ['layouts.0.fields.0.quantity', 'joy', /fields\[0\].quantity must be one of/],
    ['layouts.0.fields.0.coding', 'float', /fields\[0\].coding must be one of/],
    ['layouts.0.fields.1.form', 'hhmm', /fields\[1\].form must be one of/],
    ['layouts.0.fields.1.name', 'register', /fields\[1\].name register comes twice/],
    ['layouts.0.fields.1.name', '', /fields\[1\].name must be a name/],
    ['layouts.0.fields.2', { kind: 'bytes', name: 'all', bytes: 0 }, /fields\[2\].bytes only the last/],
    ['layouts.0.fields.3.bytes', 200, /fields 214 bytes are more/],
    ['layouts.1', GOOD.layouts[0], /^layouts\[1\] another layout has this/],
  ])('%s = %j is one mistake with its place', (path, value, message) => {
    const mistakes = mistakesOf(changed(path, value))
    expect(mistakes.length).toBe(1)
    expect(mistakes[0]).toMatch(message)
  })
  test('what is for one protocol is refused for another', () => {
    expect(mistakesOf({ ...GOOD, protocol: 'cat1', layouts: [], unitPosition: 'after' })).toEqual([
      'unitPosition is for cjt188 only',
    ])
    expect(mistakesOf({ ...GOOD, protocol: 'dlt645-1997' })).toEqual(['layouts[0].family is for cjt188 only'])
  })
  test('all mistakes are told at once, and nonsense is no exception', () => {
    expect(mistakesOf({ ...changed('name', 'A B'), protocol: 'x' }).length).toBe(2)
    for (const nonsense of [null, 7, 'x', [], [GOOD], {}]) expect(mistakesOf(nonsense).length).toBeGreaterThan(0)
  })
})
