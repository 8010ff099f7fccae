import { afterAll, beforeAll } from 'vitest'
import { apiAnswers } from './living-city/api-answers.ts'
import { apiRoles } from './living-city/api-roles.ts'
import { apiTransport } from './living-city/api-transport.ts'
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
apiAnswers(running)
apiTransport(running)
apiRoles(running)
liveSocket(running)
everythingAddsUp(running)
ingestEdges(running)
orderedShutoffs(running)
