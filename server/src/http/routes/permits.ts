import type { FastifyInstance } from 'fastify'
import Type from 'typebox'
import {
  CommandRecord,
  ConsentRequest,
  ConsentView,
  InvitationRequest,
  InvitationView,
  MadeInvitation,
  PermitRequest,
} from '../../contract/index.ts'
import { type ApplicationOf, callerOf, DELEGABLE } from '../principal.ts'

const tags = ['permits']
const ConsentId = Type.Object({ id: Type.String({ maxLength: 12 }) })

/** The customer's consent and the company's permit. What opens the valve is the button at the meter. */
export function permitRoutes(app: FastifyInstance, applicationOf: ApplicationOf): void {
  app.post<{ Body: PermitRequest }>(
    '/commands/permits',
    {
      schema: {
        tags,
        description:
          'For a time the button at the meter opens its valve. Waits for a consent of the customer; refused while a shut-off or an alarm speaks against it.',
        body: PermitRequest,
        response: { 201: CommandRecord },
      },
    },
    async (request, reply) => {
      const { user } = callerOf(request, 'safety')
      return reply.code(201).send(await applicationOf(request).permitOpening(request.body, user))
    },
  )
  app.get<{ Querystring: { limit: number; device?: string } }>(
    '/consents',
    {
      schema: {
        tags,
        description: 'Newest first.',
        querystring: Type.Object({
          limit: Type.Integer({ minimum: 1, maximum: 1000, default: 100 }),
          device: Type.Optional(Type.String({ pattern: '^[0-9]{1,14}$' })),
        }),
        response: { 200: Type.Object({ items: Type.Array(ConsentView) }) },
      },
    },
    async (request) => {
      callerOf(request, 'dispatcher')
      return { items: applicationOf(request).consents(request.query.limit, request.query.device) }
    },
  )
  app.post<{ Body: ConsentRequest }>(
    '/consents',
    {
      schema: {
        tags,
        description: 'Records that the customer agrees: who, how, where it can be looked up, until when.',
        body: ConsentRequest,
        response: { 201: ConsentView },
      },
    },
    async (request, reply) => {
      const { user } = callerOf(request, 'dispatcher')
      return reply.code(201).send(await applicationOf(request).recordConsent(request.body, user))
    },
  )
  app.post<{ Params: { id: string } }>(
    '/consents/:id/revoke',
    { schema: { tags, params: ConsentId, response: { 200: ConsentView } } },
    async (request) => {
      const { user } = callerOf(request, 'dispatcher')
      return applicationOf(request).revokeConsent(request.params.id, user)
    },
  )
  app.get<{ Querystring: { limit: number; device?: string } }>(
    '/consents/invitations',
    {
      schema: {
        tags,
        description: 'Newest first. No token is ever in it.',
        querystring: Type.Object({
          limit: Type.Integer({ minimum: 1, maximum: 1000, default: 100 }),
          device: Type.Optional(Type.String({ pattern: '^[0-9]{1,14}$' })),
        }),
        response: { 200: Type.Object({ items: Type.Array(InvitationView) }) },
      },
    },
    async (request) => {
      callerOf(request, 'dispatcher')
      return { items: applicationOf(request).invitations(request.query.limit, request.query.device) }
    },
  )
  app.post<{ Body: InvitationRequest }>(
    '/consents/invitations',
    {
      config: DELEGABLE,
      schema: {
        tags,
        description:
          'Asks the customer to agree in person, by a token of this meter. An application with a delegation is told the token; asked by a person it is sent to the telephone of the customer.',
        body: InvitationRequest,
        response: { 201: MadeInvitation },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request, 'dispatcher')
      const isApplication = caller.delegation !== undefined
      return reply.code(201).send(await applicationOf(request).inviteCustomer(request.body, caller.user, isApplication))
    },
  )
}
