import { afterAll, beforeAll } from 'vitest'
import { apiContract } from './living-city/api-contract.ts'
import { everythingAddsUp } from './living-city/everything-adds-up.ts'
import { ingestEdges } from './living-city/ingest-edges.ts'
import { liveSocket } from './living-city/live-socket.ts'
import { orderedShutoffs } from './living-city/ordered-shutoffs.ts'
import { type RunningDemo, startDemo } from './support/demo-process.ts'

/** One city for all tests that do not need one of their own: a day and a half pass in its first minute, then it slows down. */
let demo: RunningDemo

beforeAll(async () => {
  demo = await startDemo({
    scenario: 'calm',
    speed: 30,
    warmUpHours: 36,
    warmUpSpeed: 3_600,
    args: ['--safety-mode', 'approval'],
  })
}, 450_000)
afterAll(() => demo?.stop(), 60_000)

const running = () => demo

// The first while the warm-up runs, then what needs a whole day, last what makes things happen that no city would.
apiContract(running)
liveSocket(running)
everythingAddsUp(running)
ingestEdges(running)
orderedShutoffs(running)
