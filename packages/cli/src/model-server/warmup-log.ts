/** Logs warm-ups by file, with TensorFlow Serving's lines. */
import type { ServableId } from '@serving/core';
import { observeServing } from '@serving/core/diagnostics';

/** Logs until the returned function is called. Ignores versions without such a file; the load of one that fails tells why. */
export function logWarmups(log: (line: string) => unknown): () => void {
  const files = new Map<string, string>();
  const keyOf = ({ name, version }: ServableId): string => `${version} ${name}`;
  return observeServing({
    onWarmupFile: ({ servable, file }) => {
      files.set(keyOf(servable), file);
      log(`Found warmup data file at ${file}`);
      log(`Starting to read warmup data for model at ${file}`);
    },
    onWarmup: ({ servable, requests, startTime, endTime, error }) => {
      const file = files.get(keyOf(servable));
      files.delete(keyOf(servable));
      if (file === undefined || error) return;
      const micros = Math.round((endTime - startTime) * 1000);
      log(
        `Finished reading warmup data for model at ${file}. Number of warmup records read: ${requests}. ` +
          `Elapsed time (microseconds): ${micros}.`,
      );
    },
  });
}
