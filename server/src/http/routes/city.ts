import type { FastifyInstance } from 'fastify'
import Type from 'typebox'
import { City, QuarantineItem } from '../../contract/index.ts'
import { type ApplicationOf, callerOf } from '../principal.ts'

export function cityRoutes(app: FastifyInstance, applicationOf: ApplicationOf): void {
  app.get('/city', { schema: { tags: ['network'], response: { 200: City } } }, async (request) => {
    callerOf(request)
    return applicationOf(request).city()
  })
  app.get(
    '/map/geometry',
    { schema: { tags: ['network'], description: 'GMC1 columns; immutable per ETag' } },
    async (request, reply) => {
      callerOf(request)
      const { etag, body } = applicationOf(request).geometry()
      reply.header('etag', etag).header('cache-control', 'private, no-cache')
      if (request.headers['if-none-match'] === etag) return reply.code(304).send()
      return reply.type('application/octet-stream').send(Buffer.from(body.buffer, body.byteOffset, body.byteLength))
    },
  )
  app.get(
    '/map/state',
    { schema: { tags: ['network'], description: 'GMC1 columns of the present state' } },
    async (request, reply) => {
      callerOf(request)
      const body = applicationOf(request).mapState()
      return reply
        .header('cache-control', 'no-store')
        .type('application/octet-stream')
        .send(Buffer.from(body.buffer, body.byteOffset, body.byteLength))
    },
  )
  app.get<{ Querystring: { limit: number } }>(
    '/quarantine',
    {
      schema: {
        tags: ['devices'],
        querystring: Type.Object({ limit: Type.Integer({ minimum: 1, maximum: 1000, default: 100 }) }),
        response: { 200: Type.Object({ items: Type.Array(QuarantineItem) }) },
      },
    },
    async (request) => {
      callerOf(request)
      return { items: await applicationOf(request).quarantine(request.query.limit) }
    },
  )
  app.get(
    '/truth',
    { schema: { tags: ['demo'], description: 'Demo only: what really happens in the emulated city' } },
    async (request) => {
      callerOf(request)
      return { events: await applicationOf(request).truth() }
    },
  )
}
