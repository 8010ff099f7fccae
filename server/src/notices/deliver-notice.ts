import { spawn } from 'node:child_process'
import type { NoticeWay } from './notice-rule.ts'

const MOST_ANSWER = 200

/**
 * Tells somebody once: the notice as JSON on the input of a program, which no shell reads, or as the body of a POST.
 * @returns undefined when the program ended with 0 or the answer is 2xx; a sentence when not
 */
export function deliverNotice(way: NoticeWay, notice: unknown, timeoutMs: number): Promise<string | undefined> {
  const body = JSON.stringify(notice)
  return 'post' in way ? post(way.post, way.headers, body, timeoutMs) : run(way.command, body, timeoutMs)
}

async function post(
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string,
  timeoutMs: number,
): Promise<string | undefined> {
  try {
    const signal = AbortSignal.timeout(timeoutMs)
    const answer = await fetch(url, {
      ...{ method: 'POST', body, signal, redirect: 'error' },
      headers: { 'content-type': 'application/json', ...headers },
    })
    // An answer that is not read keeps its connection.
    await answer.body?.cancel()
    return answer.ok ? undefined : `answered ${answer.status}`
  } catch (error) {
    return error instanceof Error && error.name === 'TimeoutError'
      ? 'did not answer in time'
      : `failed: ${String(error)}`
  }
}

function run(
  [program = '', ...words]: readonly string[],
  body: string,
  timeoutMs: number,
): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = spawn(program, words, { stdio: ['pipe', 'ignore', 'pipe'], windowsHide: true })
    const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs)
    let said = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-MOST_ANSWER)
    })
    child.once('error', (error) => {
      clearTimeout(timer)
      resolve(`cannot be run: ${error.message}`)
    })
    child.once('close', (code, signal) => {
      clearTimeout(timer)
      if (code === 0) resolve(undefined)
      else resolve(signal === 'SIGKILL' ? 'did not end in time' : `ended with ${code ?? signal}: ${said.trim()}`)
    })
    // A program may end without reading.
    child.stdin.on('error', () => {})
    child.stdin.end(body)
  })
}
