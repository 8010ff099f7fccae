import { timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { createGunzip } from 'node:zlib'
import { exception, Refusal } from './exception.ts'
import { isIdentifier } from './statement.ts'

/** One request in ClickHouse's HTTP interface, taken apart. */
export interface EngineRequest {
  readonly queryId: string
  /** The statement, or the head of an INSERT when rows follow in `data`. */
  readonly sql: string
  readonly data: Buffer
  readonly database: string
  readonly settings: ReadonlyMap<string, string>
  readonly parameters: ReadonlyMap<string, string>
  readonly defaultFormat: string
  readonly compressResponse: boolean
}

/** URL parameters that speak to the HTTP layer of a server and are no settings. */
const NOT_SETTINGS: ReadonlySet<string> = new Set([
  'query',
  'database',
  'default_format',
  'query_id',
  'user',
  'password',
  'session_id',
  'session_timeout',
  'session_check',
  'role',
  'compress',
  'decompress',
  'quota_key',
  'wait_end_of_query',
  'buffer_size',
  'enable_http_compression',
  'http_zlib_compression_level',
  'send_progress_in_http_headers',
  'http_headers_progress_interval_ms',
  'http_wait_end_of_query',
  'client_protocol_version',
])

/** @throws Refusal when the body is too large, cannot be unpacked, or a name in the URL is no identifier */
export async function readRequest(message: IncomingMessage, maxBodyBytes: number): Promise<EngineRequest> {
  const url = new URL(message.url ?? '/', 'http://engine')
  const body = await readBody(message, maxBodyBytes)
  const head = url.searchParams.get('query')
  const settings = new Map<string, string>()
  const parameters = new Map<string, string>()
  for (const [key, value] of url.searchParams) {
    const isParameter = key.startsWith('param_')
    const name = isParameter ? key.slice('param_'.length) : key
    if (isParameter ? !isIdentifier(name) : !NOT_SETTINGS.has(key) && !isIdentifier(key))
      throw new Refusal(exception(115, 'UNKNOWN_SETTING', `Name ${JSON.stringify(key)} is not an identifier`))
    if (isParameter) parameters.set(name, value)
    else if (!NOT_SETTINGS.has(key)) settings.set(key, value)
  }
  return {
    queryId: url.searchParams.get('query_id') ?? '',
    sql: head ?? body.toString('utf8'),
    data: head === null ? Buffer.alloc(0) : body,
    database: url.searchParams.get('database') ?? 'default',
    settings,
    parameters,
    defaultFormat: url.searchParams.get('default_format') ?? 'TabSeparated',
    compressResponse:
      url.searchParams.get('enable_http_compression') === '1' &&
      /\bgzip\b/.test(String(message.headers['accept-encoding'] ?? '')),
  }
}

/** Whether the request carries the password of this start. */
export function isAuthorised(message: IncomingMessage, password: string): boolean {
  const basic = /^Basic (.+)$/.exec(message.headers.authorization ?? '')?.[1]
  const given =
    basic === undefined
      ? String(message.headers['x-clickhouse-key'] ?? '')
      : Buffer.from(basic, 'base64')
          .toString('utf8')
          .replace(/^[^:]*:/, '')
  const a = Buffer.from(given)
  const b = Buffer.from(password)
  return a.length === b.length && timingSafeEqual(a, b)
}

async function readBody(message: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const encoding = message.headers['content-encoding']
  if (encoding !== undefined && encoding !== 'gzip')
    throw new Refusal(exception(48, 'NOT_IMPLEMENTED', `Content-Encoding ${encoding} is not supported`))
  const source = encoding === 'gzip' ? message.pipe(createGunzip()) : message
  const chunks: Buffer[] = []
  let length = 0
  try {
    for await (const chunk of source) {
      const bytes = chunk as Buffer
      length += bytes.length
      if (length > maxBytes) throw new Refusal(exception(117, 'TOO_LARGE_BODY', `Body exceeds ${maxBytes} bytes`))
      chunks.push(bytes)
    }
  } catch (error) {
    if (error instanceof Refusal) throw error
    throw new Refusal(exception(117, 'INCORRECT_DATA', `Body cannot be read: ${String(error)}`))
  }
  return Buffer.concat(chunks, length)
}
