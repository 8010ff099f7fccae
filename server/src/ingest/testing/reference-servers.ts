import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { cpuSecondsOf } from './process-cpu.ts'

/** A server beside which ours is measured. */
export interface ReferenceServer {
  /** What it is, for the report. */
  readonly kind: string
  readonly port: number
  /** Processor time used so far, s; NaN where the system does not tell. */
  cpuSeconds(): Promise<number>
  stop(): Promise<void>
}

const ECHO_C = `
#include <arpa/inet.h>
#include <stdio.h>
#include <sys/socket.h>
int main(void) {
  int s = socket(AF_INET, SOCK_DGRAM, 0), room = 4 << 20;
  setsockopt(s, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
  struct sockaddr_in me = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t n = sizeof me;
  if (bind(s, (struct sockaddr *)&me, n) < 0 || getsockname(s, (struct sockaddr *)&me, &n) < 0) return 1;
  printf("%d\\n", ntohs(me.sin_port));
  fflush(stdout);
  static char bytes[65536];
  for (;;) {
    struct sockaddr_in from;
    socklen_t length = sizeof from;
    ssize_t got = recvfrom(s, bytes, sizeof bytes, 0, (struct sockaddr *)&from, &length);
    if (got >= 0) sendto(s, bytes, got, 0, (struct sockaddr *)&from, length);
  }
}
`

/** A bare UDP echo: in C when there is a compiler, in Node otherwise. @param dir for the compiled program */
export async function startEcho(dir: string): Promise<ReferenceServer> {
  const source = path.join(dir, 'echo.c')
  const program = path.join(dir, 'echo')
  await writeFile(source, ECHO_C)
  const compiled = await promisify(execFile)('cc', ['-O2', '-o', program, source]).then(
    () => true,
    () => false,
  )
  if (!compiled) return startNode('Node echo', './echo-main.mjs')
  const child = spawn(program, { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = (await once(child.stdout, 'data')) as [Buffer]
  return running('C echo', child, Number(line.toString()))
}

/** The npm `coap` server with an empty handler. */
export const startEmptyCoap = (): Promise<ReferenceServer> =>
  startNode('npm coap, empty handler', './empty-coap-main.mjs')

async function startNode(kind: string, main: string): Promise<ReferenceServer> {
  const child = spawn(process.execPath, [sourcePath(main)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const [{ port }] = (await once(child, 'message')) as [{ port: number }]
  return running(kind, child, port)
}

/** Plain JavaScript beside this file; it is not built. */
function sourcePath(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url))
}

function running(kind: string, child: ChildProcess, port: number): ReferenceServer {
  return {
    kind,
    port,
    cpuSeconds: () => cpuSecondsOf(child.pid ?? 0),
    stop: async () => {
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
    },
  }
}
