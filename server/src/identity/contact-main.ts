/** Signatures of first contacts in a thread of their own: one takes milliseconds, and alarms must not wait for them. */
import { parentPort, workerData } from 'node:worker_threads'
import { giveWay } from '../give-way.ts'
import { type ContactOrder, type ToContactWork, workOnContact } from './contact-work.ts'

giveWay(5)
const order = workerData as ContactOrder
parentPort?.on('message', (message: ToContactWork) => {
  if (message.type === 'stop') parentPort?.close()
  else parentPort?.postMessage(workOnContact(order, message))
})
