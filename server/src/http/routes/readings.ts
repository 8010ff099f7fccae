import type { FastifyInstance } from 'fastify'
import Type from 'typebox'
import {
  ActAnswer,
  CellCoverage,
  Concentrator,
  ConcentratorMeters,
  ConcentratorSummary,
  CoverageAssessment,
  FAULT_CLASSES,
  Instant,
  MeterOrdersAnswer,
  MeterOrdersRequest,
  MissingValues,
  NetworkRequest,
  PENETRATIONS,
  PLACE_CLASSES,
  PlanRequest,
  RATE_GROUPS,
  ReadingFaults,
  ReadingRates,
  ReadRequest,
  SpreadingProposal,
} from '../../contract/index.ts'
import type { PlaceQuery } from '../application.ts'
import { type ApplicationOf, callerOf } from '../principal.ts'
import type { MissingQuery, PageQuery, RatesQuery } from '../reading-application.ts'

const Digits = Type.String({ pattern: '^[0-9]{1,14}$' })
const Number14 = Type.Object({ number: Type.String({ maxLength: 14 }) })
type Number14 = { number: string }
const Paged = {
  limit: Type.Integer({ minimum: 1, maximum: 500, default: 50 }),
  cursor: Type.Optional(Type.String({ maxLength: 32 })),
}
const tags = ['readings']

/** How well meters are read, concentrators with the meters behind them, and what is missing and why. */
export function readingRoutes(app: FastifyInstance, applicationOf: ApplicationOf): void {
  app.get<{ Querystring: RatesQuery }>(
    '/readings/rates',
    {
      schema: {
        tags,
        description: 'Daily values that came, of those that were due: on their day, at all, and without doubt.',
        querystring: Type.Object({
          by: Type.Enum(RATE_GROUPS, { default: 'day' }),
          from: Type.Optional(Instant),
          to: Type.Optional(Instant),
          zone: Type.Optional(Type.String()),
        }),
        response: { 200: ReadingRates },
      },
    },
    async (request) => {
      callerOf(request)
      return applicationOf(request).readingRates(request.query)
    },
  )
  app.get<{ Querystring: MissingQuery }>(
    '/readings/missing',
    {
      schema: {
        tags,
        description:
          'Values of meters behind concentrators that are due and not there, oldest first: where they are looked for, and why they did not come.',
        querystring: Type.Object({
          ...Paged,
          concentrator: Type.Optional(Digits),
          meter: Type.Optional(Digits),
          given_up: Type.Optional(Type.Boolean()),
        }),
        response: { 200: MissingValues },
      },
    },
    async (request) => {
      callerOf(request)
      return applicationOf(request).missingReadings(request.query)
    },
  )
  app.get<{ Querystring: { zone?: string; class?: string; limit: number } }>(
    '/readings/faults',
    {
      schema: {
        tags,
        description:
          'Why meters are not heard as they should be: the device, the radio, many that speak at one moment, or one that does not keep to the rules. Surest first.',
        querystring: Type.Object({
          zone: Type.Optional(Type.String()),
          class: Type.Optional(Type.Enum(FAULT_CLASSES)),
          limit: Type.Integer({ minimum: 1, maximum: 2000, default: 200 }),
        }),
        response: { 200: ReadingFaults },
      },
    },
    async (request) => {
      callerOf(request)
      const { zone, class: kind, limit } = request.query
      return { items: applicationOf(request).readingFaults(zone, kind, limit) }
    },
  )
  app.get<{ Querystring: { zone?: string } }>(
    '/coverage',
    {
      schema: {
        tags,
        description: 'Radio cells by what their meters measured, worst first.',
        querystring: Type.Object({ zone: Type.Optional(Type.String()) }),
        response: { 200: Type.Object({ items: Type.Array(CellCoverage) }) },
      },
    },
    async (request) => {
      callerOf(request)
      return { items: applicationOf(request).coverage(request.query.zone) }
    },
  )
  app.get<{ Querystring: Omit<PlaceQuery, 'through'> & { through: string } }>(
    '/coverage/assessment',
    {
      schema: {
        tags,
        description:
          'Whether a meter will be heard at a place: the signal measured outside minus what stands between, and the distance. `through` names losses, separated by commas.',
        querystring: Type.Object({
          rsrp_dbm: Type.Number({ minimum: -150, maximum: -30 }),
          through: Type.String({
            default: 'none',
            pattern: `^(${PENETRATIONS.join('|')})(,(${PENETRATIONS.join('|')})){0,3}$`,
          }),
          distance_m: Type.Optional(Type.Number({ minimum: 0 })),
          floor: Type.Optional(Type.Enum(['ground', 'upper'])),
          place: Type.Optional(Type.Enum([...PLACE_CLASSES])),
        }),
        response: { 200: CoverageAssessment },
      },
    },
    async (request) => {
      callerOf(request)
      const through = request.query.through.split(',') as unknown as PlaceQuery['through']
      return applicationOf(request).assessCoverage({ ...request.query, through })
    },
  )
  app.get<{ Params: { pci: number }; Querystring: { capacity_per_minute: number } }>(
    '/spreading/:pci',
    {
      schema: {
        tags,
        description:
          'Settings that spread the reports of a radio cell over the night, from when its meters were heard, with the curve before and after, and how the cell comes back after an outage. A proposal: nothing is sent.',
        params: Type.Object({ pci: Type.Integer({ minimum: 0, maximum: 1007 }) }),
        querystring: Type.Object({ capacity_per_minute: Type.Number({ minimum: 1, maximum: 10_000, default: 30 }) }),
        response: { 200: SpreadingProposal },
      },
    },
    async (request) => {
      callerOf(request)
      return applicationOf(request).spreading(request.params.pci, request.query.capacity_per_minute)
    },
  )
  app.get(
    '/concentrators',
    { schema: { tags, response: { 200: Type.Object({ items: Type.Array(ConcentratorSummary) }) } } },
    async (request) => {
      callerOf(request)
      return { items: applicationOf(request).concentrators() }
    },
  )
  app.get<{ Params: Number14 }>(
    '/concentrators/:number',
    { schema: { tags, params: Number14, response: { 200: Concentrator } } },
    async (request) => {
      callerOf(request)
      return applicationOf(request).concentrator(request.params.number)
    },
  )
  app.get<{ Params: Number14; Querystring: PageQuery & { missing: boolean } }>(
    '/concentrators/:number/meters',
    {
      schema: {
        tags,
        params: Number14,
        querystring: Type.Object({ ...Paged, missing: Type.Boolean({ default: false }) }),
        response: { 200: ConcentratorMeters },
      },
    },
    async (request) => {
      callerOf(request)
      const { missing, ...paged } = request.query
      return applicationOf(request).concentratorMeters(request.params.number, paged, missing)
    },
  )
  app.post<{ Params: Number14; Body: ReadRequest }>(
    '/concentrators/:number/read',
    {
      schema: {
        tags,
        description: 'Reads values due in a time once more, or the registers as they stand; of some meters or of all.',
        params: Number14,
        body: ReadRequest,
        response: { 202: ActAnswer },
      },
    },
    async (request, reply) => {
      const { user } = callerOf(request, 'dispatcher')
      return reply
        .code(202)
        .send(await applicationOf(request).readThroughConcentrator(request.params.number, request.body, user))
    },
  )
  app.post<{ Params: Number14; Body: PlanRequest }>(
    '/concentrators/:number/plan',
    {
      schema: {
        tags,
        description: 'By which plan meters are read.',
        params: Number14,
        body: PlanRequest,
        response: { 202: ActAnswer },
      },
    },
    async (request, reply) => {
      const { user } = callerOf(request, 'dispatcher')
      return reply.code(202).send(await applicationOf(request).planReadings(request.params.number, request.body, user))
    },
  )
  app.post<{ Params: Number14; Body: MeterOrdersRequest }>(
    '/concentrators/:number/orders',
    {
      schema: {
        tags,
        description:
          'An order for meters behind a concentrator, a command of the ledger for each: with its next word, or at once where it listens. A valve can be closed, never opened; `permit` lets a person on site close the relay of an electricity meter.',
        params: Number14,
        body: MeterOrdersRequest,
        response: { 201: MeterOrdersAnswer },
      },
    },
    async (request, reply) => {
      const { user } = callerOf(request, 'safety')
      return reply.code(201).send(await applicationOf(request).orderBehind(request.params.number, request.body, user))
    },
  )
  app.post<{ Params: Number14; Body: NetworkRequest }>(
    '/concentrators/:number/network',
    {
      schema: {
        tags,
        description: 'Lets the concentrator look for paths to its meters anew.',
        params: Number14,
        body: NetworkRequest,
        response: { 202: ActAnswer },
      },
    },
    async (request, reply) => {
      const { user } = callerOf(request, 'dispatcher')
      return reply.code(202).send(await applicationOf(request).formNetwork(request.params.number, request.body, user))
    },
  )
}
