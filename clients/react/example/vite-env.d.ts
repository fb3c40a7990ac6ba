interface ImportMetaEnv {
  /** Where the service is; on its usual port of this machine, unless said. */
  readonly VITE_GUESTLIST_URL?: string;
}

interface ImportMeta {
  readonly env: ImportMetaEnv;
}
