import fs from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'

/** A fresh directory and the way to get rid of it. */
export async function temporaryDirectory(): Promise<{ dir: string; remove: () => Promise<void> }> {
  const dir = await fs.mkdtemp(path.join(os.tmpdir(), 'gastwin-log-'))
  return { dir, remove: () => fs.rm(dir, { recursive: true, force: true }) }
}
