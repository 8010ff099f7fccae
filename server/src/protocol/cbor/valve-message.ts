import type { Malformed, ValvePosition } from '@gastwin/twin'
import { malformed } from '../bytes/malformed.ts'
import { VALVE_POSITIONS } from '../report/words.ts'
import { KEY, MAX_DEVICE } from './keys.ts'
import { expectEnd, readMap, uintUpTo, wordOf } from './read-map.ts'
import { CborReader } from './reader.ts'
import { readCommandAnswer } from './report.ts'
import { CborWriter } from './writer.ts'

/** The two operations of `POST /v`, in wire order from 1. There is no third: a valve is opened by a person on site (S2-18). */
const OPERATIONS = ['select', 'close'] as const
export type ValveOperation = (typeof OPERATIONS)[number]

/** A request to a valve actuator. `select` names the valve and changes nothing; `close` is accepted only after it. */
export interface ValveRequest {
  readonly operation: ValveOperation
  readonly device: number
  readonly commandId: number
}

/** What the actuator answers: its own number, and whether it accepts. */
export interface ValveReply {
  readonly operation: ValveOperation
  readonly device: number
  readonly commandId: number
  readonly accepted: boolean
  readonly position: ValvePosition
}

/** { 1: device, 15: [command id, true], 19: operation } */
export const encodeValveRequest = ({ device, commandId, operation }: ValveRequest): Uint8Array =>
  new CborWriter()
    .map(3)
    .int(KEY.DEVICE)
    .int(device)
    .int(KEY.COMMAND)
    .array(2)
    .int(commandId)
    .bool(true)
    .int(KEY.OPERATION)
    .int(OPERATIONS.indexOf(operation) + 1)
    .finish()

/** { 1: device, 8: position, 15: [command id, accepted], 19: operation } */
export const encodeValveReply = ({ device, commandId, operation, accepted, position }: ValveReply): Uint8Array =>
  new CborWriter()
    .map(4)
    .int(KEY.DEVICE)
    .int(device)
    .int(KEY.VALVE)
    .int(VALVE_POSITIONS.indexOf(position))
    .int(KEY.COMMAND)
    .array(2)
    .int(commandId)
    .bool(accepted)
    .int(KEY.OPERATION)
    .int(OPERATIONS.indexOf(operation) + 1)
    .finish()

/** Mirror of `encodeValveRequest`. */
export function decodeValveRequest(payload: Uint8Array): ValveRequest | Malformed {
  const message = readValveMessage(payload)
  if (message.kind === 'malformed') return message
  const { device, commandId, operation } = message
  return { device, commandId, operation }
}

/** Mirror of `encodeValveReply`. */
export function decodeValveReply(payload: Uint8Array): ValveReply | Malformed {
  const message = readValveMessage(payload)
  if (message.kind === 'malformed') return message
  const { device, commandId, operation, accepted, position } = message
  return position
    ? { device, commandId, operation, accepted, position }
    : malformed('unsupported', 0, 'a valve answer tells the position')
}

interface ValveMessage {
  readonly kind: 'valve'
  readonly device: number
  readonly commandId: number
  readonly accepted: boolean
  readonly operation: ValveOperation
  readonly position: ValvePosition | undefined
}

function readValveMessage(payload: Uint8Array): ValveMessage | Malformed {
  const reader = new CborReader(payload)
  let device = -1
  let command: { id: number; accepted: boolean } | undefined
  let operation: ValveOperation | undefined
  let position: ValvePosition | undefined
  readMap(reader, (key) => {
    if (key === KEY.DEVICE) device = uintUpTo(reader, MAX_DEVICE, 'a device number')
    else if (key === KEY.COMMAND) command = readCommandAnswer(reader)
    else if (key === KEY.OPERATION) operation = wordOf(reader, [undefined, ...OPERATIONS], 'the operation')
    else if (key === KEY.VALVE) position = wordOf(reader, VALVE_POSITIONS, 'the valve position')
    else return false
    return true
  })
  expectEnd(reader)
  if (reader.problem) return reader.problem
  if (device < 0 || !command || !operation) {
    return malformed('unsupported', 0, 'a valve message names device, command and operation')
  }
  const { id, accepted } = command
  return { kind: 'valve', device, commandId: id, accepted, operation, position }
}
