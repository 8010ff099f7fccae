import Type, { type Static } from 'typebox'
import { Instant } from './common.ts'

const maybe = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()])

/** The customer of a gas meter is asked to agree that its button may open its valve. */
export const InvitationRequest = Type.Object({
  device: Type.String({ pattern: '^[0-9]{1,14}$' }),
  /** How long the customer may answer. */
  expires_in_s: Type.Integer({ minimum: 300, maximum: 604_800 }),
  /** How long the consent holds once it is given. */
  holds_s: Type.Integer({ minimum: 300, maximum: 2_678_400 }),
  reason: Type.String({ minLength: 3, maxLength: 500 }),
})
export type InvitationRequest = Static<typeof InvitationRequest>

export const INVITATION_STATES = [
  'pending',
  'expired',
  'agreed',
  'declined',
  'withdrawn',
  'replaced',
  'locked',
  'undelivered',
] as const

export const InvitationView = Type.Object({
  id: Type.String(),
  point: Type.String(),
  asked_by: Type.String(),
  reason: Type.String(),
  asked_at: Instant,
  expires_at: Instant,
  state: Type.Enum([...INVITATION_STATES]),
  /** The consent that followed. */
  consent: maybe(Type.String()),
  answered_at: maybe(Instant),
})
export type InvitationView = Static<typeof InvitationView>

/** … with its token, which an application is told this once; a person never: theirs goes to the customer's telephone. */
export const MadeInvitation = Type.Interface([InvitationView], { token: maybe(Type.String()) })
export type MadeInvitation = Static<typeof MadeInvitation>

/** What the customer is asked, personal values masked. */
export const CustomerQuestion = Type.Object({
  utility: Type.String(),
  /** Number of the meter, masked. */
  meter: Type.String(),
  address: maybe(Type.String()),
  customer: maybe(Type.String()),
  state: Type.Enum([...INVITATION_STATES]),
  /** Until when it can be answered. */
  expires_at: Instant,
  /** Until when a consent that is given now would hold; that of the consent where there is one. */
  holds_until: Instant,
  /** Whether the answer must have the last four digits of the telephone that the utility knows. */
  needs_phone_end: Type.Boolean(),
})
export type CustomerQuestion = Static<typeof CustomerQuestion>

export const CustomerAnswer = Type.Object({
  /** false declines, or takes back what was agreed. */
  agree: Type.Boolean(),
  /** Who answers; needed to agree. */
  given_by: Type.Optional(Type.String({ minLength: 2, maxLength: 100 })),
  phone_end: Type.Optional(Type.String({ pattern: '^[0-9]{4}$' })),
})
export type CustomerAnswer = Static<typeof CustomerAnswer>
