import type { FastifyInstance, FastifyRequest } from 'fastify'
import { CustomerAnswer, CustomerQuestion, Problem } from '../../contract/index.ts'
import type { Application } from '../application.ts'

const schema = { tags: ['customer'], security: [] }
const refusals = { 401: Problem, 429: Problem }
const tokenOf = ({ headers }: FastifyRequest): string | undefined => {
  const token = headers['x-customer-token']
  return typeof token === 'string' ? token : undefined
}

/** What the customer of one meter may ask and say, by the token of an invitation in the header `x-customer-token`. */
export function customerRoutes(app: FastifyInstance, application: Application): void {
  app.get(
    '/customer/consent',
    {
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
