import type { FastifyInstance } from 'fastify'
import { Problem, Session, SignIn } from '../../contract/index.ts'
import type { Sessions } from '../auth/sessions.ts'

export function sessionRoutes(app: FastifyInstance, sessions: Sessions): void {
  app.post<{ Body: SignIn }>(
    '/session',
    {
      schema: { tags: ['session'], body: SignIn, response: { 200: Session, 401: Problem, 429: Problem }, security: [] },
    },
    async (request) => {
      const session = await sessions.signIn(request.body.user, request.body.password, request.ip)
      const { token, user, role, area, expiresAt } = session
      return { token, user, role, ...(area && { area }), expires_at: expiresAt }
    },
  )
  app.delete('/session', { schema: { tags: ['session'] } }, async (request, reply) => {
    const header = request.headers.authorization
    if (header?.startsWith('Bearer ') === true) sessions.signOut(header.slice(7))
    return reply.code(204).send()
  })
}
