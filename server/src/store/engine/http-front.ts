import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import type { ChdbResult, Session } from 'chdb'
import type { EngineLanes } from './engine-lanes.ts'
import { engineException, exception, Refusal } from './exception.ts'
import { type EngineRequest, isAuthorised, readRequest } from './request.ts'
import { dataFormat, formatClause, insertHead, isStreamable, statementKind } from './statement.ts'

export interface FrontOptions {
  readonly lanes: EngineLanes
  readonly password: string
  readonly maxBodyBytes: number
  /** A reader that takes nothing for so long is cut off, so that it does not keep a connection of the engine, ms. */
  readonly stalledReaderMs: number
}

/** ClickHouse's HTTP interface over the embedded engine: what `@clickhouse/client` uses of it. */
export function createFront(options: FrontOptions): Server {
  const server = createServer((request, response) => {
    answer(request, response, options).catch((error: unknown) => fail(response, error))
  })
  server.keepAliveTimeout = 60_000
  return server
}

async function answer(message: IncomingMessage, response: ServerResponse, options: FrontOptions): Promise<void> {
  if (message.url === '/ping') {
    response.end('Ok.\n')
    return
  }
  if (!isAuthorised(message, options.password))
    throw new Refusal(exception(516, 'AUTHENTICATION_FAILED', 'Authentication failed: password is incorrect'))
  const request = await readRequest(message, options.maxBodyBytes)
  response.setHeader('X-ClickHouse-Query-Id', request.queryId)
  response.setHeader('X-ClickHouse-Timezone', 'UTC')
  const kind = statementKind(request.sql)
  const connection = options.lanes.pick(kind)
  await connection.run(request, async (session) => {
    if (response.destroyed) return
    if (kind === 'data') await insert(session, request, response)
    else if (kind === 'read') await read(session, request, response, options.stalledReaderMs)
    else summarise(response, await session.queryAsync(withBody(request), { format: request.defaultFormat })).end()
  })
}

const withBody = (request: EngineRequest): string =>
  request.data.length === 0 ? request.sql : `${request.sql}\n${request.data.toString('utf8')}`

async function insert(session: Session, request: EngineRequest, response: ServerResponse): Promise<void> {
  const head = insertHead(request.sql)
  const format = head === undefined ? undefined : dataFormat(head.format)
  if (head === undefined || (format === undefined && head.format !== 'Values'))
    throw new Refusal(exception(48, 'NOT_IMPLEMENTED', `The embedded engine takes no ${head?.format} rows`))
  if (format === undefined) {
    summarise(response, await session.queryAsync(withBody(request))).end()
    return
  }
  const done = await session.insert({
    table: head.table,
    values: request.data,
    format,
    ...(head.columns === undefined ? {} : { columns: head.columns }),
  })
  summary(response, { read_rows: done.rowsWritten, written_rows: done.rowsWritten, written_bytes: done.bytesWritten })
  response.end()
}

async function read(session: Session, request: EngineRequest, response: ServerResponse, stalledMs: number) {
  const format = formatClause(request.sql) ?? request.defaultFormat
  response.setHeader('X-ClickHouse-Format', format)
  response.setHeader('Content-Type', format.startsWith('JSON') ? 'application/json' : 'text/plain; charset=UTF-8')
  if (request.compressResponse) response.setHeader('Content-Encoding', 'gzip')
  if (!isStreamable(format)) {
    const result = await session.queryAsync(request.sql, { format })
    summarise(response, result)
    await send(response, request.compressResponse, [result.bytes()], stalledMs)
    return
  }
  const chunks = session.queryStream(request.sql, { format })[Symbol.asyncIterator]()
  // The first fetch happens before the head is sent, so that an error of the statement still gets its own status.
  const first = await chunks.next()
  async function* bytes() {
    if (first.done === true) return
    yield first.value.raw()
    for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) yield next.value.raw()
  }
  try {
    await send(response, request.compressResponse, bytes(), stalledMs)
  } finally {
    await chunks.return?.()
  }
}

async function send(
  response: ServerResponse,
  gzip: boolean,
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  stalledMs: number,
): Promise<void> {
  response.setTimeout(stalledMs, () => response.destroy())
  if (gzip) return pipeline(chunks, createGzip({ level: 1 }), response)
  for await (const chunk of chunks) {
    if (response.destroyed) return
    if (!response.write(chunk)) await Promise.race([once(response, 'drain'), once(response, 'close')])
  }
  response.end()
}

const summarise = (response: ServerResponse, result: ChdbResult): ServerResponse =>
  summary(response, { read_rows: result.rowsRead, read_bytes: result.bytesRead })

function summary(response: ServerResponse, counts: Readonly<Record<string, number>>): ServerResponse {
  const zero = { read_rows: 0, read_bytes: 0, written_rows: 0, written_bytes: 0, total_rows_to_read: 0, elapsed_ns: 0 }
  const all = Object.entries({ ...zero, ...counts }).map(([name, count]) => [name, String(count)])
  response.setHeader('X-ClickHouse-Summary', JSON.stringify(Object.fromEntries(all)))
  return response
}

function fail(response: ServerResponse, error: unknown): void {
  // Rows were sent already: the only honest signal left is a connection that breaks.
  if (response.headersSent || response.destroyed) {
    response.destroy()
    return
  }
  const raised = error instanceof Refusal ? error.exception : engineException(error)
  response.removeHeader('Content-Encoding')
  response.statusCode = raised.status
  response.setHeader('X-ClickHouse-Exception-Code', String(raised.code))
  response.setHeader('Content-Type', 'text/plain; charset=UTF-8')
  response.end(`${raised.text} (version embedded)\n`)
}
