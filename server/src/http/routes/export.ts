import type { FastifyInstance } from 'fastify'
import Type from 'typebox'
import { Instant } from '../../contract/index.ts'
import { type ApplicationOf, callerOf } from '../principal.ts'

export function exportRoutes(app: FastifyInstance, applicationOf: ApplicationOf): void {
  app.get<{ Querystring: { from: number; to: number; format: 'csv' | 'ndjson' } }>(
    '/export',
    {
      schema: {
        tags: ['export'],
        description: 'Telemetry, long form: time (ISO 8601, UTC), asset, quantity, value (SI).',
        querystring: Type.Object({
          from: Instant,
          to: Instant,
          format: Type.Union([Type.Literal('csv'), Type.Literal('ndjson')], { default: 'csv' }),
        }),
      },
    },
    async (request, reply) => {
      callerOf(request)
      const { from, to, format } = request.query
      return reply
        .type(format === 'csv' ? 'text/csv; charset=utf-8' : 'application/x-ndjson')
        .header('content-disposition', `attachment; filename="telemetry.${format}"`)
        .send(await applicationOf(request).exportTelemetry(from, to, format))
    },
  )
}
