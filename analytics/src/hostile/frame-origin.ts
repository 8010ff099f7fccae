/** Where a frame came from. */
export interface FrameOrigin {
  readonly address: string
  readonly port: number
  /** It opened with a key that only the device has. */
  readonly sealed: boolean
}

/** `address:port`, as suspects and steps name a source. */
export const fromOf = ({ address, port }: FrameOrigin): string => `${address}:${port}`
