import { fileURLToPath } from 'node:url'

/**
 * Path of a program of ours (`*-main.js`) beside the calling module, to be spawned as a process or worker: always the built
 * one, so that tests and production start the same file.
 * @param from `import.meta.url` of the caller
 * @param name relative to it, e.g. `./engine-main.js`
 */
export function entryPath(from: string, name: string): string {
  return fileURLToPath(new URL(name, from)).replace(/([\\/]server[\\/])src([\\/])/, '$1dist$2')
}
