/** Between the service and its engine process, over the IPC channel: the password never stands in a list of processes. */
export interface OpenEngine {
  readonly type: 'open'
  readonly directory: string
  readonly password: string
  readonly readers: number
  readonly maxThreads: number
  readonly maxMemoryBytes: number
}

export type FromEngine =
  | { readonly type: 'ready'; readonly port: number; readonly version: string }
  | { readonly type: 'failed'; readonly detail: string }
