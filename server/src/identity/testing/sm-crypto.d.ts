/** The little of sm-crypto that serves as a second opinion; the package has no types of its own. */
declare module 'sm-crypto' {
  interface Options {
    readonly hash: boolean
    readonly publicKey?: string
  }
  export const sm2: {
    getPublicKeyFromPrivateKey(privateKey: string): string
    doSignature(message: readonly number[], privateKey: string, options: Options): string
    doVerifySignature(message: readonly number[], signature: string, publicKey: string, options: Options): boolean
  }
}
