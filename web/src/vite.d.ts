/// <reference types="vite/client" />
declare const __GASTWIN_VERSION__: string
