/** Failures in the form a ClickHouse server gives them, so that the client on the other side raises its typed error. */

export interface EngineException {
  readonly code: number
  readonly status: number
  /** `Code: 62. DB::Exception: … (SYNTAX_ERROR)` */
  readonly text: string
}

const MESSAGE = /Code: (\d+)\. /

/** HTTP status per exception code, as the server maps them; 500 otherwise. */
const STATUS: Readonly<Record<number, number>> = {
  6: 400,
  26: 400,
  27: 400,
  36: 400,
  41: 400,
  46: 404,
  47: 404,
  53: 400,
  60: 404,
  62: 400,
  81: 404,
  115: 400,
  117: 400,
  159: 408,
  202: 503,
  241: 500,
  243: 507,
  456: 400,
  457: 400,
  516: 403,
}

/** An exception of our own, beside those the engine raises. */
export function exception(code: number, name: string, message: string): EngineException {
  return { code, status: STATUS[code] ?? 500, text: `Code: ${code}. DB::Exception: ${message}. (${name})` }
}

/** What the engine raised, as it would come from a server. */
export function engineException(error: unknown): EngineException {
  const message = error instanceof Error ? error.message : String(error)
  const found = MESSAGE.exec(message)
  if (found === null) return exception(1001, 'STD_EXCEPTION', message)
  const code = Number(found[1])
  return { code, status: STATUS[code] ?? 500, text: message.slice(found.index) }
}

/** Raised inside the front to leave a request early. */
export class Refusal extends Error {
  readonly exception: EngineException
  constructor(refused: EngineException) {
    super(refused.text)
    this.name = 'Refusal'
    this.exception = refused
  }
}
