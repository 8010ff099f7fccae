/** One thing wrong in a profile file. */
export interface ProfileMistake {
  /** Where: `layouts[0].fields[2].unit`; empty for the whole file. */
  readonly path: string
  readonly message: string
}

/**
 * Reads untrusted JSON and notes every mistake with its place. Each reader returns a usable value in any case, so that one mistake
 * gives one message and the rest is still checked.
 */
export class Checker {
  readonly mistakes: ProfileMistake[] = []

  fail(path: string, message: string): void {
    this.mistakes.push({ path, message })
  }

  /** An object with no other keys than these. */
  object(
    path: string,
    value: unknown,
    required: readonly string[],
    optional: readonly string[] = [],
  ): Readonly<Record<string, unknown>> {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      this.fail(path, 'must be an object')
      return {}
    }
    const object = value as Readonly<Record<string, unknown>>
    for (const key of Object.keys(object)) {
      if (!required.includes(key) && !optional.includes(key))
        this.fail(join(path, key), `is not a key here; known are ${[...required, ...optional].join(', ')}`)
    }
    for (const key of required) if (object[key] === undefined) this.fail(join(path, key), 'is missing')
    return object
  }

  array(path: string, value: unknown): readonly unknown[] {
    if (Array.isArray(value)) return value
    if (value !== undefined) this.fail(path, 'must be an array')
    return []
  }

  word<T extends string>(path: string, value: unknown, words: readonly T[], fallback: T): T {
    const word = words.find((known) => known === value)
    if (word === undefined && value !== undefined) this.fail(path, `must be one of ${words.join(', ')}`)
    return word ?? fallback
  }

  flag(path: string, value: unknown): boolean {
    if (value !== undefined && typeof value !== 'boolean') this.fail(path, 'must be true or false')
    return value === true
  }

  text(path: string, value: unknown, pattern: RegExp, what: string): string {
    if (typeof value === 'string' && pattern.test(value)) return value
    if (value !== undefined) this.fail(path, `must be ${what}`)
    return ''
  }

  whole(path: string, value: unknown, min: number, max: number, fallback: number): number {
    if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value
    if (value !== undefined) this.fail(path, `must be a whole number ${min}…${max}`)
    return fallback
  }

  /** A number in hexadecimal digits, `901F`. */
  hex(path: string, value: unknown, digits: readonly number[]): number {
    const text = this.text(path, value, /^[0-9A-Fa-f]+$/, `${digits.join(' or ')} hexadecimal digits`)
    if (text !== '' && !digits.includes(text.length))
      this.fail(path, `must be ${digits.join(' or ')} hexadecimal digits`)
    return text === '' ? -1 : Number.parseInt(text, 16)
  }
}

export const join = (path: string, key: string): string => (path === '' ? key : `${path}.${key}`)
