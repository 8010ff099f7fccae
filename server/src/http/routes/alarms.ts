import type { FastifyInstance } from 'fastify'
import Type from 'typebox'
import { AckRequest, Alarm, ShelveRequest } from '../../contract/index.ts'
import { type ApplicationOf, callerOf } from '../principal.ts'

const AlarmId = Type.Object({ id: Type.String({ maxLength: 200 }) })
type AlarmId = { id: string }

export function alarmRoutes(app: FastifyInstance, applicationOf: ApplicationOf): void {
  app.get<{ Querystring: { state?: string; zone?: string } }>(
    '/alarms',
    {
      schema: {
        tags: ['alarms'],
        querystring: Type.Object({ state: Type.Optional(Type.String()), zone: Type.Optional(Type.String()) }),
        response: { 200: Type.Object({ items: Type.Array(Alarm) }) },
      },
    },
    async (request) => {
      callerOf(request)
      return { items: applicationOf(request).alarms(request.query) }
    },
  )
  app.post<{ Params: AlarmId; Body: { note?: string } | null }>(
    '/alarms/:id/ack',
    { schema: { tags: ['alarms'], params: AlarmId, body: AckRequest, response: { 200: Alarm } } },
    async (request) => {
      const { user } = callerOf(request, 'dispatcher')
      return applicationOf(request).acknowledge(request.params.id, user, request.body?.note)
    },
  )
  app.post<{ Params: AlarmId; Body: { minutes: number; reason: string } }>(
    '/alarms/:id/shelve',
    { schema: { tags: ['alarms'], params: AlarmId, body: ShelveRequest, response: { 200: Alarm } } },
    async (request) => {
      const { user } = callerOf(request, 'dispatcher')
      return applicationOf(request).shelve(request.params.id, user, request.body.minutes, request.body.reason)
    },
  )
  app.post<{ Params: AlarmId }>(
    '/alarms/:id/unshelve',
    { schema: { tags: ['alarms'], params: AlarmId, response: { 200: Alarm } } },
    async (request) => {
      const { user } = callerOf(request, 'dispatcher')
      return applicationOf(request).unshelve(request.params.id, user)
    },
  )
}
