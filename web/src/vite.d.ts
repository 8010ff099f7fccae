/** Version of the service this console was built for. */
declare const __GASTWIN_VERSION__: string
