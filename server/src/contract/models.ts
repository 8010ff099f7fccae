import Type, { type Static } from 'typebox'
import { Instant } from './common.ts'

const maybe = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()])

/** A learned model that is in use; meanings in docs/THEFT.md. */
export const ModelInUse = Type.Object({
  /** `shadow`: it scores beside the active one and changes nothing. */
  use: Type.Enum(['active', 'shadow']),
  /** `shipped` comes with the program and was trained on invented courses; `folder` is the operator's. */
  source: Type.Enum(['shipped', 'folder']),
  file: Type.String(),
  sha256: Type.String(),
  trained_on: Type.Enum(['labels', 'injected attacks']),
  rows: Type.Integer(),
  positives: Type.Integer(),
  days: Type.Integer(),
  seed: Type.Integer(),
})
export type ModelInUse = Static<typeof ModelInUse>

/** How the shadow ranks the meters beside the active model. */
export const ModelComparison = Type.Object({
  meters: Type.Integer(),
  /** Spearman's; null where it has no value. */
  rank_correlation: maybe(Type.Number()),
  /** Of the `top` most suspicious meters of the one, the share that is among those of the other. */
  top_overlap: Type.Number(),
  top: Type.Integer(),
  /** Meters that would be suspected of theft if the shadow were active, and those that would no longer be. */
  newly_suspected: Type.Integer(),
  no_longer_suspected: Type.Integer(),
})
export type ModelComparison = Static<typeof ModelComparison>

/** How far the courses and scores of this town lie from those of the training: population stability indices. */
export const ModelDrift = Type.Object({
  meters: Type.Integer(),
  /** Above it an index counts as moved. */
  limit: Type.Number(),
  score: Type.Number(),
  features_moved: Type.Integer(),
  features: Type.Integer(),
  /** Largest first. */
  largest: Type.Array(Type.Object({ feature: Type.String(), index: Type.Number() })),
  moved: Type.Boolean(),
  message: Type.String(),
})
export type ModelDrift = Static<typeof ModelDrift>

/** A model of usual use of the operator's, which walks registers for small flows; meanings in docs/LOW-FLOW.md. */
export const LowFlowModel = Type.Object({ file: Type.String(), sha256: Type.String() })

/** How the model of usual use foretells this town. */
export const LowFlowFit = Type.Object({
  /** Nights, mornings and evenings that were judged. */
  blocks: Type.Integer(),
  /** Mean surprise of one, nats, here and at the training. */
  surprise: Type.Number(),
  trained_surprise: Type.Number(),
  /** Population stability index of where they lay in what was foretold; above `limit` the town is another. */
  index: Type.Number(),
  limit: Type.Number(),
  moved: Type.Boolean(),
})

/** How the shadow foretells the same blocks. */
export const LowFlowComparison = Type.Object({
  blocks: Type.Integer(),
  surprise: Type.Number(),
  shadow_surprise: Type.Number(),
  /** Meters at which only the shadow sees a constant flow at present, and those at which only the active model does. */
  newly_seen: Type.Integer(),
  no_longer_seen: Type.Integer(),
})

/** `GET /api/v1/models`: which learned models the service uses, how they fare, and what it refuses. */
export const Models = Type.Object({
  /** What computes them; null before it is ready and where it does not start. */
  backend: maybe(Type.Enum(['tensorflow', 'wasm'])),
  /** Without a model the service works as it does with one, by the ledger's own signals. */
  state: Type.Enum(['starting', 'ready', 'without_model', 'failed']),
  why: maybe(Type.String()),
  folder: maybe(Type.String()),
  items: Type.Array(ModelInUse),
  refused: Type.Array(
    Type.Object({ use: Type.Enum(['active', 'shadow']), file: Type.String(), why: Type.String(), at: Instant }),
  ),
  /** When meters were scored last, how many, and the time it took. */
  scored_at: maybe(Instant),
  scored_meters: Type.Integer(),
  took_ms: Type.Number(),
  comparison: maybe(ModelComparison),
  drift: maybe(ModelDrift),
  low_flow: Type.Object({
    /** Meters whose registers are walked as they come. */
    watched: Type.Integer(),
    /** Meters with something that lasts, at the last statement. */
    findings: Type.Integer(),
    why: maybe(Type.String()),
    /** The operator's model; null where the one that comes with the program is used. */
    model: maybe(LowFlowModel),
    shadow: maybe(LowFlowModel),
    /** Null until enough was judged. */
    fit: maybe(LowFlowFit),
    comparison: maybe(LowFlowComparison),
  }),
  /** Tensors that the engine holds. */
  tensors: Type.Integer(),
})
export type Models = Static<typeof Models>

/** `POST /api/v1/models/promote`: the shadow with this digest, of theft or of usual use, takes the place of the active model. */
export const PromoteRequest = Type.Object({
  sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
  reason: Type.String({ minLength: 3, maxLength: 500 }),
})
export type PromoteRequest = Static<typeof PromoteRequest>
