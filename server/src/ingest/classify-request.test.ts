import type { Report, Trigger } from '@gastwin/twin'
import { expect, test } from 'vitest'
import {
  COAP_CODE,
  COAP_OPTION,
  COAP_TYPE,
  CONTENT_FORMAT,
  type DeviceLookup,
  encodeMessage,
  encodeReport,
  parseMessage,
  pathOptions,
  textOption,
  uintOption,
} from '../protocol/index.ts'
import { classifyRequest } from './classify-request.ts'
import { DEVICE_RESOURCES } from './resources.ts'

const lookup: DeviceLookup = { keyOf: () => new Uint8Array(16), statusProfileOf: () => 'standard' }

function classOf(
  path: string,
  contentFormat: number,
  trigger: Trigger,
  query?: string,
  kind: 'meter' | 'valve' = 'meter',
) {
  const at = Date.UTC(2026, 0, 15, 2)
  const report: Report = {
    device: 181702000027,
    kind,
    trigger,
    deviceTime: at,
    sequence: 1,
    readings:
      kind === 'valve'
        ? []
        : [
            { quantity: 'index_m3', at, value: 10 },
            { quantity: 'settlement_index_m3', at, value: 9 },
          ],
    events: [],
    status: { valve: 'open' },
  }
  const bytes = encodeMessage({
    type: COAP_TYPE.CON,
    code: COAP_CODE.POST,
    messageId: 1,
    options: [
      ...pathOptions(path),
      uintOption(COAP_OPTION.CONTENT_FORMAT, contentFormat),
      ...(query === undefined ? [] : [textOption(COAP_OPTION.URI_QUERY, query)]),
    ],
    payload: encodeReport(contentFormat, report, lookup),
  })
  const message = parseMessage(bytes)
  const resource = DEVICE_RESOURCES.get(path)
  if (message.kind === 'malformed' || !resource) throw new Error('the example is wrong')
  return classifyRequest(resource, message)
}

test('an alarm in the CBOR profile is read from the payload', () => {
  expect(classOf('r', CONTENT_FORMAT.CBOR, 'alarm')).toBe('alarm')
  expect(classOf('r', CONTENT_FORMAT.CBOR, 'timed')).toBe('commercial')
})

test('an encrypted alarm is told by its query, and by that exact word only', () => {
  expect(classOf('r', CONTENT_FORMAT.CJT188_SM4, 'alarm', 'alarm')).toBe('alarm')
  expect(classOf('r', CONTENT_FORMAT.CJT188_SM4, 'timed')).toBe('residential')
  expect(classOf('r', CONTENT_FORMAT.CJT188, 'timed', 'alarms')).toBe('residential')
})

test('registrations wait with the homes, but those of valves with nobody; command pulls go with the network', () => {
  expect(classOf('reg', CONTENT_FORMAT.CBOR, 'registration')).toBe('residential')
  expect(classOf('reg', CONTENT_FORMAT.CBOR, 'registration', undefined, 'valve')).toBe('alarm')
  expect(classOf('cmd', CONTENT_FORMAT.CBOR, 'timed')).toBe('commercial')
})

test('first contacts and sealed registrations of what cannot wait say so from outside; nobody reads through a seal', () => {
  const classOfSealed = (path: string, contentFormat: number, query?: string) => {
    const options = [...pathOptions(path), uintOption(COAP_OPTION.CONTENT_FORMAT, contentFormat)]
    if (query !== undefined) options.push(textOption(COAP_OPTION.URI_QUERY, query))
    const head = { type: COAP_TYPE.CON, code: COAP_CODE.POST, messageId: 1 } as const
    const message = parseMessage(encodeMessage({ ...head, options, payload: new Uint8Array(60) }))
    const resource = DEVICE_RESOURCES.get(path)
    if (message.kind === 'malformed' || !resource) throw new Error('the example is wrong')
    return classifyRequest(resource, message)
  }
  const { CONTACT, SEALED } = CONTENT_FORMAT
  expect(classOfSealed('reg', CONTACT)).toBe('residential')
  expect(classOfSealed('reg', CONTACT, 'alarm')).toBe('alarm')
  expect([classOfSealed('reg', SEALED), classOfSealed('r', SEALED)]).toEqual(['commercial', 'commercial'])
  expect([classOfSealed('reg', SEALED, 'alarm'), classOfSealed('r', SEALED, 'alarm')]).toEqual(['alarm', 'alarm'])
})
