/** Node's process warnings in the log of a command. */
import type { Logger } from '@serving/core/extend';

/** Has Node's process warnings, such as those of deprecations, logged in place of Node's own lines. */
export function logProcessWarnings(logger: Logger): void {
  process.removeAllListeners('warning');
  process.on('warning', ({ name, message, code }: Error & { code?: string }) =>
    logger.warn({ ...(code !== undefined && { code }) }, name === 'Warning' ? message : `${name}: ${message}`),
  );
}
