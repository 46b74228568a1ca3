/** Where generated text goes. */
import { writeFile } from 'node:fs/promises';
import { ServingError } from '@serving/core';
import type { Output } from '@serving/engine/command';

export interface WriteGeneratedOptions {
  /** Whether a new file may be run as it is. Default false. */
  readonly executable?: boolean;
}

/**
 * Writes to `file` and prints its name, or to stdout when there is none.
 *
 * @throws ServingError `UNAVAILABLE` for a file that can't be written.
 */
export async function writeGenerated(
  text: string,
  file: string,
  output: Output,
  { executable = false }: WriteGeneratedOptions = {},
): Promise<void> {
  if (file === '') {
    output.stdout.write(text);
    return;
  }
  try {
    await writeFile(file, text, { mode: executable ? 0o777 : 0o666 });
  } catch (cause) {
    throw new ServingError('UNAVAILABLE', `Can't write ${file}; ${(cause as Error).message}`, { cause });
  }
  output.stdout.write(`${file} is written\n`);
}
