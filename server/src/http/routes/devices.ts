import { UsageError } from '@gastwin/twin'
import type { FastifyInstance } from 'fastify'
import Type from 'typebox'
import {
  DEVICE_CONDITIONS,
  type DeviceCondition,
  DeviceRow,
  DeviceTwin,
  Instant,
  page,
  QuarantineItem,
  Series,
} from '../../contract/index.ts'
import type { DeviceListQuery } from '../management.ts'
import { type ApplicationOf, callerOf, DELEGABLE } from '../principal.ts'

const Number14 = Type.Object({ number: Type.String({ pattern: '^[0-9]{1,14}$' }) })

export function deviceRoutes(app: FastifyInstance, applicationOf: ApplicationOf): void {
  app.get<{ Querystring: Omit<DeviceListQuery, 'conditions'> & { conditions?: string } }>(
    '/devices',
    {
      config: DELEGABLE,
      schema: {
        tags: ['devices'],
        description: 'Devices that fit all that is asked for, in pages. `conditions` are words separated by commas.',
        querystring: Type.Object({
          query: Type.Optional(Type.String({ maxLength: 64 })),
          kind: Type.Optional(Type.Union([Type.Literal('meter'), Type.Literal('rtu'), Type.Literal('valve')])),
          zone: Type.Optional(Type.String()),
          profile: Type.Optional(Type.String({ maxLength: 100 })),
          mark: Type.Optional(Type.String({ maxLength: 50 })),
          conditions: Type.Optional(Type.String({ maxLength: 200 })),
          cursor: Type.Optional(Type.String({ maxLength: 32 })),
          limit: Type.Integer({ minimum: 1, maximum: 500, default: 50 }),
        }),
        response: { 200: page(DeviceRow) },
      },
    },
    async (request) => {
      callerOf(request)
      const { conditions, ...query } = request.query
      const asked = conditions === undefined ? {} : { conditions: conditionsOf(conditions) }
      return applicationOf(request).management.devices({ ...query, ...asked })
    },
  )
  app.get<{ Params: { number: string } }>(
    '/devices/:number',
    { config: DELEGABLE, schema: { tags: ['devices'], params: Number14, response: { 200: DeviceTwin } } },
    async (request) => {
      callerOf(request)
      return applicationOf(request).device(request.params.number)
    },
  )
  app.get<{ Params: { number: string }; Querystring: { quantity: string; from: number; to: number; points: number } }>(
    '/devices/:number/series',
    {
      config: DELEGABLE,
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
      return applicationOf(request).series({ device: request.params.number, ...request.query })
    },
  )
  app.get<{ Params: { number: string }; Querystring: { limit: number } }>(
    '/devices/:number/frames',
    {
      config: DELEGABLE,
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
      return { items: await applicationOf(request).frames(request.params.number, request.query.limit) }
    },
  )
}

function conditionsOf(words: string): readonly DeviceCondition[] {
  return words.split(',').map((word) => {
    const known = DEVICE_CONDITIONS.find((one) => one === word)
    if (known === undefined)
      throw new UsageError('API_INPUT', `conditions: "${word}" is none of ${DEVICE_CONDITIONS.join(', ')}`)
    return known
  })
}
