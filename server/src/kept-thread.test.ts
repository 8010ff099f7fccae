import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { KeptThread } from './kept-thread.ts'

const ECHO = `
import { parentPort, workerData } from 'node:worker_threads'
parentPort.postMessage({ told: workerData })
parentPort.on('message', ({ type }) => {
  if (type === 'die') throw new Error('as told')
  if (type === 'stop' && workerData.obeys) parentPort.close()
})`

let folder: string
let file: string
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'gastwin-thread-'))
  file = path.join(folder, 'echo.mjs')
  writeFileSync(file, ECHO)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function kept(obeys: boolean) {
  const heard: unknown[] = []
  const errors: string[] = []
  let exits = 0
  let wake = () => {}
  const thread = new KeptThread<{ told: { start: number } }, { type: 'die' | 'stop' }>({
    file,
    order: () => ({ start: heard.length, obeys }),
    onMessage: ({ told }) => {
      heard.push(told.start)
      wake()
    },
    onError: (error) => errors.push(error.message),
    onExit: () => {
      exits += 1
    },
    stopWithinMs: 200,
    firstPauseMs: 10,
    longestPauseMs: 20,
  })
  const message = () =>
    new Promise<void>((resolve) => {
      wake = resolve
    })
  return { thread, heard, errors, exits: () => exits, message }
}

test('a thread that dies is started again with the order of that moment, and somebody is told why it died', async () => {
  const { thread, heard, errors, exits, message } = kept(true)
  expect(thread.isIdle).toBe(true)
  for (let life = 0; life < 3; life++) {
    const next = message()
    if (life === 0) thread.start()
    else thread.tell({ type: 'die' })
    await next
  }
  expect(heard).toEqual([0, 1, 2])
  expect(errors).toEqual(['as told', 'as told'])
  await thread.stop()
  expect([exits(), thread.isRunning]).toEqual([3, false])
})

test('a thread that does not listen is ended, and none is started after a stop', async () => {
  const { thread, heard, message } = kept(false)
  const first = message()
  thread.start()
  await first
  await thread.stop()
  thread.start()
  expect([heard.length, thread.isRunning]).toEqual([1, false])
})

test('a thread that gave up ends and stays ended', async () => {
  const { thread, exits, message } = kept(true)
  const first = message()
  thread.start()
  await first
  thread.giveUp()
  thread.tell({ type: 'die' })
  await thread.stop()
  expect([exits(), thread.isRunning]).toEqual([1, false])
})
