import { InvariantError } from '@gastwin/twin'
import type { FastifyRequest } from 'fastify'
import type { Role } from '../contract/index.ts'
import type { Application } from './application.ts'
import { type Principal, requireRole } from './auth/sessions.ts'

/** The application as the caller of a guarded route may see it: all of it, or what their area reaches. */
export type ApplicationOf = (request: FastifyRequest) => Application

/** Config of a route that another application may call for the devices in its scope; all other routes refuse it. */
export const DELEGABLE = { delegable: true } as const

/**
 * The signed-in caller of a guarded route, with at least the given role.
 * @throws UsageError AUT_FORBIDDEN
 */
export function callerOf(request: FastifyRequest, least: Role = 'viewer'): Principal {
  if (request.principal === null) throw new InvariantError('TWN_INVARIANT', 'a guarded route ran without a caller')
  requireRole(request.principal, least)
  return request.principal
}
