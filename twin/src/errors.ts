/** Every error code of gastwin with its meaning and what to do; docs/ERRORS.md is compared with this table by a test. */
export const ERROR_CODES = {
  TWN_INVARIANT: 'a rule of the program itself was broken: report it with the context',
  TWN_CAPACITY: 'more devices than the state has rows for',
  TWN_SNAPSHOT: 'a snapshot of the twin state could not be read',
  NET_DOCUMENT: 'a network document breaks rules of gastwin-network/1',
  NET_UNKNOWN: 'an id is not in the network',
  CFG_INVALID: 'a configuration value is wrong',
  CLI_USAGE: 'the command line was not understood',
  LOG_FULL: 'the log cannot be extended: the disk is full or refuses writes',
  LOG_CORRUPT: 'a part of the log failed its checksum and was skipped',
  LOG_CLOSED: 'the log was used after it was closed',
  LOG_LOCKED: 'another process writes this log',
  PRT_ENCODE: 'a value does not fit the wire format it is to be sent in',
  STO_ENGINE: 'the database engine did not answer or refused',
  STO_MIGRATION: 'a migration of the database failed or is newer than this program',
  CMD_REFUSED: 'a command is not allowed in the present state',
  CMD_TIMEOUT: 'a device did not answer a command in time',
  CMD_DEVICE: 'a device answered a command with an error',
  AUT_REQUIRED: 'sign in first',
  AUT_FORBIDDEN: 'the role does not allow this',
  AUT_AREA: 'what is asked for lies outside of the area of the account',
  AUT_LOCKED: 'too many failed sign-ins: wait',
  API_INPUT: 'the request does not fit its schema',
  API_NOT_FOUND: 'there is no such thing',
  API_CONFLICT: 'the request does not fit the present state of the thing',
  API_UNAVAILABLE: 'a part of the service is not available now',
} as const
export type ErrorCode = keyof typeof ERROR_CODES

/** An error with a code, the facts around it, and its cause. Subclasses say whose fault it is. */
export class GasTwinError extends Error {
  readonly code: ErrorCode
  readonly context: Readonly<Record<string, unknown>>
  constructor(code: ErrorCode, message: string, context: Readonly<Record<string, unknown>> = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = new.target.name
    this.code = code
    this.context = context
  }
}
/** Our own bug. */
export class InvariantError extends GasTwinError {}
/** The caller (operator, API user, command line) asked for something impossible. */
export class UsageError extends GasTwinError {}
/** A device or a file said something that cannot be. */
export class PeerDataError extends GasTwinError {}
/** The log, the database or the disk refused. */
export class StoreError extends GasTwinError {}
/** A command to a device failed. */
export class CommandError extends GasTwinError {}
