import { encodeDatagramEntry } from '../log/datagram-entry.ts'
import type { EventLog } from '../log/event-log.ts'
import { DATAGRAM_ENTRY } from '../log/event-log.ts'
import type { Incoming, Recorded } from './incoming.ts'

/**
 * Makes a batch durable: readable or not, every payload is kept as it came.
 * @throws (rejects) StoreError LOG_FULL when the disk refuses: then none of them may be acknowledged
 */
export async function recordBatch(log: EventLog, batch: readonly Incoming[]): Promise<readonly Recorded[]> {
  const first = await log.append(
    batch.map(({ request }) => ({
      kind: DATAGRAM_ENTRY,
      receivedAt: request.receivedAt,
      body: encodeDatagramEntry(request),
    })),
  )
  return batch.map(({ request, content }, i) => ({ request, content, position: first + i }))
}
