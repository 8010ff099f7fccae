import { type ErrorCode, GasTwinError } from '@gastwin/twin'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import type { Problem } from '../contract/index.ts'

/** HTTP status of each error code: the only place that knows. */
const STATUS: Partial<Record<ErrorCode, number>> = {
  AUT_REQUIRED: 401,
  AUT_FORBIDDEN: 403,
  AUT_AREA: 403,
  AUT_LOCKED: 429,
  API_INPUT: 400,
  API_NOT_FOUND: 404,
  NET_UNKNOWN: 404,
  API_CONFLICT: 409,
  CMD_REFUSED: 409,
  CMD_TIMEOUT: 504,
  CMD_DEVICE: 502,
  LOG_FULL: 507,
  STO_ENGINE: 503,
  API_UNAVAILABLE: 503,
}

/** RFC 9457 body of any error. Our own bugs keep their words for the log: the caller gets the code only. */
export function problemOf(error: unknown, instance: string): Problem {
  if (error instanceof GasTwinError) {
    const status = STATUS[error.code] ?? 500
    const detail = status === 500 ? 'the service made an error; its log has the details' : error.message
    return { type: `urn:gastwin:error:${error.code}`, title: error.code, status, detail, code: error.code, instance }
  }
  const fastify = error as Partial<FastifyError>
  if (fastify.validation !== undefined || (fastify.statusCode !== undefined && fastify.statusCode < 500)) {
    const status = fastify.statusCode ?? 400
    return {
      type: 'urn:gastwin:error:API_INPUT',
      title: 'API_INPUT',
      status,
      detail: fastify.message ?? 'bad request',
      code: 'API_INPUT',
      instance,
    }
  }
  return {
    type: 'urn:gastwin:error:TWN_INVARIANT',
    title: 'TWN_INVARIANT',
    status: 500,
    detail: 'the service made an error; its log has the details',
    code: 'TWN_INVARIANT',
    instance,
  }
}

export function sendProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const problem = problemOf(error, request.url.split('?')[0] ?? '/')
  if (problem.status >= 500) request.log.error({ err: error }, 'request failed')
  if (problem.status === 401) reply.header('www-authenticate', 'Bearer')
  if (problem.status === 429 || problem.status === 503) reply.header('retry-after', '5')
  void reply.code(problem.status).type('application/problem+json').send(JSON.stringify(problem))
}
