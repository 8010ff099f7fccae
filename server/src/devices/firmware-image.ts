/** An image that devices may be told to run. Its bytes lie in a folder under their digest; who vouches for it stands here. */
export interface FirmwareImage {
  /** Number by which devices ask for it, 1, 2, …; never given twice. */
  readonly number: number
  readonly maker: string
  readonly model: string
  readonly version: string
  readonly security: number
  readonly min_battery_mv: number
  readonly size: number
  /** SM3 in hexadecimal. */
  readonly sm3: string
  /** The signed manifest in base64, as devices get it. */
  readonly signed: string
  /** Subject and serial of the certificate that vouches. */
  readonly signer: string
  readonly signer_serial: number
  readonly uploaded_by: string
  readonly uploaded_at: number
  readonly reason: string
  /** From when on it is given to nobody. */
  readonly withdrawn_at: number | null
  readonly withdrawn_by: string | null
}

/** What a device said that it runs. */
export interface RunningFirmware {
  readonly version: string
  /** When it was first heard of, Unix ms. */
  readonly since: number
  /** What it ran before; null when it was never heard to run another. */
  readonly before: string | null
}
