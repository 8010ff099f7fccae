import type { FastifyInstance } from 'fastify'
import Type from 'typebox'
import {
  CaseRequest,
  GapLedger,
  GapRevision,
  HEALTH_REASONS,
  Instant,
  MetersHealth,
  Models,
  PromoteRequest,
  REPLACEMENT_ORDERS,
  Replacement,
  SUSPECT_KINDS,
  SUSPECT_STATES,
  Suspect,
  SuspectEvidence,
  Suspects,
  TruthFinding,
} from '../../contract/index.ts'
import type { GapQuery, HealthQuery, SuspectQuery } from '../application.ts'
import { type ApplicationOf, callerOf } from '../principal.ts'

const items = <T extends Type.TSchema>(schema: T) => Type.Object({ items: Type.Array(schema) })
const ReplacementQuery = Type.Object({ by: Type.Enum([...REPLACEMENT_ORDERS], { default: 'm3' }) })
const limit = Type.Integer({ minimum: 1, maximum: 2000, default: 200 })

/** Where the gas went: the stated ledger, what late data changed in it, suspects with their evidence, meters to replace. */
export function ledgerRoutes(app: FastifyInstance, applicationOf: ApplicationOf): void {
  app.get<{ Querystring: GapQuery }>(
    '/gap',
    {
      schema: {
        tags: ['gap'],
        description:
          'The gap per zone and period with its shares and their 90 % intervals; days, weeks and months of the city. Without `from` and `to` all that the ledger holds; older periods come from the database.',
        querystring: Type.Object({
          every: Type.Enum(['day', 'week', 'month'], { default: 'day' }),
          from: Type.Optional(Instant),
          to: Type.Optional(Instant),
          zone: Type.Optional(Type.String()),
        }),
        response: { 200: GapLedger },
      },
    },
    async (request) => {
      callerOf(request)
      return applicationOf(request).gap(request.query)
    },
  )
  app.get<{ Querystring: { limit: number } }>(
    '/gap/revisions',
    {
      schema: {
        tags: ['gap'],
        description: 'What late data changed in periods that had been stated, newest first.',
        querystring: Type.Object({ limit }),
        response: { 200: items(GapRevision) },
      },
    },
    async (request) => {
      callerOf(request)
      return { items: applicationOf(request).gapRevisions(request.query.limit) }
    },
  )
  app.get<{ Querystring: SuspectQuery }>(
    '/gap/suspects',
    {
      schema: {
        tags: ['gap'],
        description:
          'Meters to look at, one row each, most probable first. Closed ones are left out unless `state` asks for them; one that was closed comes back as new when evidence has come since.',
        querystring: Type.Object({
          zone: Type.Optional(Type.String()),
          kind: Type.Optional(Type.Enum(SUSPECT_KINDS)),
          state: Type.Optional(Type.Enum([...SUSPECT_STATES, 'all'])),
          limit,
        }),
        response: { 200: Suspects },
      },
    },
    async (request) => {
      callerOf(request)
      return applicationOf(request).suspects(request.query)
    },
  )
  app.get<{ Params: { meter: string } }>(
    '/gap/suspects/:meter',
    {
      schema: {
        tags: ['gap'],
        description: 'The evidence about one suspect with its SM3 digest.',
        params: Type.Object({ meter: Type.String() }),
        response: { 200: SuspectEvidence },
      },
    },
    async (request) => {
      callerOf(request)
      return applicationOf(request).suspectEvidence(request.params.meter)
    },
  )
  app.put<{ Params: { meter: string }; Body: CaseRequest }>(
    '/gap/suspects/:meter/case',
    {
      schema: {
        tags: ['gap'],
        description: 'What is done about a suspect: field work, or closed with what was found.',
        params: Type.Object({ meter: Type.String({ maxLength: 200 }) }),
        body: CaseRequest,
        response: { 200: Suspect },
      },
    },
    async (request) => {
      const { user } = callerOf(request, 'dispatcher')
      return applicationOf(request).actOnSuspect(request.params.meter, request.body, user)
    },
  )
  app.get<{ Querystring: Type.Static<typeof ReplacementQuery> }>(
    '/gap/replacements',
    {
      schema: {
        tags: ['gap'],
        description:
          'The meters whose replacement wins most for each yuan it costs: m³ that are counted then, or yuan that are paid for them.',
        querystring: ReplacementQuery,
        response: { 200: items(Replacement) },
      },
    },
    async (request) => {
      callerOf(request)
      return { items: applicationOf(request).replacements(request.query.by) }
    },
  )
  app.get<{ Querystring: HealthQuery }>(
    '/health/meters',
    {
      schema: {
        tags: ['gap'],
        description:
          'Meters to visit within a year, most urgent first: batteries by their forecast, small meters past their ten years.',
        querystring: Type.Object({
          zone: Type.Optional(Type.String()),
          reason: Type.Optional(Type.Enum(HEALTH_REASONS)),
          limit,
        }),
        response: { 200: MetersHealth },
      },
    },
    async (request) => {
      callerOf(request)
      return applicationOf(request).metersHealth(request.query)
    },
  )
  app.get(
    '/models',
    {
      schema: {
        tags: ['gap'],
        description:
          'Which learned models score, which engine computes them, how far the town has moved from their training, and how a shadow compares.',
        response: { 200: Models },
      },
    },
    async (request) => {
      callerOf(request)
      return applicationOf(request).models()
    },
  )
  app.post<{ Body: PromoteRequest }>(
    '/models/promote',
    {
      schema: {
        tags: ['gap'],
        description:
          'The shadow with this digest takes the place of the active model; `GET /models` tells when it scores. 409 when the shadow is another.',
        body: PromoteRequest,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      const { user } = callerOf(request, 'admin')
      await applicationOf(request).promoteModel(request.body, user)
      return reply.code(204).send()
    },
  )
  app.get(
    '/truth/findings',
    {
      schema: {
        tags: ['demo'],
        description: 'Demo only: what really happens against what was found.',
        response: { 200: items(TruthFinding) },
      },
    },
    async (request) => {
      callerOf(request)
      return { items: await applicationOf(request).truthFindings() }
    },
  )
}
