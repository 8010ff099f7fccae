// `npm start`: the living city on the embedded engine. Options are passed on to `gastwin demo`.
import { spawn } from 'node:child_process'
import path from 'node:path'
import { checkNode, ensureBuilt, ensureInstalled, root } from './ensure.mjs'

checkNode()
ensureInstalled()
ensureBuilt()
const child = spawn(process.execPath, [path.join(root, 'server/bin/gastwin.mjs'), 'demo', ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
})
// The terminal sends Ctrl-C to the whole group: wait for the child to end in order.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal))
child.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)))
