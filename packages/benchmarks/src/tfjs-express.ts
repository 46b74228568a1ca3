/** The peer that many Node back ends run today: an Express handler that calls `@tensorflow/tfjs-node`. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import util from 'node:util';
import express from 'express';
import { fixtureBasePath } from './fixtures.js';

/** As much of tfjs-node as the handler needs; its own types don't come with it under ESM. */
interface Tfjs {
  tensor(values: unknown): TfjsTensor;
  readonly node: { loadSavedModel(path: string): Promise<{ predict(input: TfjsTensor): TfjsTensor }> };
}
interface TfjsTensor {
  array(): Promise<unknown>;
  dispose(): void;
}

/** Answers `POST …/mlp:predict` as briefly as it can be written. The addon must be set up: `npx -y pnpm@12 test` does. */
export async function tfjsExpressApp(): Promise<express.Express> {
  // tfjs-node 4.22 calls functions that Node 23 dropped.
  Object.assign(util, { isNullOrUndefined: (value: unknown) => value == null, isArray: Array.isArray });
  const tf = createRequire(import.meta.url)('@tensorflow/tfjs-node') as Tfjs;
  const model = await tf.node.loadSavedModel(join(fixtureBasePath('mlp'), '1'));
  const app = express();
  app.use(express.json({ limit: '64mb' }));
  app.post(/mlp:predict$/, async (request, response) => {
    const input = tf.tensor((request.body as { instances: unknown }).instances);
    const output = model.predict(input);
    response.json({ predictions: await output.array() });
    input.dispose();
    output.dispose();
  });
  return app;
}
