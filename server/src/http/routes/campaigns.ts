import type { FastifyInstance } from 'fastify'
import Type from 'typebox'
import {
  CampaignApproval,
  CampaignChange,
  CampaignFilter,
  CampaignPreview,
  CampaignRequest,
  CampaignView,
  RollbackRequest,
  SpreadingRequest,
} from '../../contract/index.ts'
import { type ApplicationOf, callerOf } from '../principal.ts'

const CampaignId = Type.Object({ id: Type.String({ maxLength: 12 }) })
type CampaignId = { id: string }

/** Settings or firmware for many devices. There is no campaign that closes, and none that opens. */
export function campaignRoutes(app: FastifyInstance, applicationOf: ApplicationOf): void {
  app.get(
    '/campaigns',
    { schema: { tags: ['campaigns'], response: { 200: Type.Object({ items: Type.Array(CampaignView) }) } } },
    async (request) => {
      callerOf(request)
      return { items: applicationOf(request).management.campaigns() }
    },
  )
  app.post<{ Body: CampaignFilter }>(
    '/campaigns/preview',
    {
      schema: {
        tags: ['campaigns'],
        description: 'How many meters a filter finds. No effect.',
        body: CampaignFilter,
        response: { 200: CampaignPreview },
      },
    },
    async (request) => {
      callerOf(request, 'dispatcher')
      return applicationOf(request).management.previewCampaign(request.body)
    },
  )
  app.post<{ Body: CampaignRequest }>(
    '/campaigns',
    {
      schema: {
        tags: ['campaigns'],
        description:
          'Begins with the canary; goes on wave by wave until too many fail. Another way to the platform is for administrators.',
        body: CampaignRequest,
        response: { 201: CampaignView },
      },
    },
    async (request, reply) => {
      const { user } = callerOf(request, request.body.order?.kind === 'connection' ? 'admin' : 'safety')
      return reply.code(201).send(await applicationOf(request).management.beginCampaign(request.body, user))
    },
  )
  app.post<{ Params: CampaignId; Body: CampaignChange }>(
    '/campaigns/:id/state',
    {
      schema: {
        tags: ['campaigns'],
        description: 'Pauses, goes on, or gives up: what no device was told is taken back then.',
        params: CampaignId,
        body: CampaignChange,
        response: { 200: CampaignView },
      },
    },
    async (request) => {
      const { user } = callerOf(request, 'safety')
      return applicationOf(request).management.changeCampaign(request.params.id, request.body, user)
    },
  )
  app.post<{ Params: CampaignId; Body: { reason: string } }>(
    '/campaigns/:id/approve',
    {
      schema: {
        tags: ['campaigns'],
        description: 'The second person agrees; the one who began it may not.',
        params: CampaignId,
        body: CampaignApproval,
        response: { 200: CampaignView },
      },
    },
    async (request) => {
      const { user } = callerOf(request, 'safety')
      return applicationOf(request).management.approveCampaign(request.params.id, request.body.reason, user)
    },
  )
  app.post<{ Params: CampaignId; Body: RollbackRequest }>(
    '/campaigns/:id/rollback',
    {
      schema: {
        tags: ['campaigns'],
        description: 'A campaign that brings the devices which this one changed back to what they ran before.',
        params: CampaignId,
        body: RollbackRequest,
        response: { 201: CampaignView },
      },
    },
    async (request, reply) => {
      const { user } = callerOf(request, 'safety')
      return reply
        .code(201)
        .send(await applicationOf(request).management.rollBackCampaign(request.params.id, request.body, user))
    },
  )
  app.post<{ Params: { pci: number }; Body: SpreadingRequest }>(
    '/spreading/:pci/apply',
    {
      schema: {
        tags: ['campaigns'],
        description: 'The plan of a radio cell as a campaign: base time, k and x of each of its daily meters.',
        params: Type.Object({ pci: Type.Integer({ minimum: 0, maximum: 1007 }) }),
        body: SpreadingRequest,
        response: { 201: CampaignView },
      },
    },
    async (request, reply) => {
      const { user } = callerOf(request, 'safety')
      return reply
        .code(201)
        .send(await applicationOf(request).management.spreadCell(request.params.pci, request.body, user))
    },
  )
}
