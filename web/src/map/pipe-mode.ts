/** What the colour of a pipe tells: its state, or one column of the estimate. */
export const PIPE_MODES = ['state', 'pressure', 'flow', 'blind'] as const
export type PipeMode = (typeof PIPE_MODES)[number]

/** The mode of an address; anything else is today's state. */
export function parsePipeMode(text: string | null): PipeMode {
  return PIPE_MODES.find((mode) => mode === text) ?? 'state'
}
