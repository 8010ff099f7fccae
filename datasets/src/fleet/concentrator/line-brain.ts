import {
  commandOfForm,
  decodeCjt188Data,
  decodeDlt645Data,
  encodeCjt188Data,
  encodeCjt188Frame,
  encodeDlt645Frame,
  scanCjt188Frames,
  scanDlt645Frames,
} from '@gastwin/server/protocol'
import type { Medium, MeterProtocol } from '@gastwin/twin'
import { standingValue } from './value-frames.ts'

const READ = 0x01
const WRITE = 0x04
const ANSWER = 0x80
const ABNORMAL = 0x40
const READ_2007 = 0x11
const RELAY = 0x1c
const TRIP = 0x1a
const PERMIT = 0x1b
const WRONG_PASSWORD = 0x04

/** What the world around a meter has to do with its orders. */
export interface LineBody {
  readonly number: number
  readonly medium: Medium
  readonly protocol: MeterProtocol
  /** Password of DL/T 645, four bytes. */
  readonly password: Uint8Array
  /** Register, SI units. @param at Unix ms */
  register(at: number): number
  /** Valve or relay closes. @param at Unix ms */
  close(at: number): void
  /** Its valve opens: somebody pressed the button while that was permitted. @param at Unix ms */
  open?(at: number): void
}

/** A meter on a line as a machine that takes orders in its protocol and answers; its valve closes by order and is opened by hand only, while that is permitted. */
export class LineBrain {
  readonly #body: LineBody
  closed = false
  /** Somebody on site may close the relay. */
  permitted = false
  /** Until when its button opens the valve, Unix ms. */
  buttonUntil = 0
  /** Data of the last write by identifier, as it came. */
  readonly written = new Map<number, Uint8Array>()
  /** Orders that it carried out. */
  obeyed = 0

  constructor(body: LineBody) {
    this.#body = body
  }

  /** Answer frames to frames of the line, or what hinders. @param now Unix ms */
  obey(frames: Uint8Array, now: number): Uint8Array | 'bad_frame' {
    const answers = this.#body.protocol === 'dlt645' ? this.#dlt645(frames, now) : this.#cjt188(frames, now)
    return answers.length === 0 ? 'bad_frame' : Buffer.concat(answers)
  }

  #standing(now: number): Uint8Array {
    const { medium, number, protocol } = this.#body
    return standingValue({ number, protocol }, medium, { at: now, value: this.#body.register(now) }, this.closed)
      .payload
  }

  #cjt188(frames: Uint8Array, now: number): Uint8Array[] {
    const answers: Uint8Array[] = []
    for (const frame of scanCjt188Frames(frames)) {
      if (frame.kind === 'malformed' || frame.address !== this.#body.number) return []
      const field = decodeCjt188Data(frame)
      if (field.kind === 'malformed' || field.kind === 'error') return []
      if (frame.control === READ) {
        answers.push(this.#standing(now))
        continue
      }
      if (frame.control !== WRITE) return []
      const { di, order, serial } = field
      const head = { di, order, serial }
      this.obeyed += 1
      this.written.set(di, frame.data.slice())
      const control = WRITE | ANSWER
      const shut = field.kind === 'valve-command' && field.action === 'close'
      if (shut) this.#close(now)
      const setting = field.kind === 'parameter' ? commandOfForm(serial, field.parameter, field.value) : undefined
      if (setting?.kind === 'permit') this.buttonUntil = now + setting.windowS * 1000
      const said = shut
        ? encodeCjt188Data({ kind: 'valve-answer', ...head, statusWord: this.closed ? 1 : 0 })
        : encodeCjt188Data({ kind: 'other', ...head, payload: new Uint8Array(0) })
      answers.push(encodeCjt188Frame({ type: frame.type, address: frame.address, control, data: said }))
    }
    return answers
  }

  #dlt645(frames: Uint8Array, now: number): Uint8Array[] {
    const answers: Uint8Array[] = []
    for (const frame of scanDlt645Frames(frames)) {
      if (frame.kind === 'malformed' || frame.address !== this.#body.number) return []
      const field = decodeDlt645Data(frame, '2007')
      if (field.kind !== 'data') return []
      if (frame.control === READ_2007) {
        // One of several that ask for the register as it stands: all of it goes with the first.
        if (answers.length === 0) answers.push(this.#standing(now))
        continue
      }
      const contentOf = (name: string) => field.values.find(({ spec }) => spec.name === name)?.bytes
      const trusted = Buffer.compare(contentOf('password') ?? new Uint8Array(), this.#body.password) === 0
      const { control, address } = frame
      if (!trusted) {
        const data = Uint8Array.of(WRONG_PASSWORD)
        answers.push(encodeDlt645Frame({ address, control: control | ANSWER | ABNORMAL, data }))
        continue
      }
      this.obeyed += 1
      if (control === RELAY) {
        const operation = contentOf('operation')?.[0]
        if (operation === TRIP) this.#close(now)
        else if (operation === PERMIT) this.permitted = true
      } else this.written.set(field.di, frame.data.slice())
      answers.push(encodeDlt645Frame({ address, control: control | ANSWER, data: new Uint8Array(0) }))
    }
    return answers
  }

  /** Somebody on site holds the button. @param now Unix ms */
  press(now: number): void {
    if (now >= this.buttonUntil) return
    this.buttonUntil = 0
    this.closed = false
    this.#body.open?.(now)
  }

  #close(now: number): void {
    this.closed = true
    this.permitted = false
    this.buttonUntil = 0
    this.#body.close(now)
  }
}
