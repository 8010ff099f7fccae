import type { Priority } from './admission.ts'

/** What the endpoint did since it was opened. Every datagram that arrives is counted once more in exactly one of the others. */
export interface IngestCounters {
  datagrams: number
  /** Handed on as requests. */
  requests: number
  /** Answered from what the service holds, without being handed on: blocks of firmware. */
  served: number
  /** Not a CoAP message. */
  malformed: number
  /** Empty confirmable messages ("CoAP ping"), answered with a Reset. */
  pings: number
  /** Acknowledgements, Resets and responses to nothing of ours. */
  stray: number
  /** Retransmissions dropped: the answer is still to come, or was not kept. */
  duplicatesDropped: number
  /** Retransmissions answered with the answer of the first. */
  duplicatesAnswered: number
  /** Wrong path, method, option, content format or size. */
  refusedByRule: number
  /** From a source above its budget, dropped unread. */
  overBudget: number
  /** Of a terminal that was forced offline, turned away. */
  keptAway: number
  /** Told to come again because their radio cell carries what it can. */
  crowdedCell: number
  /** Answered 5.03, by class. */
  refusedAlarm: number
  refusedCommercial: number
  refusedResidential: number
}

/** What the endpoint sent, and what failed. */
export interface SendCounters {
  answers: number
  resets: number
  sendErrors: number
  socketErrors: number
  bytesIn: number
  bytesOut: number
}

/** Counters of one moment, and the requests that wait for their answer. */
export interface IngestSnapshot extends Readonly<IngestCounters>, Readonly<SendCounters> {
  readonly inWork: number
  readonly rememberedExchanges: number
}

export const newCounters = (): IngestCounters & SendCounters => ({
  datagrams: 0,
  requests: 0,
  served: 0,
  malformed: 0,
  pings: 0,
  stray: 0,
  duplicatesDropped: 0,
  duplicatesAnswered: 0,
  refusedByRule: 0,
  overBudget: 0,
  keptAway: 0,
  crowdedCell: 0,
  refusedAlarm: 0,
  refusedCommercial: 0,
  refusedResidential: 0,
  answers: 0,
  resets: 0,
  sendErrors: 0,
  socketErrors: 0,
  bytesIn: 0,
  bytesOut: 0,
})

export const REFUSED_COUNTER = {
  alarm: 'refusedAlarm',
  commercial: 'refusedCommercial',
  residential: 'refusedResidential',
} as const satisfies Record<Priority, keyof IngestCounters>
