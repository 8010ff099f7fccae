import type {
  ActAnswer,
  Concentrator,
  ConcentratorMeter,
  ConcentratorSummary,
  MissingValue,
  NetworkRequest,
  Page,
  PlanRequest,
  ReadingRates,
  ReadRequest,
} from '../contract/index.ts'

export interface PageQuery {
  readonly cursor?: string | undefined
  readonly limit: number
}

export interface MissingQuery extends PageQuery {
  readonly concentrator?: string | undefined
  readonly meter?: string | undefined
  readonly given_up?: boolean | undefined
}

export interface RatesQuery {
  readonly by: ReadingRates['by']
  readonly from?: number | undefined
  readonly to?: number | undefined
  readonly zone?: string | undefined
}

/** What operators ask of concentrators. */
export interface ConcentratorActs {
  readThroughConcentrator(number: string, request: ReadRequest, user: string): Promise<ActAnswer>
  planReadings(number: string, request: PlanRequest, user: string): Promise<ActAnswer>
  formNetwork(number: string, request: NetworkRequest, user: string): Promise<ActAnswer>
}

/** How well meters are read, and the concentrators that read them. */
export interface ReadingApplication extends ConcentratorActs {
  readingRates(query: RatesQuery): ReadingRates
  missingReadings(query: MissingQuery): Page<MissingValue>
  concentrators(): ConcentratorSummary[]
  concentrator(number: string): Concentrator
  concentratorMeters(number: string, query: PageQuery, onlyMissing: boolean): Page<ConcentratorMeter>
}
