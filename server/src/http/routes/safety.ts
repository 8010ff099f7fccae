import type { FastifyInstance } from 'fastify'
import Type from 'typebox'
import {
  CloseMeterRequest,
  CommandRecord,
  DeviceOrderRequest,
  IsolationPlan,
  PressTask,
  SettingRequest,
  Shutoff,
  ShutoffRequest,
} from '../../contract/index.ts'
import { type ApplicationOf, callerOf, DELEGABLE } from '../principal.ts'

const ShutoffId = Type.Object({ id: Type.String({ maxLength: 100 }) })
type ShutoffId = { id: string }
const CommandId = Type.Object({ id: Type.String({ maxLength: 10 }) })
type CommandId = { id: string }

/** Closing only: there is no route that opens a valve, and none may be added (S2-18). */
export function safetyRoutes(app: FastifyInstance, applicationOf: ApplicationOf): void {
  app.get<{ Querystring: { edge: string } }>(
    '/isolation',
    {
      schema: {
        tags: ['safety'],
        description: 'Preview: which valves would isolate an edge, who loses gas. No effect.',
        querystring: Type.Object({ edge: Type.String({ maxLength: 200 }) }),
        response: { 200: IsolationPlan },
      },
    },
    async (request) => {
      callerOf(request)
      return applicationOf(request).isolation(request.query.edge)
    },
  )
  app.get(
    '/shutoffs',
    { schema: { tags: ['safety'], response: { 200: Type.Object({ items: Type.Array(Shutoff) }) } } },
    async (request) => {
      callerOf(request)
      return { items: applicationOf(request).shutoffs() }
    },
  )
  app.post<{ Body: ShutoffRequest }>(
    '/shutoffs',
    { schema: { tags: ['safety'], body: ShutoffRequest, response: { 201: Shutoff } } },
    async (request, reply) => {
      const { user } = callerOf(request, 'dispatcher')
      const { edge, plan_hash, reason } = request.body
      return reply.code(201).send(await applicationOf(request).requestShutoff(edge, plan_hash, reason, user))
    },
  )
  app.post<{ Params: ShutoffId }>(
    '/shutoffs/:id/approve',
    { schema: { tags: ['safety'], params: ShutoffId, response: { 200: Shutoff } } },
    async (request) => {
      const { user } = callerOf(request, 'safety')
      return applicationOf(request).approveShutoff(request.params.id, user)
    },
  )
  app.post<{ Params: ShutoffId }>(
    '/shutoffs/:id/abort',
    { schema: { tags: ['safety'], params: ShutoffId, response: { 200: Shutoff } } },
    async (request) => {
      const { user } = callerOf(request, 'dispatcher')
      return applicationOf(request).abortShutoff(request.params.id, user)
    },
  )
  app.get<{ Querystring: { limit: number; device?: string } }>(
    '/commands',
    {
      config: DELEGABLE,
      schema: {
        tags: ['safety'],
        description: 'Newest first. A delegated caller names the device.',
        querystring: Type.Object({
          limit: Type.Integer({ minimum: 1, maximum: 1000, default: 100 }),
          device: Type.Optional(Type.String({ pattern: '^[0-9]{1,14}$' })),
        }),
        response: { 200: Type.Object({ items: Type.Array(CommandRecord) }) },
      },
    },
    async (request) => {
      const { limit, device } = request.query
      callerOf(request)
      return { items: applicationOf(request).commands(limit, device) }
    },
  )
  app.post<{ Body: CloseMeterRequest }>(
    '/commands',
    {
      config: DELEGABLE,
      schema: {
        tags: ['safety'],
        description: "Closes one meter's own valve with the answer to its next report. Only closing exists.",
        body: CloseMeterRequest,
        response: { 201: CommandRecord },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request, 'safety')
      return reply.code(201).send(await applicationOf(request).closeMeter(request.body, caller.user))
    },
  )
  app.get<{ Querystring: { limit: number; device?: string } }>(
    '/commands/presses',
    {
      config: DELEGABLE,
      schema: {
        tags: ['safety'],
        description:
          'Meters whose button is to be pressed, so that an order reaches them at once; the first to expire first. A delegated caller names the device.',
        querystring: Type.Object({
          limit: Type.Integer({ minimum: 1, maximum: 1000, default: 100 }),
          device: Type.Optional(Type.String({ pattern: '^[0-9]{1,14}$' })),
        }),
        response: { 200: Type.Object({ items: Type.Array(PressTask) }) },
      },
    },
    async (request) => {
      const { limit, device } = request.query
      callerOf(request)
      return { items: applicationOf(request).presses(limit, device) }
    },
  )
  app.post<{ Body: SettingRequest }>(
    '/commands/settings',
    {
      config: DELEGABLE,
      schema: {
        tags: ['safety'],
        description: 'Sets a parameter of one meter with the answer to a report of it.',
        body: SettingRequest,
        response: { 201: CommandRecord },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request, 'safety')
      return reply.code(201).send(await applicationOf(request).setParameter(request.body, caller.user))
    },
  )
  app.post<{ Body: DeviceOrderRequest }>(
    '/commands/orders',
    {
      config: DELEGABLE,
      schema: {
        tags: ['safety'],
        description:
          'Reading at once or of a month, log, restart, prices, clock, session key, access point and server address of one meter. Another way to the platform (`connection`) is for administrators.',
        body: DeviceOrderRequest,
        response: { 201: CommandRecord },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request, request.body.order.kind === 'connection' ? 'admin' : 'safety')
      return reply.code(201).send(await applicationOf(request).orderDevice(request.body, caller.user))
    },
  )
  app.post<{ Params: CommandId }>(
    '/commands/:id/cancel',
    {
      schema: {
        tags: ['safety'],
        description: 'Takes back a command that no device was told yet; otherwise 409.',
        params: CommandId,
        response: { 200: CommandRecord },
      },
    },
    async (request) => {
      const { user } = callerOf(request, 'safety')
      return applicationOf(request).cancelCommand(Number(request.params.id), user)
    },
  )
}
