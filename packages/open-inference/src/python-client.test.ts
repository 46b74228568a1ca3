/**
 * Clients in Python: over HTTP with its standard library, over gRPC with stubs that grpcio-tools makes of our `.proto` file. `PYTHON` names the
 * interpreter (default `python3`); the tests of what it lacks are skipped, with a warning.
 */
import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { GrpcServer } from '@serving/grpc';
import { expect, it, onTestFinished } from 'vitest';
import * as extension from './extension.js';
import { ProtocolServer } from './protocol-server.test-support.js';

const run = promisify(execFile);
const python = process.env.PYTHON ?? 'python3';
const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

/** Defines a test where the interpreter has these modules, and one that is skipped elsewhere. */
function itWith(modules: readonly string[], name: string, test: () => Promise<void>): void {
  const code = `import importlib.util as u; print(' '.join(m for m in ${JSON.stringify(modules)} if not u.find_spec(m)))`;
  const { status, stdout } = spawnSync(python, ['-c', code], { encoding: 'utf8' });
  const missing = status === 0 ? stdout.split(/\s+/).filter(Boolean) : [python];
  if (missing.length === 0) {
    it(name, test, 60_000);
    return;
  }
  // biome-ignore lint/suspicious/noConsole: a skipped test has to say why.
  console.warn(`Skipped: "${name}" needs ${missing.join(', ')}; PYTHON names the interpreter`);
  it.skip(name, () => undefined);
}

itWith(['http.client', 'json', 'zlib'], 'a Python client infers over HTTP, with JSON and binary tensors', async () => {
  const server = await ProtocolServer.during();
  const { stdout } = await run(python, [path('../fixtures/python/http_client.py'), server.url.replace('http://', '')]);
  expect(JSON.parse(stdout)).toEqual({
    live: 200,
    ready: { name: 'H', ready: true },
    metadata: [{ name: 'x', datatype: 'FP32', shape: [-1, 1] }],
    index: ['D', 'H', 'H', 'M'],
    json: [200, 'é', '124', [2.5, 3, 4.5]],
    binary: [{ binary_data_size: 12 }, [2.5, 3, 4.5]],
    compressed: [2.5, 3, 4.5],
    bytes: [true, [0, 2, 2]],
    int64: true,
    not_finite: ['nan', '-inf'],
    empty: [0, 1],
    errors: [
      [404, 'Unknown model "none"'],
      [400, 'Input "x" has datatype FP64; signature "serving_default" of model "H" expects FP32.'],
      [400, 'Input "x": 4 of its 12 bytes are missing from the body'],
    ],
  });
});

itWith(['grpc', 'grpc_tools'], 'a Python client infers over gRPC, raw and typed', async () => {
  const server = await ProtocolServer.during();
  const grpcServer = await GrpcServer.listen(server.server, { port: 0, extensions: [{ module: extension }] });
  onTestFinished(() => grpcServer.close());
  const stubs = await mkdtemp(join(tmpdir(), 'python-client-'));
  onTestFinished(() => rm(stubs, { recursive: true }));
  const outputs = [`--python_out=${stubs}`, `--grpc_python_out=${stubs}`];
  await run(python, ['-m', 'grpc_tools.protoc', `-I${path('../proto')}`, ...outputs, 'open_inference.proto']);
  const script = path('../fixtures/python/grpc_client.py');
  const { stdout } = await run(python, [script, stubs, `127.0.0.1:${grpcServer.port}`]);
  expect(JSON.parse(stdout)).toEqual({
    ready: [true, true, true],
    metadata: ['123', '124'],
    index: ['D', 'H', 'M'],
    raw: ['124', '7', [2.5, 3, 4.5]],
    typed: [2.5, 3, 4.5],
    int64: true,
    statistics: [6, 2],
    errors: [
      ['NOT_FOUND', 'Unknown model "none"'],
      ['INVALID_ARGUMENT', 'Input "x": FP32 of shape [3,1] has 12 bytes, but 4 were sent'],
    ],
  });
});
