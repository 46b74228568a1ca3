/**
 * Clients in Python with grpcio, their stubs made by grpcio-tools from our `.proto` files. `PYTHON` names the interpreter (default
 * `python3`); what it lacks is said, and its tests are skipped.
 */
import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { ModelServer } from '@serving/core';
import { savedModelPlatform } from '@serving/savedmodel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fixturePath } from '../../savedmodel/src/fixtures.test-support.js';
import { GrpcServer } from './grpc-server.js';

const run = promisify(execFile);
const python = process.env.PYTHON ?? 'python3';
const protoFolder = fileURLToPath(new URL('../../protos/proto', import.meta.url));
const script = fileURLToPath(new URL('../fixtures/python/client.py', import.meta.url));

/** Which of these modules the interpreter hasn't got. */
function missing(modules: readonly string[]): string[] {
  const code = `import importlib.util as u; print(' '.join(m for m in ${JSON.stringify(modules)} if not u.find_spec(m)))`;
  const { status, stdout } = spawnSync(python, ['-c', code], { encoding: 'utf8' });
  return status === 0 ? stdout.split(/\s+/).filter(Boolean) : [python];
}

const kinds = [
  { mode: 'own', needs: ['grpc', 'grpc_tools'], stubsOf: ['tensorflow', 'tensorflow_serving'] },
  { mode: 'tensorflow', needs: ['grpc', 'grpc_tools', 'numpy', 'tensorflow'], stubsOf: ['tensorflow_serving'] },
];

describe.each(kinds)(
  'a Python client with the messages of TensorFlow that are its $mode',
  ({ mode, needs, stubsOf }) => {
    const lacking = missing(needs);
    if (lacking.length > 0) {
      // biome-ignore lint/suspicious/noConsole: a skipped test has to say why.
      console.warn(`Skipped: clients in Python (${mode}) need ${lacking.join(', ')}; PYTHON names the interpreter`);
      it.skip('asks every method', () => undefined);
      return;
    }
    let stubs: string;
    let modelServer: ModelServer;
    let server: GrpcServer;

    beforeAll(async () => {
      stubs = await mkdtemp(join(tmpdir(), 'python-stubs-'));
      const all = (await readdir(protoFolder, { recursive: true })).filter((name) => name.endsWith('.proto'));
      const files = all.filter((name) => stubsOf.some((folder) => name.startsWith(`${folder}/`)));
      const outputs = [`--python_out=${stubs}`, `--grpc_python_out=${stubs}`];
      await run(python, ['-m', 'grpc_tools.protoc', `-I${protoFolder}`, ...outputs, ...files]);
      modelServer = await ModelServer.start({
        models: ['half_plus_two', 'image', 'classify_regress'].map((name) => ({
          name,
          basePath: fixturePath(name),
          versionPolicy: { all: {} },
        })),
        platforms: { tensorflow: savedModelPlatform() },
      });
      server = await GrpcServer.listen(modelServer, { port: 0 });
    }, 60_000);

    afterAll(async () => {
      await server?.close();
      await modelServer?.close();
      await rm(stubs, { recursive: true, force: true });
    });

    it('asks every method', { timeout: 120_000 }, async () => {
      const environment = { ...process.env, TF_CPP_MIN_LOG_LEVEL: '3' };
      const { stdout } = await run(python, [script, stubs, `127.0.0.1:${server.port}`, mode], { env: environment });
      expect(JSON.parse(stdout)).toEqual({
        predict: [2.5, 3, 4.5],
        float_val: [2.5, 3, 4.5],
        model_spec: ['half_plus_two', 123, 'serving_default'],
        futures: 100,
        image: expect.any(Number),
        classify: [
          ['low', expect.any(Number)],
          ['middle', expect.any(Number)],
          ['high', expect.any(Number)],
        ],
        regress: 1,
        metadata: 'x:0',
        status: [
          [124, 'AVAILABLE', 0],
          [123, 'AVAILABLE', 0],
        ],
        errors: [
          ['NOT_FOUND', 'Servable not found for request: Latest(nope)'],
          ['INVALID_ARGUMENT', expect.stringContaining('Missing but required: {x}')],
          ['INVALID_ARGUMENT', 'Missing ModelSpec'],
        ],
      });
    });
  },
);
