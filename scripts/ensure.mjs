// Makes a fresh clone able to run: installs what is missing, builds what is stale. Uses nothing but Node and npm.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..')
const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'

/** Runs a program in the repository and stops everything when it fails. */
export function run(command, args, options = {}) {
  const result = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options })
  if (result.status !== 0) {
    console.error(`gastwin: "${[command, ...args].join(' ')}" failed`)
    process.exit(result.status ?? 1)
  }
}

export function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major < 20 || (major === 20 && minor < 19)) {
    console.error(`gastwin needs Node 20.19 or newer; this is ${process.version}`)
    process.exit(1)
  }
}

const stampFile = path.join(root, 'node_modules', '.gastwin-install')

/**
 * Installs what the lock file says when node_modules does not belong to it. Not `npm ci`: that refuses a lock file made where the
 * registry lacks optional packages of other platforms.
 */
export function ensureInstalled() {
  const wanted = createHash('sha256')
    .update(readFileSync(path.join(root, 'package-lock.json')))
    .digest('hex')
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === wanted) return
  console.log('gastwin: installing packages (once; about 1.1 GB with the database engine)')
  run(npm, ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error'])
  mkdirSync(path.dirname(stampFile), { recursive: true })
  writeFileSync(stampFile, wanted)
}

/** TypeScript builds what changed; the console is built again when a source is newer than its page. */
export function ensureBuilt({ console: withConsole = true } = {}) {
  run(process.execPath, [path.join(root, 'node_modules/typescript/bin/tsc'), '-b'])
  if (!withConsole) return
  const page = path.join(root, 'web/dist/index.html')
  const built = existsSync(page) ? statSync(page).mtimeMs : 0
  const newest = Math.max(
    ...['web/src', 'server/src/contract'].map((f) => newestIn(path.join(root, f))),
    statSync(path.join(root, 'web/package.json')).mtimeMs,
  )
  if (newest > built) run(npm, ['run', 'build', '-w', 'web', '--silent', '--', '--logLevel', 'warn'])
}

function newestIn(folder) {
  let newest = 0
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (entry.isFile())
      newest = Math.max(newest, statSync(path.join(entry.parentPath ?? entry.path, entry.name)).mtimeMs)
  }
  return newest
}
