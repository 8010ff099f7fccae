import { UsageError } from '@gastwin/twin'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { CustomerAnswer, CustomerQuestion, Problem } from '../../contract/index.ts'
import type { Application } from '../application.ts'

const schema = { tags: ['customer'], security: [] }
const refusals = { 401: Problem, 429: Problem }
/** @throws UsageError AUT_REQUIRED */
function tokenOf({ headers }: FastifyRequest): string {
  const token = headers['x-customer-token']
  if (typeof token === 'string') return token
  throw new UsageError('AUT_REQUIRED', 'send the token of an invitation in the header x-customer-token')
}
/** Who has no token learns nothing of what an answer looks like. */
const onRequest = async (request: FastifyRequest): Promise<void> => {
  tokenOf(request)
}

/** What the customer of one meter may ask and say, by the token of an invitation in the header `x-customer-token`. */
export function customerRoutes(app: FastifyInstance, application: Application): void {
  app.get(
    '/customer/consent',
    {
      onRequest,
      schema: {
        ...schema,
        description: 'What the holder of the token is asked; personal values masked.',
        response: { 200: CustomerQuestion, ...refusals },
      },
    },
    async (request, reply) => {
      reply.header('cache-control', 'no-store')
      return application.customerQuestion(tokenOf(request), request.ip)
    },
  )
  app.post<{ Body: CustomerAnswer }>(
    '/customer/consent',
    {
      onRequest,
      schema: {
        ...schema,
        description: 'The customer agrees, declines, or takes back what was agreed.',
        body: CustomerAnswer,
        response: { 200: CustomerQuestion, ...refusals, 403: Problem, 409: Problem },
      },
    },
    async (request, reply) => {
      reply.header('cache-control', 'no-store')
      return application.customerAnswer(tokenOf(request), request.ip, request.body)
    },
  )
}
