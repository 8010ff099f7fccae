const EVERY_MS = 250
/** Limits are written for a machine of its own; a shared one may need a few times as long. */
export const PATIENCE = Number(process.env['GASTWIN_PATIENCE'] ?? 3)

/** Asks again until the answer satisfies; fails with the last answer after `within` ms times the patience. */
export async function eventually<T>(
  within: number,
  ask: () => T | Promise<T>,
  satisfies: (answer: T) => boolean,
): Promise<T> {
  const until = performance.now() + within * PATIENCE
  for (;;) {
    const answer = await ask()
    if (satisfies(answer)) return answer
    if (performance.now() > until)
      throw new Error(`not within ${within * PATIENCE} ms; last answer: ${JSON.stringify(answer)?.slice(0, 4000)}`)
    await pause(EVERY_MS)
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
