import type { FastifyInstance } from 'fastify'
import Type from 'typebox'
import { Instant, ModeRequest, type SafetyMode, Strip, ZonePeriod, ZoneSummary } from '../../contract/index.ts'
import { type ApplicationOf, callerOf } from '../principal.ts'

const ZoneId = Type.Object({ id: Type.String() })
type ZoneId = { id: string }

export function zoneRoutes(app: FastifyInstance, applicationOf: ApplicationOf): void {
  app.get(
    '/zones',
    { schema: { tags: ['zones'], response: { 200: Type.Object({ items: Type.Array(ZoneSummary) }) } } },
    async (request) => {
      callerOf(request)
      return { items: applicationOf(request).zones() }
    },
  )

  app.get<{ Params: ZoneId; Querystring: { every: 'hour' | 'day' | 'month'; from: number; to: number } }>(
    '/zones/:id/balance',
    {
      schema: {
        tags: ['zones'],
        description:
          'Supply, sales, linepack change, gap, and what explains or blurs it, per hour, day or month. `id` "city" is the whole.',
        params: ZoneId,
        querystring: Type.Object({
          every: Type.Union([Type.Literal('hour'), Type.Literal('day'), Type.Literal('month')], { default: 'day' }),
          from: Instant,
          to: Instant,
        }),
        response: { 200: Type.Object({ items: Type.Array(ZonePeriod) }) },
      },
    },
    async (request) => {
      callerOf(request)
      const { every, from, to } = request.query
      return { items: await applicationOf(request).zonePeriods(request.params.id, every, from, to) }
    },
  )

  app.get<{ Querystring: { hours: number; zone?: string } }>(
    '/strip',
    {
      schema: {
        tags: ['zones'],
        querystring: Type.Object({
          hours: Type.Integer({ minimum: 1, maximum: 168, default: 24 }),
          zone: Type.Optional(Type.String()),
        }),
        response: { 200: Strip },
      },
    },
    async (request) => {
      callerOf(request)
      return applicationOf(request).strip(request.query.hours, request.query.zone)
    },
  )

  app.get<{ Params: ZoneId }>(
    '/zones/:id/safety-mode',
    { schema: { tags: ['safety'], params: ZoneId, response: { 200: ModeRequest } } },
    async (request) => {
      callerOf(request)
      return { mode: applicationOf(request).safetyMode(request.params.id) }
    },
  )

  app.put<{ Params: ZoneId; Body: { mode: SafetyMode } }>(
    '/zones/:id/safety-mode',
    { schema: { tags: ['safety'], params: ZoneId, body: ModeRequest, response: { 200: ModeRequest } } },
    async (request) => {
      const { user } = callerOf(request, 'safety')
      return { mode: await applicationOf(request).setSafetyMode(request.params.id, request.body.mode, user) }
    },
  )
}
