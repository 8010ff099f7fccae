import { CONTENT, writeRecord } from './record.ts'

/** @source RFC 5246 §7.2 */
export const ALERT = {
  closeNotify: 0,
  handshakeFailure: 40,
  protocolVersion: 70,
  noRenegotiation: 100,
} as const

const WARNING = 1
const FATAL = 2

export interface Alert {
  readonly fatal: boolean
  readonly description: number
}

/** An alert as content of a record. */
export const alertContent = (description: number): Buffer =>
  Buffer.of(description === ALERT.closeNotify || description === ALERT.noRenegotiation ? WARNING : FATAL, description)

/** An alert in plain text, to a client with which there are no keys yet. @param sequence of the record that it answers */
export const plainAlert = (description: number, sequence: number): Buffer =>
  writeRecord(CONTENT.alert, 0, sequence, alertContent(description))

export function readAlert(content: Buffer): Alert | undefined {
  if (content.length !== 2) return undefined
  return { fatal: content[0] === FATAL, description: content[1] ?? 0 }
}
