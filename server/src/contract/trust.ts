import Type, { type Static } from 'typebox'
import { Instant } from './common.ts'

const maybe = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()])

/** Positions of keys, from the master key down. */
export const KEY_INDICES = ['root', 'seal', 'transport', 'session', 'device', 'platform'] as const

/** What may be known of keys; no key and no part of one is in it. Counters begin at the start of the service. */
export const KeysHealth = Type.Object({
  since: Instant,
  master_key: Type.Enum(['file', 'setting', 'command', 'kms', 'none']),
  keyring: maybe(Type.Object({ made_at: Instant, rotated_at: maybe(Instant), rotations: Type.Integer() })),
  /** How often a key of each position was used. */
  uses: Type.Array(Type.Object({ index: Type.Enum([...KEY_INDICES]), level: Type.Integer(), uses: Type.Integer() })),
  sessions: Type.Integer(),
  authority: maybe(
    Type.Object({ platform: Type.String(), serial: Type.Integer(), valid_until: Instant, revoked: Type.Integer() }),
  ),
  /** First contacts by what became of them. */
  contacts: Type.Record(Type.String(), Type.Integer()),
  /** DTLS: identities in the file of keys, associations now, and handshakes since the start; null without it. */
  dtls: maybe(
    Type.Object({
      /** Whether its thread runs; when it died it is started again, and clients make new associations. */
      running: Type.Boolean(),
      deaths: Type.Integer(),
      last_failure: maybe(Type.String()),
      identities: Type.Integer(),
      associations: Type.Integer(),
      established: Type.Integer(),
      wrong_key: Type.Integer(),
      unknown_identity: Type.Integer(),
    }),
  ),
  failed: Type.Object({
    total: Type.Integer(),
    devices: Type.Integer(),
    worst: Type.Array(
      Type.Object({ device: Type.String(), count: Type.Integer(), last_at: Instant, reason: Type.String() }),
    ),
  }),
})
export type KeysHealth = Static<typeof KeysHealth>

const CipherRule = Type.Enum(['plain', 'cipher', 'both'])
/** How messages of one device must travel; null leaves it to profile and session. */
export const PolicyRequest = Type.Object({
  policy: maybe(Type.Object({ report: CipherRule, alarm: CipherRule, command: CipherRule })),
})
export type PolicyRequest = Static<typeof PolicyRequest>
export const CipherPolicyView = Type.Object({
  policy: Type.Object({ report: CipherRule, alarm: CipherRule, command: CipherRule }),
})

const Step = Type.Enum(['none', 'warn', 'observe', 'isolate', 'offline'])

/** A terminal that is suspected or at a step: a device as it is heard from one source. */
export const HostileTerminal = Type.Object({
  device: Type.String(),
  /** `address:port`; null for the device wherever it speaks from, */
  from: maybe(Type.String()),
  /** but not from there. */
  except: maybe(Type.String()),
  step: Step,
  /** Halves in a day; 3 warns, 6 observes, 12 isolates, 30 forces offline. */
  score: Type.Number(),
  since: Instant,
  updated_at: Instant,
  reasons: Type.Array(Type.Object({ code: Type.String(), count: Type.Integer(), weight: Type.Number() })),
  /** What the learned model says; it warns and observes, and never keeps anybody away. */
  learned: maybe(
    Type.Object({
      probability: Type.Number(),
      /** Features that speak loudest against it, strongest first, in log odds over their middle in training. */
      because: Type.Array(
        Type.Object({
          feature: Type.String(),
          group: Type.Enum(['behaviour', 'traffic', 'content']),
          log_odds: Type.Number(),
        }),
      ),
    }),
  ),
  /** `rules`, `model`, or the operator. */
  by: Type.String(),
  note: maybe(Type.String()),
})
export type HostileTerminal = Static<typeof HostileTerminal>

export const StepRequest = Type.Object({
  step: Step,
  /** `address:port`; without it the device wherever it speaks from. */
  from: Type.Optional(Type.String({ maxLength: 60 })),
  reason: Type.String({ minLength: 3, maxLength: 500 }),
})
export type StepRequest = Static<typeof StepRequest>

/** `GET /api/v1/models/hostile`: the learned model that watches terminals beside the rules; null where it was refused and why. */
export const HostileModel = Type.Object({
  model: maybe(
    Type.Object({
      source: Type.Enum(['shipped', 'folder']),
      file: Type.String(),
      sha256: Type.String(),
      seed: Type.Integer(),
      /** Looks at terminals it was trained on, those of attackers among them, and their kinds. */
      rows: Type.Integer(),
      positives: Type.Integer(),
      kinds: Type.Array(Type.String()),
      /** Probabilities from which a terminal is warned of, and from which it is observed. */
      warn: Type.Number(),
      observe: Type.Number(),
    }),
  ),
  refused: maybe(Type.String()),
  /** Terminals that are looked at. */
  watched: Type.Integer(),
})
export type HostileModel = Static<typeof HostileModel>
