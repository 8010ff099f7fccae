export { type Block, type Cadence, leastFlow } from './block.ts'
