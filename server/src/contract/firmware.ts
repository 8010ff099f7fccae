import Type, { type Static } from 'typebox'
import { Instant } from './common.ts'

const maybe = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()])
const Reason = Type.String({ minLength: 3, maxLength: 500 })
/** Base64 of a mebibyte. */
const MOST_IMAGE_TEXT = 1_398_104

/** An image and the signed manifest that was made beside it (docs/FIRMWARE.md §1). */
export const FirmwareUpload = Type.Object({
  image: Type.String({ minLength: 4, maxLength: MOST_IMAGE_TEXT, description: 'base64' }),
  signed: Type.String({ minLength: 4, maxLength: 1_000, description: 'signed manifest, base64' }),
  reason: Reason,
})
export type FirmwareUpload = Static<typeof FirmwareUpload>

export const FirmwareView = Type.Object({
  number: Type.Integer(),
  maker: Type.String(),
  model: Type.String(),
  version: Type.String(),
  /** A device refuses an image whose number is below that of the one it runs. */
  security: Type.Integer(),
  min_battery_mv: Type.Integer(),
  size: Type.Integer(),
  sm3: Type.String(),
  signer: Type.String(),
  signer_serial: Type.Integer(),
  uploaded_by: Type.String(),
  uploaded_at: Instant,
  reason: Type.String(),
  withdrawn_at: maybe(Instant),
  withdrawn_by: maybe(Type.String()),
  /** Whether its bytes are there: devices can fetch it. */
  held: Type.Boolean(),
  /** Devices that said that they run its version. */
  devices: Type.Integer(),
})
export type FirmwareView = Static<typeof FirmwareView>

export const FirmwareList = Type.Object({
  items: Type.Array(FirmwareView),
  /** Everything that devices said they run, whether an image of it is here or not. */
  versions: Type.Array(Type.Object({ version: Type.String(), devices: Type.Integer() })),
})
export type FirmwareList = Static<typeof FirmwareList>

export const WithdrawRequest = Type.Object({ reason: Reason })
