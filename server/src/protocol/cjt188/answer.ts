import type { Malformed } from '@gastwin/twin'
import { malformed } from '../bytes/malformed.ts'
import { commandOfForm, type DeviceAnswer, type QueuedCommand, settingForm } from '../report/answer.ts'
import type { DeviceLookup } from '../report/lookup.ts'
import type { WritableField } from './data-field.ts'
import { decodeDataField } from './decode.ts'
import { writeFrames } from './encode-report.ts'
import { CLOCK_WRITE_DI, CONNECTION_DI, CONTROL, PARAMETER_DI, PRICES_DI, TICKET_DI, VALVE_DI } from './identifiers.ts'
import { scanFrames } from './scan.ts'
import { unsealer } from './unseal.ts'

/**
 * Writes the answer to a report as master frames: the clock, then ticket and command if one waits. A meter that does not know our
 * identifiers gets a close without ticket; a parameter has no form for it.
 */
export function encodeCjt188Answer(answer: DeviceAnswer, sealed: boolean, lookup: DeviceLookup): Uint8Array {
  const { device, now, command } = answer
  const profile = lookup.profileOf?.(device)
  const order = profile?.identifierOrder ?? 'high-first'
  const fields: WritableField[] = [{ kind: 'clock', di: CLOCK_WRITE_DI, order, serial: 0, time: now }]
  if (command?.kind === 'close' && profile?.extension === false)
    fields.push({ kind: 'valve-command', di: VALVE_DI, order, serial: 1, action: 'close' })
  else if (command) {
    fields.push({ kind: 'ticket', di: TICKET_DI, order, serial: 1, commandId: command.id })
    fields.push(orderField(command, { order, serial: 2 }))
  }
  return writeFrames(
    device,
    fields.map((field) => ({ control: CONTROL.WRITE, field })),
    sealed,
    lookup,
  )
}

/** What the device reads: mirror of `encodeCjt188Answer`. The number of a command that came without ticket is −1. */
export function decodeCjt188Answer(
  payload: Uint8Array,
  sealed: boolean,
  lookup: DeviceLookup,
): DeviceAnswer | Malformed {
  const unseal = sealed ? unsealer(lookup) : undefined
  let device = -1
  let now = Number.NaN
  let ticket = -1
  let command: QueuedCommand | undefined
  for (const found of scanFrames(payload)) {
    if (found.kind === 'malformed') return found
    device = found.address
    const plain = unseal === undefined ? found : unseal(found)
    if (plain.kind === 'malformed') return plain
    const field = decodeDataField(plain)
    if (field.kind === 'malformed') return field
    if (field.kind === 'clock') now = field.time
    else if (field.kind === 'ticket') ticket = field.commandId
    else if (field.kind === 'valve-command' && field.action === 'close') command = { kind: 'close', id: ticket }
    else if (field.kind === 'connection')
      command = { kind: 'connection', id: ticket, setting: field.setting, text: field.text }
    else if (field.kind === 'prices') command = { kind: 'price', id: ticket, prices: field.prices }
    else if (field.kind === 'parameter') {
      command = commandOfForm(ticket, field.parameter, field.value)
      if (!command) return malformed('out-of-range', found.at + 14, 'the parameter has no name')
    } else return malformed('unsupported', found.at, `a ${field.kind} frame is no part of an answer`)
  }
  if (Number.isNaN(now)) return malformed('bad-time', 0, 'the answer carries no clock')
  if (command && command.id < 0 && lookup.profileOf?.(device)?.extension !== false)
    return malformed('unsupported', 0, 'a command without ticket')
  return command ? { device, now, command } : { device, now }
}

function orderField(
  command: QueuedCommand,
  head: Pick<Extract<WritableField, { kind: 'ticket' }>, 'order' | 'serial'>,
): WritableField {
  switch (command.kind) {
    case 'close':
      return { kind: 'valve-command', di: VALVE_DI, ...head, action: 'close' }
    case 'connection':
      return { kind: 'connection', di: CONNECTION_DI, ...head, setting: command.setting, text: command.text }
    case 'price':
      return { kind: 'prices', di: PRICES_DI, ...head, prices: command.prices }
    default: {
      const { number, value } = settingForm(command)
      return { kind: 'parameter', di: PARAMETER_DI, ...head, parameter: number, value }
    }
  }
}
