/**
 * Clients in Python with grpcio, their stubs made by grpcio-tools from our `.proto` files. `PYTHON` names the interpreter (default
 * `python3`); what it lacks is said, and its tests are skipped.
 */
import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { ModelServer } from '@serving/core';
import { savedModelPlatform } from '@serving/savedmodel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fixturePath } from '../../../test-doubles/src/saved-model-fixtures.js';
import { GrpcServer } from '../server/grpc-server.js';

const run = promisify(execFile);
const python = process.env.PYTHON ?? 'python3';
const protoFolder = fileURLToPath(new URL('../../../protos/proto', import.meta.url));
const script = fileURLToPath(new URL('../../fixtures/python/client.py', import.meta.url));
const authority = fileURLToPath(new URL('../../fixtures/tls/authority.pem', import.meta.url));
const models = fileURLToPath(new URL('../../../savedmodel/fixtures', import.meta.url));
const pem = (name: string): Promise<string> =>
  readFile(new URL(`../../fixtures/tls/${name}.pem`, import.meta.url), 'utf8');

/** The modules that the interpreter lacks. */
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
      it.skip('asks every method: plain, with TLS and over a unix socket', () => undefined);
      return;
    }
    let folder: string;
    let modelServer: ModelServer;
    const servers: GrpcServer[] = [];

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'python-client-'));
      const all = (await readdir(protoFolder, { recursive: true })).filter((name) => name.endsWith('.proto'));
      const files = all.filter((name) => stubsOf.some((prefix) => name.startsWith(`${prefix}/`)));
      const outputs = [`--python_out=${folder}`, `--grpc_python_out=${folder}`];
      await run(python, ['-m', 'grpc_tools.protoc', `-I${protoFolder}`, ...outputs, ...files]);
      // Folders without this file give way to an installed package of their name.
      for (const name of stubsOf) await writeFile(join(folder, name, '__init__.py'), '');
      modelServer = await ModelServer.start({
        models: ['half_plus_two', 'image', 'classify_regress', 'slow'].map((name) => ({
          name,
          basePath: fixturePath(name),
          versionPolicy: { all: {} },
        })),
        platforms: { tensorflow: savedModelPlatform() },
      });
      const [serverKey, serverCert] = await Promise.all([pem('server-key'), pem('server')]);
      const ssl = { serverKey, serverCert, customCa: '', clientVerify: false };
      servers.push(await GrpcServer.listen(modelServer, { port: 0, socketPath: join(folder, 'grpc.sock') }));
      servers.push(await GrpcServer.listen(modelServer, { port: 0, ssl }));
    });

    afterAll(async () => {
      for (const server of servers) await server.close();
      await modelServer?.close();
      await rm(folder, { recursive: true, force: true });
    });

    it('asks every method: plain, with TLS and over a unix socket', async () => {
      const env = { ...process.env, TF_CPP_MIN_LOG_LEVEL: '3' };
      const [plain, tls] = servers.map(({ port }) => `localhost:${port}`);
      const unix = `unix:${join(folder, 'grpc.sock')}`;
      const addresses = [plain!.replace('localhost', '127.0.0.1'), tls!, unix];
      const { stdout } = await run(python, [script, mode, folder, models, authority, ...addresses], { env });
      const answers = {
        predict: [2.5, 3, 4.5],
        float_val: [2.5, 3, 4.5],
        model_spec: ['half_plus_two', 123, 'serving_default'],
        futures: 100,
        image: expect.any(Number),
        large: [4 * 1024 ** 2, 2, true],
        classify: [
          ['low', expect.any(Number)],
          ['middle', expect.any(Number)],
          ['high', expect.any(Number)],
        ],
        regress: [expect.any(Number)],
        multi_inference: [
          ['regress', expect.any(Number)],
          ['classify', 3],
        ],
        metadata: 'x:0',
        status: [
          [124, 'AVAILABLE', 0],
          [123, 'AVAILABLE', 0],
        ],
        reload: [0, [[1, 'AVAILABLE', 0]], 0],
        own_messages: mode === 'own',
        errors: [
          ['NOT_FOUND', 'Servable not found for request: Latest(nope)'],
          ['INVALID_ARGUMENT', expect.stringContaining('Missing but required: {x}')],
          ['INVALID_ARGUMENT', 'Missing ModelSpec'],
          ['DEADLINE_EXCEEDED'],
          ['DEADLINE_EXCEEDED'],
        ],
      };
      expect(JSON.parse(stdout)).toEqual({ plain: answers, tls: answers, unix: answers });
    });
  },
);
