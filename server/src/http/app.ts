import { existsSync } from 'node:fs'
import fastifyStatic from '@fastify/static'
import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import websocket from '@fastify/websocket'
import { GasTwinError, UsageError } from '@gastwin/twin'
import Fastify, { type FastifyBaseLogger, type FastifyInstance, type FastifyRequest, LogController } from 'fastify'
import type { Logger } from 'pino'
import type { WebSocket } from 'ws'
import type { Delegation } from '../devices/delegation.ts'
import type { Application } from './application.ts'
import { type Principal, type Sessions, scopeOf } from './auth/sessions.ts'
import { type ApplicationOf, callerOf } from './principal.ts'
import { sendProblem } from './problem.ts'
import { alarmRoutes } from './routes/alarms.ts'
import { analysisRoutes } from './routes/analysis.ts'
import { campaignRoutes } from './routes/campaigns.ts'
import { cityRoutes } from './routes/city.ts'
import { customerRoutes } from './routes/customer.ts'
import { deviceManagementRoutes } from './routes/device-management.ts'
import { deviceRoutes } from './routes/devices.ts'
import { exportRoutes } from './routes/export.ts'
import { firmwareRoutes } from './routes/firmware.ts'
import { ledgerRoutes } from './routes/ledger.ts'
import { permitRoutes } from './routes/permits.ts'
import { readingRoutes } from './routes/readings.ts'
import { safetyRoutes } from './routes/safety.ts'
import { sessionRoutes } from './routes/session.ts'
import { trustRoutes } from './routes/trust.ts'
import { zoneRoutes } from './routes/zones.ts'

export interface HttpOptions {
  readonly application: Application
  readonly sessions: Sessions
  readonly logger: Logger
  readonly version: string
  /** Folder of the built console, or null to serve the API alone. */
  readonly consoleDir: string | null
  /** Takes over an accepted WebSocket of `/ws`. */
  readonly onSocket: (socket: WebSocket) => void
  /** What a caller with a scope sees of the application; without it such callers are refused. */
  readonly applicationFor?: (principal: Principal) => Application
  /** Told when somebody asked for what lies outside of their area. */
  readonly onOutside?: (principal: Principal, act: string, words: string) => void
  /** The delegation that a key stands for, while it holds. */
  readonly delegated?: (key: string) => Delegation | undefined
}

declare module 'fastify' {
  interface FastifyRequest {
    principal: Principal | null
  }
  interface FastifyContextConfig {
    /** See DELEGABLE. */
    delegable?: boolean
  }
}

/** Fastify with everything the console and programs may ask; not yet listening. */
export async function buildHttp(options: HttpOptions): Promise<FastifyInstance> {
  const app = Fastify({
    loggerInstance: options.logger as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: 1 << 20,
    // Consoles keep their connections: a stop must not wait for them.
    forceCloseConnections: true,
    // Answers are built from typed values: schemas document them and tests check them, so serialising need not check again.
  })
  app.setSerializerCompiler(() => (value) => JSON.stringify(value))
  app.setErrorHandler((error, request, reply) => {
    tellOutside(error, request, options)
    sendProblem(error, request, reply)
  })
  app.setNotFoundHandler((request, reply) =>
    sendProblem(
      new UsageError('API_NOT_FOUND', `nothing at ${request.method} ${request.url.split('?')[0]}`),
      request,
      reply,
    ),
  )
  app.decorateRequest('principal', null)
  app.addHook('onSend', async (_request, reply) => {
    reply.header('x-content-type-options', 'nosniff')
    reply.header('referrer-policy', 'no-referrer')
    reply.header('x-frame-options', 'DENY')
    if (!reply.hasHeader('content-security-policy')) {
      reply.header(
        'content-security-policy',
        "default-src 'self'; connect-src 'self'; worker-src 'self' blob:; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; font-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'",
      )
    }
  })
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'gastwin',
        version: options.version,
        description: 'Live digital twin of a city gas network. SI units; instants are Unix ms.',
      },
      components: {
        securitySchemes: {
          bearer: { type: 'http', scheme: 'bearer' },
          apiKey: { type: 'apiKey', in: 'header', name: 'x-api-key' },
        },
      },
      security: [{ bearer: [] }, { apiKey: [] }],
    },
  })
  await app.register(swaggerUi, { routePrefix: '/docs' })
  await app.register(websocket, { options: { maxPayload: 1 << 16, perMessageDeflate: false } })
  app.get('/ws', { websocket: true, schema: { hide: true } }, (socket) => options.onSocket(socket))

  openRoutes(app, options.application)
  await app.register(
    async (api) => {
      sessionRoutes(api, options.sessions)
      customerRoutes(api, options.application)
      await api.register(async (guarded) => {
        guarded.addHook('onRequest', async (request) => {
          request.principal = authenticate(request, options)
          if (request.principal.delegation !== undefined && request.routeOptions.config.delegable !== true)
            throw new UsageError(
              'AUT_FORBIDDEN',
              `${request.principal.user} is delegated: it may deal with the devices in its scope, nothing else`,
            )
        })
        const applicationOf: ApplicationOf = (request) => applicationFor(request, options)
        cityRoutes(guarded, applicationOf)
        zoneRoutes(guarded, applicationOf)
        alarmRoutes(guarded, applicationOf)
        deviceRoutes(guarded, applicationOf)
        deviceManagementRoutes(guarded, applicationOf)
        campaignRoutes(guarded, applicationOf)
        firmwareRoutes(guarded, applicationOf)
        safetyRoutes(guarded, applicationOf)
        permitRoutes(guarded, applicationOf)
        analysisRoutes(guarded, applicationOf)
        ledgerRoutes(guarded, applicationOf)
        readingRoutes(guarded, applicationOf)
        exportRoutes(guarded, applicationOf)
        trustRoutes(guarded, applicationOf)
      })
    },
    { prefix: '/api/v1' },
  )
  if (options.consoleDir !== null && existsSync(options.consoleDir)) {
    await app.register(fastifyStatic, {
      root: options.consoleDir,
      setHeaders: (response, file) => {
        // Vite puts a content hash into every asset's name; the page itself must be asked for each time.
        response.setHeader(
          'cache-control',
          file.includes('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
        )
      },
    })
  }
  return app
}

function openRoutes(app: FastifyInstance, application: Application): void {
  app.get('/healthz', { schema: { hide: true } }, async () => ({ ok: true }))
  app.get('/readyz', { schema: { hide: true } }, async (_request, reply) => {
    const health = application.health()
    return reply.code(health.ready ? 200 : 503).send(health)
  })
  app.get('/metrics', { schema: { hide: true } }, async (_request, reply) =>
    reply.type('text/plain; version=0.0.4').send(await application.metrics()),
  )
}

/** The city as the caller of a guarded route sees it. @throws UsageError AUT_FORBIDDEN */
function applicationFor(request: FastifyRequest, { application, applicationFor: narrowed }: HttpOptions): Application {
  const principal = callerOf(request)
  if (scopeOf(principal) === undefined) return application
  if (narrowed === undefined)
    throw new UsageError('AUT_FORBIDDEN', `${principal.user} has a scope: nothing is told here`)
  return narrowed(principal)
}

function tellOutside(error: unknown, request: FastifyRequest, { onOutside }: HttpOptions): void {
  if (!(error instanceof GasTwinError) || error.code !== 'AUT_AREA' || request.principal === null) return
  const act = `${request.method} ${request.url.split('?')[0]}`
  request.log.warn({ user: request.principal.user, act }, 'refused: outside of the area')
  onOutside?.(request.principal, act, error.message)
}

function authenticate(request: FastifyRequest, { sessions, delegated }: HttpOptions): Principal {
  const header = request.headers.authorization
  const key = request.headers['x-api-key']
  const token = header?.startsWith('Bearer ') === true ? header.slice(7) : typeof key === 'string' ? key : undefined
  const delegation = token === undefined ? undefined : delegated?.(token)
  if (delegation !== undefined) return { user: `app:${delegation.name}`, role: delegation.role, delegation }
  const principal = token === undefined ? undefined : sessions.find(token)
  if (principal === undefined)
    throw new UsageError('AUT_REQUIRED', 'sign in at POST /api/v1/session, or send an API key')
  return principal
}
