import { Readable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import Type from 'typebox'
import {
  ArchiveCells,
  ArchiveEdit,
  ArchiveTable,
  DelegationRequest,
  DelegationView,
  DeviceCard,
  DeviceFacets,
  DeviceLogLine,
  ExplainedFrame,
  FitRequest,
  FittingView,
  GrantedDelegation,
  ImportOutcome,
  Instant,
  PointImportView,
  PointView,
  RevealRequest,
} from '../../contract/index.ts'
import { type ApplicationOf, callerOf, DELEGABLE } from '../principal.ts'

const Number14 = Type.Object({ number: Type.String({ pattern: '^[0-9]{1,14}$' }) })
type Number14 = { number: string }
const Table = Type.Object({ table: ArchiveTable })
type Table = { table: ArchiveTable }
const MOST_IMPORT_BYTES = 16 << 20

/** Archive, fittings, frames and their log: what people know and decide about devices. */
export function deviceManagementRoutes(app: FastifyInstance, applicationOf: ApplicationOf): void {
  app.addContentTypeParser(
    ['text/csv', 'application/vnd.ms-excel'],
    { parseAs: 'buffer', bodyLimit: MOST_IMPORT_BYTES },
    (_request, body, done) => done(null, body),
  )
  app.get('/devices/facets', { schema: { tags: ['devices'], response: { 200: DeviceFacets } } }, async (request) => {
    callerOf(request)
    return applicationOf(request).management.facets()
  })
  app.get<{ Params: Number14 }>(
    '/devices/:number/card',
    { config: DELEGABLE, schema: { tags: ['devices'], params: Number14, response: { 200: DeviceCard } } },
    async (request) => {
      callerOf(request)
      return applicationOf(request).management.card(request.params.number)
    },
  )
  app.post<{ Params: Number14; Body: { reason: string } }>(
    '/devices/:number/card/reveal',
    {
      schema: {
        tags: ['devices'],
        description: 'The card with personal values. Who looked and why stands in the audit log.',
        params: Number14,
        body: RevealRequest,
        response: { 200: DeviceCard },
      },
    },
    async (request) => {
      const { user } = callerOf(request, 'safety')
      return applicationOf(request).management.reveal(request.params.number, request.body.reason, user)
    },
  )
  app.get<{ Params: Number14; Querystring: { limit: number } }>(
    '/devices/:number/frames/explained',
    {
      config: DELEGABLE,
      schema: {
        tags: ['devices'],
        description: 'Raw frames of the device, newest first, field by field, read with its key and profile.',
        params: Number14,
        querystring: Type.Object({ limit: Type.Integer({ minimum: 1, maximum: 50, default: 10 }) }),
        response: { 200: Type.Object({ items: Type.Array(ExplainedFrame) }) },
      },
    },
    async (request) => {
      callerOf(request)
      return {
        items: await applicationOf(request).management.explainedFrames(request.params.number, request.query.limit),
      }
    },
  )
  app.get<{ Params: Number14; Querystring: { from: number; to: number; limit: number } }>(
    '/devices/:number/log',
    {
      config: DELEGABLE,
      schema: {
        tags: ['devices'],
        description: 'What the device sent, and what the platform did about it, newest first.',
        params: Number14,
        querystring: Type.Object({
          from: Instant,
          to: Instant,
          limit: Type.Integer({ minimum: 1, maximum: 1000, default: 100 }),
        }),
        response: { 200: Type.Object({ items: Type.Array(DeviceLogLine) }) },
      },
    },
    async (request) => {
      callerOf(request)
      const { from, to, limit } = request.query
      return { items: await applicationOf(request).management.deviceLog(request.params.number, from, to, limit) }
    },
  )
  app.post<{ Body: FitRequest }>(
    '/fittings',
    {
      schema: {
        tags: ['devices'],
        description: 'A meter, known or in quarantine, stands at a point of the network from here on.',
        body: FitRequest,
        response: { 201: FittingView },
      },
    },
    async (request, reply) => {
      const { user } = callerOf(request, 'safety')
      return reply.code(201).send(await applicationOf(request).management.fit(request.body, user))
    },
  )
  app.put<{ Params: Table & { key: string }; Body: ArchiveEdit }>(
    '/archive/:table/:key',
    {
      schema: {
        tags: ['archive'],
        description: 'Sets cells of one row; a row that is not there is made.',
        params: Type.Object({ table: ArchiveTable, key: Type.String({ minLength: 1, maxLength: 40 }) }),
        body: ArchiveEdit,
        response: { 200: ArchiveCells },
      },
    },
    async (request) => {
      const { user } = callerOf(request, 'dispatcher')
      const { table, key } = request.params
      return applicationOf(request).management.editArchive(table, key, request.body.cells, request.body.reason, user)
    },
  )
  app.post<{ Params: Table; Querystring: { dry_run: boolean }; Body: Buffer }>(
    '/archive/:table/import',
    {
      schema: {
        tags: ['archive'],
        description: 'A table as CSV (UTF-8 or GB 18030). All of it or, with a mistake anywhere, nothing.',
        consumes: ['text/csv'],
        params: Table,
        querystring: Type.Object({ dry_run: Type.Boolean({ default: false }) }),
        response: { 200: ImportOutcome },
      },
    },
    async (request) => {
      const { user } = callerOf(request, 'admin')
      return applicationOf(request).management.importArchive(
        request.params.table,
        request.body,
        request.query.dry_run,
        user,
      )
    },
  )
  app.get(
    '/points',
    {
      schema: {
        tags: ['archive'],
        description: 'Metering points that came beside the network document, oldest first.',
        response: { 200: Type.Object({ items: Type.Array(PointView) }) },
      },
    },
    async (request) => {
      callerOf(request, 'dispatcher')
      return { items: applicationOf(request).management.points() }
    },
  )
  app.get(
    '/points/imports',
    {
      schema: {
        tags: ['archive'],
        description: 'The tables in which those points came, newest first: when, by whom, how many, in force or not.',
        response: { 200: Type.Object({ items: Type.Array(PointImportView) }) },
      },
    },
    async (request) => {
      callerOf(request, 'dispatcher')
      return { items: applicationOf(request).management.pointImports() }
    },
  )
  app.post<{ Querystring: { dry_run: boolean; file?: string }; Body: Buffer }>(
    '/points/import',
    {
      schema: {
        tags: ['archive'],
        description: 'New metering points as CSV (UTF-8 or GB 18030). All of them or, with a mistake anywhere, none.',
        consumes: ['text/csv'],
        querystring: Type.Object({
          dry_run: Type.Boolean({ default: false }),
          file: Type.Optional(Type.String({ maxLength: 200, description: 'name of the file, for the record' })),
        }),
        response: { 200: ImportOutcome },
      },
    },
    async (request) => {
      const { user } = callerOf(request, 'admin')
      const { dry_run, file } = request.query
      return applicationOf(request).management.importPoints(request.body, dry_run, user, file)
    },
  )
  app.get<{ Params: Table; Querystring: { words: 'en' | 'zh'; reason?: string } }>(
    '/archive/:table/export',
    {
      schema: {
        tags: ['archive'],
        description: 'The table for spreadsheets. Personal values are masked, unless an administrator says why.',
        params: Table,
        querystring: Type.Object({
          words: Type.Union([Type.Literal('en'), Type.Literal('zh')], { default: 'en' }),
          reason: Type.Optional(Type.String({ minLength: 3, maxLength: 500 })),
        }),
      },
    },
    async (request, reply) => {
      const { words, reason } = request.query
      const { user } = callerOf(request, reason === undefined ? 'dispatcher' : 'admin')
      const { table } = request.params
      const lines = await applicationOf(request).management.exportArchive(table, words, reason, user)
      return reply
        .type('text/csv; charset=utf-8')
        .header('content-disposition', `attachment; filename="${table}.csv"`)
        .send(Readable.from(lines))
    },
  )
  app.get(
    '/delegations',
    { schema: { tags: ['delegations'], response: { 200: Type.Object({ items: Type.Array(DelegationView) }) } } },
    async (request) => {
      callerOf(request, 'admin')
      return { items: applicationOf(request).management.delegations() }
    },
  )
  app.post<{ Body: DelegationRequest }>(
    '/delegations',
    {
      schema: {
        tags: ['delegations'],
        description: 'Lets another application deal with some devices. Its key is told this once.',
        body: DelegationRequest,
        response: { 201: GrantedDelegation },
      },
    },
    async (request, reply) => {
      const { user } = callerOf(request, 'admin')
      return reply.code(201).send(await applicationOf(request).management.delegate(request.body, user))
    },
  )
  app.post<{ Params: { id: string } }>(
    '/delegations/:id/revoke',
    {
      schema: {
        tags: ['delegations'],
        params: Type.Object({ id: Type.String({ maxLength: 10 }) }),
        response: { 200: DelegationView },
      },
    },
    async (request) => {
      const { user } = callerOf(request, 'admin')
      return applicationOf(request).management.revoke(request.params.id, user)
    },
  )
}
