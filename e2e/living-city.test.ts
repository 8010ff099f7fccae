import { afterAll, beforeAll } from 'vitest'
import { ingestEdges } from './living-city/ingest-edges.ts'
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
}, 150_000)
afterAll(() => demo?.stop(), 60_000)

const running = () => demo

ingestEdges(running)
