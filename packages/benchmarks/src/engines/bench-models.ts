/** Where the models of make_models.py are. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder =
  process.env.SERVING_BENCH_MODELS ?? fileURLToPath(new URL('../../../../.cache/bench-models', import.meta.url));

/** The version folder of a model. */
export function benchModel(name: string): string {
  return join(folder, name, '1');
}

/** Whether make_models.py has written the model. */
export function hasBenchModel(name: string): boolean {
  return existsSync(benchModel(name));
}

/** What a table shows of a model that make_models.py has not made. */
export const NOT_MADE = 'not made: see make_models.py';
