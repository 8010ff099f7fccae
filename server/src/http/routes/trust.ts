import type { FastifyInstance } from 'fastify'
import Type from 'typebox'
import {
  CipherPolicyView,
  HostileModel,
  HostileTerminal,
  KeysHealth,
  PolicyRequest,
  SecurityReport,
  StepRequest,
} from '../../contract/index.ts'
import { type ApplicationOf, callerOf } from '../principal.ts'

const Number14 = Type.Object({ number: Type.String({ pattern: '^[0-9]{1,14}$' }) })
type Number14 = { number: string }
const Terminals = Type.Object({ items: Type.Array(HostileTerminal) })

/** Keys, policies and steps against hostile terminals. No key is ever in an answer. */
export function trustRoutes(app: FastifyInstance, applicationOf: ApplicationOf): void {
  app.get(
    '/keys/health',
    {
      schema: {
        tags: ['trust'],
        description: 'How keys are used and how often frames do not open; counters since the start. No key is in it.',
        response: { 200: KeysHealth },
      },
    },
    async (request) => {
      callerOf(request, 'admin')
      return applicationOf(request).keysHealth()
    },
  )
  app.get(
    '/devices/hostile',
    {
      schema: {
        tags: ['trust'],
        description:
          'Terminals that are warned, observed, isolated or forced offline, and those under suspicion, with reasons.',
        response: { 200: Terminals },
      },
    },
    async (request) => {
      callerOf(request, 'dispatcher')
      return { items: applicationOf(request).hostileTerminals() }
    },
  )
  app.get(
    '/security/report',
    {
      schema: {
        tags: ['trust'],
        description:
          'The eleven threats with what was seen of each, and what routine assessment finds. No secret is in it.',
        response: { 200: SecurityReport },
      },
    },
    async (request) => {
      callerOf(request, 'admin')
      return applicationOf(request).securityReport()
    },
  )
  app.get(
    '/models/hostile',
    {
      schema: {
        tags: ['trust'],
        description: 'The learned model that watches terminals beside the rules (docs/HOSTILE.md).',
        response: { 200: HostileModel },
      },
    },
    async (request) => {
      callerOf(request, 'dispatcher')
      return applicationOf(request).hostileModel()
    },
  )
  app.post<{ Params: Number14; Body: StepRequest }>(
    '/devices/:number/hostile',
    {
      schema: {
        tags: ['trust'],
        description: 'Takes a terminal to a step, up or back; without `from` the device wherever it speaks from.',
        params: Number14,
        body: StepRequest,
        response: { 200: Terminals },
      },
    },
    async (request) => {
      const { user } = callerOf(request, 'safety')
      return { items: await applicationOf(request).stepTerminal(request.params.number, request.body, user) }
    },
  )
  app.put<{ Params: Number14; Body: PolicyRequest }>(
    '/devices/:number/cipher-policy',
    {
      schema: {
        tags: ['trust'],
        description: 'How messages of a device must travel; null leaves it to its profile and session.',
        params: Number14,
        body: PolicyRequest,
        response: { 200: CipherPolicyView },
      },
    },
    async (request) => {
      const { user } = callerOf(request, 'admin')
      return { policy: await applicationOf(request).setCipherPolicy(request.params.number, request.body.policy, user) }
    },
  )
}
