import type { FastifyInstance } from 'fastify'
import Type from 'typebox'
import { FirmwareList, FirmwareUpload, FirmwareView, WithdrawRequest } from '../../contract/index.ts'
import { type ApplicationOf, callerOf } from '../principal.ts'

/** An image of a mebibyte in base64, and what stands beside it. */
const MOST_UPLOAD_BYTES = 1_500_000
const tags = ['firmware']

/** Images that devices may be told to run. */
export function firmwareRoutes(app: FastifyInstance, applicationOf: ApplicationOf): void {
  app.get('/firmware', { schema: { tags, response: { 200: FirmwareList } } }, async (request) => {
    callerOf(request)
    return applicationOf(request).management.firmware()
  })
  app.post<{ Body: FirmwareUpload }>(
    '/firmware',
    {
      bodyLimit: MOST_UPLOAD_BYTES,
      schema: {
        tags,
        description: 'Takes an image when the signature of the utility or its maker holds; says why not otherwise.',
        body: FirmwareUpload,
        response: { 201: FirmwareView },
      },
    },
    async (request, reply) => {
      const { user } = callerOf(request, 'admin')
      return reply.code(201).send(await applicationOf(request).management.uploadFirmware(request.body, user))
    },
  )
  app.post<{ Params: { number: number }; Body: { reason: string } }>(
    '/firmware/:number/withdraw',
    {
      schema: {
        tags,
        description: 'The image is given to nobody any more, and blocks of it are refused.',
        params: Type.Object({ number: Type.Integer({ minimum: 1 }) }),
        body: WithdrawRequest,
        response: { 200: FirmwareView },
      },
    },
    async (request) => {
      const { user } = callerOf(request, 'admin')
      return applicationOf(request).management.withdrawFirmware(request.params.number, request.body.reason, user)
    },
  )
}
