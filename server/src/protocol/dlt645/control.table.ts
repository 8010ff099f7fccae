import { clock, digits, number, opaque, type RecordLayout } from '../record/field.ts'

/** The two generations: they share the envelope and differ in everything inside. */
export type Generation = '1997' | '2007'

/** Bits of the control code C. @source DL/T 645-1997 and -2007 as publicly described */
export const CONTROL = {
  ANSWER: 0b1000_0000,
  ABNORMAL: 0b0100_0000,
  MORE: 0b0010_0000,
  FUNCTION: 0b0001_1111,
} as const

export const READ = { '1997': 0x01, '2007': 0x11 } as const
export const READ_NEXT = { '1997': 0x02, '2007': 0x12 } as const
export const WRITE_2007 = 0x14
export const READ_ADDRESS = 0x13
export const BROADCAST_TIME = 0x08
export const RELAY_CONTROL = 0x1c

/**
 * What the data of one function holds: an identifier first or not, then a record. Without `record` it is the identifier's own;
 * an empty one: nothing.
 */
export interface FunctionData {
  readonly identified: boolean
  readonly record?: RecordLayout
  /** The last byte counts the parts of a long answer. */
  readonly counted?: boolean
}

export interface ControlFunction {
  readonly name: string
  readonly request: FunctionData
  readonly answer: FunctionData
}

const NOTHING: FunctionData = { identified: false, record: [] }
const IDENTIFIER: FunctionData = { identified: true, record: [] }
const VALUES: FunctionData = { identified: true }
const only = (...record: RecordLayout): FunctionData => ({ identified: false, record })

/** PA and P0…P2, then the code of the operator. The password is shown as bytes and never as a number. */
const AUTHORITY: RecordLayout = [opaque('password', 4), opaque('operator', 4)]
const TIME = clock('time', 'ssmmhhDDMMYY')
const plain = (name: string, request: FunctionData, answer: FunctionData = NOTHING): ControlFunction => ({
  name,
  request,
  answer,
})

/** @source DL/T 645-2007 §5.2 and §7 as publicly described */
const FUNCTIONS_2007: ReadonlyMap<number, ControlFunction> = new Map([
  [
    0x03,
    plain(
      'security authentication',
      { identified: true, record: [opaque('content')] },
      { identified: true, record: [opaque('content')] },
    ),
  ],
  [BROADCAST_TIME, plain('broadcast time', only(TIME))],
  [0x11, plain('read data', IDENTIFIER, VALUES)],
  [
    0x12,
    plain(
      'read next data',
      { identified: true, record: [number('part', 1, 0, 'none', { coding: 'uint' })] },
      { identified: true, counted: true },
    ),
  ],
  [READ_ADDRESS, plain('read address', NOTHING, only(digits('address', 6)))],
  [WRITE_2007, plain('write data', { identified: true, record: [...AUTHORITY, opaque('content')] })],
  [0x15, plain('write address', only(digits('address', 6)))],
  [0x16, plain('freeze', only(opaque('when, 99 for every', 4)))],
  [0x17, plain('change baud', only(opaque('baud byte', 1)), only(opaque('baud byte', 1)))],
  [
    0x18,
    plain(
      'change password',
      { identified: true, record: [opaque('old password', 4), opaque('password', 4)] },
      only(opaque('password', 4)),
    ),
  ],
  [0x19, plain('clear demand', only(...AUTHORITY))],
  [0x1a, plain('clear meter', only(...AUTHORITY))],
  [0x1b, plain('clear events', only(...AUTHORITY, opaque('identifier', 4)))],
  [RELAY_CONTROL, plain('relay control', only(...AUTHORITY, opaque('operation', 1), opaque('spare', 1), TIME))],
  [0x1d, plain('multi-function terminal', only(opaque('output', 1)), only(opaque('output', 1)))],
])

/** @source DL/T 645-1997 as publicly described */
const FUNCTIONS_1997: ReadonlyMap<number, ControlFunction> = new Map([
  [0x01, plain('read data', IDENTIFIER, VALUES)],
  [0x02, plain('read next data', IDENTIFIER, VALUES)],
  [0x03, plain('read again', NOTHING, VALUES)],
  [0x04, plain('write data', { identified: true, record: [opaque('content')] })],
  [BROADCAST_TIME, plain('broadcast time', only(TIME))],
  [0x0a, plain('write address', only(digits('address', 6)))],
  [0x0c, plain('change baud', only(opaque('baud byte', 1)), only(opaque('baud byte', 1)))],
  [0x0f, plain('change password', only(opaque('old password', 4), opaque('password', 4)), only(opaque('password', 4)))],
  [0x10, plain('clear demand', NOTHING)],
])

const FUNCTIONS = { '1997': FUNCTIONS_1997, '2007': FUNCTIONS_2007 } as const

/** The function of a control code; undefined when the generation has none of this number. */
export const functionOf = (control: number, generation: Generation): ControlFunction | undefined =>
  FUNCTIONS[generation].get(control & CONTROL.FUNCTION)

/** The only generation that has this function; undefined when both have it or none. */
export function generationOf(control: number): Generation | undefined {
  const old = functionOf(control, '1997') !== undefined
  const later = functionOf(control, '2007') !== undefined
  return old === later ? undefined : old ? '1997' : '2007'
}

/** Operations of relay control as they are read. @source DL/T 645-2007 §7.13 as publicly described */
export const RELAY_OPERATIONS: ReadonlyMap<number, string> = new Map([
  [0x1a, 'trip'],
  [0x1b, 'permit closing on site'],
  [0x1c, 'close'],
  [0x2a, 'alarm'],
  [0x2b, 'alarm off'],
  [0x3a, 'keep power'],
  [0x3b, 'keep power off'],
])
