import type { FastifyInstance } from 'fastify'
import Type from 'typebox'
import { EdgeEstimate, Leak, LeakClosing } from '../../contract/index.ts'
import { type ApplicationOf, callerOf } from '../principal.ts'

/** What is computed rather than measured: pressures and flows of every pipe, and leaks with their places. */
export function analysisRoutes(app: FastifyInstance, applicationOf: ApplicationOf): void {
  app.get(
    '/map/estimate',
    {
      schema: { tags: ['network'], description: 'GMC1 columns of the state estimate and of leak probabilities; ETag' },
    },
    async (request, reply) => {
      callerOf(request)
      const { etag, body } = applicationOf(request).estimate()
      reply.header('etag', etag).header('cache-control', 'private, no-cache')
      if (request.headers['if-none-match'] === etag) return reply.code(304).send()
      return reply.type('application/octet-stream').send(Buffer.from(body.buffer, body.byteOffset, body.byteLength))
    },
  )
  app.get<{ Querystring: { edge: string } }>(
    '/estimate',
    {
      schema: {
        tags: ['network'],
        description: 'Estimated pressures and flow of one pipe, with one standard deviation',
        querystring: Type.Object({ edge: Type.String({ maxLength: 200 }) }),
        response: { 200: EdgeEstimate },
      },
    },
    async (request) => {
      callerOf(request)
      return applicationOf(request).edgeEstimate(request.query.edge)
    },
  )
  app.get(
    '/leaks',
    {
      schema: {
        tags: ['network'],
        description: 'Incidents from first suspicion to their end, with candidates and evidence',
        response: { 200: Type.Object({ items: Type.Array(Leak) }) },
      },
    },
    async (request) => {
      callerOf(request)
      return { items: [...applicationOf(request).leaks()] }
    },
  )
  app.post<{ Params: { id: string }; Body: LeakClosing }>(
    '/leaks/:id/close',
    {
      schema: {
        tags: ['network'],
        description:
          'Ends a leak with what a crew found. A leak that was repaired is looked for anew; else its flow counts as usual from here on, so that the next one shows. One that was closed as nothing or another cause may be closed again with what was found after all.',
        params: Type.Object({ id: Type.String({ maxLength: 200 }) }),
        body: LeakClosing,
        response: { 200: Leak },
      },
    },
    async (request) => {
      const { user } = callerOf(request, 'dispatcher')
      return applicationOf(request).closeLeak(request.params.id, request.body, user)
    },
  )
}
