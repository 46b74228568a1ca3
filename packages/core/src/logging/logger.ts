/** The logger of a host: fields, then a message. Pino fits, and so does any of its children. */
export interface Logger {
  /** Called for requests that succeeded, and for steps of a version's life that operators seldom need. */
  debug(fields: object, message: string): void;
  /** Called for versions that load and unload, and for lists of models that take effect. */
  info(fields: object, message: string): void;
  /** Called for what may mend itself or is a caller's fault. */
  warn(fields: object, message: string): void;
  /** Called for what needs attention. */
  error(fields: object, message: string): void;
}

/** The levels of a {@link Logger}, with pino's numbers. */
export const logLevels = { debug: 20, info: 30, warn: 40, error: 50 } as const;

export type LogLevel = keyof typeof logLevels;
