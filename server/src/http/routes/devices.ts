import type { FastifyInstance } from 'fastify'
import Type from 'typebox'
import { DeviceSummary, DeviceTwin, Instant, page, QuarantineItem, Series } from '../../contract/index.ts'
import type { Application, DeviceQuery } from '../application.ts'
import { callerOf } from '../principal.ts'

const Number14 = Type.Object({ number: Type.String({ pattern: '^[0-9]{1,14}$' }) })

export function deviceRoutes(app: FastifyInstance, application: Application): void {
  app.get<{ Querystring: DeviceQuery }>(
    '/devices',
    {
      schema: {
        tags: ['devices'],
        querystring: Type.Object({
          query: Type.Optional(Type.String({ maxLength: 64 })),
          kind: Type.Optional(Type.Union([Type.Literal('meter'), Type.Literal('rtu'), Type.Literal('valve')])),
          zone: Type.Optional(Type.String()),
          cursor: Type.Optional(Type.String({ maxLength: 32 })),
          limit: Type.Integer({ minimum: 1, maximum: 500, default: 50 }),
        }),
        response: { 200: page(DeviceSummary) },
      },
    },
    async (request) => {
      callerOf(request)
      return application.devices(request.query)
    },
  )
  app.get<{ Params: { number: string } }>(
    '/devices/:number',
    { schema: { tags: ['devices'], params: Number14, response: { 200: DeviceTwin } } },
    async (request) => {
      callerOf(request)
      return application.device(request.params.number)
    },
  )
  app.get<{ Params: { number: string }; Querystring: { quantity: string; from: number; to: number; points: number } }>(
    '/devices/:number/series',
    {
      schema: {
        tags: ['devices'],
        params: Number14,
        querystring: Type.Object({
          quantity: Type.String({ pattern: '^[a-z0-9_]{1,40}$' }),
          from: Instant,
          to: Instant,
          points: Type.Integer({ minimum: 2, maximum: 10_000, default: 1000 }),
        }),
        response: { 200: Series },
      },
    },
    async (request) => {
      callerOf(request)
      return application.series({ device: request.params.number, ...request.query })
    },
  )
  app.get<{ Params: { number: string }; Querystring: { limit: number } }>(
    '/devices/:number/frames',
    {
      schema: {
        tags: ['devices'],
        description: 'Raw frames of the device, newest first, as they came.',
        params: Number14,
        querystring: Type.Object({ limit: Type.Integer({ minimum: 1, maximum: 200, default: 20 }) }),
        response: { 200: Type.Object({ items: Type.Array(QuarantineItem) }) },
      },
    },
    async (request) => {
      callerOf(request)
      return { items: await application.frames(request.params.number, request.query.limit) }
    },
  )
}
