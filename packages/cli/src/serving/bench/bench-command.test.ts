import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ModelServer } from '@serving/core';
import { GrpcServer } from '@serving/grpc';
import { RestServer } from '@serving/http';
import * as openInference from '@serving/open-inference/extension';
import { savedModelPlatform } from '@serving/savedmodel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recordingOutput } from '../../../../test-doubles/src/recording-output.js';
import { runServing } from '../serving.js';

const LONG = 60_000;
const fixture = (name: string): string =>
  fileURLToPath(new URL(`../../../../savedmodel/fixtures/${name}`, import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'serving-bench-'));
let server: ModelServer;
let rest: RestServer;
let grpc: GrpcServer;

beforeAll(async () => {
  server = await ModelServer.start({
    models: ['half_plus_two', 'multi', 'dtypes'].map((name) => ({ name, basePath: fixture(name) })),
    platforms: { tensorflow: savedModelPlatform() },
  });
  rest = await RestServer.listen(server, { port: 0, extensions: [{ module: openInference }] });
  grpc = await GrpcServer.listen(server, { port: 0, extensions: [{ module: openInference }] });
}, LONG);
afterAll(async () => {
  await grpc.close();
  await rest.close();
  await server.close();
  rmSync(folder, { recursive: true });
});

/** A short run. */
async function bench(source: string, ...flags: string[]) {
  const output = recordingOutput();
  const code = await runServing(['bench', source, '--warmup_seconds=0', '--requests=20', ...flags], output);
  return { code, out: output.out(), err: output.err() };
}
const url = (path: string): string => `http://127.0.0.1:${rest.port}/${path}`;
const grpcUrl = (path: string): string => `http://127.0.0.1:${grpc.port}/${path}`;

describe('serving bench', () => {
  it.each([
    ['v1/models/half_plus_two', [], 'rest'],
    ['v1/models/multi/versions/1', ['--rows=3'], 'rest'],
    ['v2/models/half_plus_two', [], 'v2-binary'],
    ['v2/models/multi', ['--protocol=v2', '--rate=2000'], 'v2'],
    ['v2/models/dtypes', ['--signature_name=bfloat16', '--connections=2'], 'v2-binary'],
  ])('measures %s %j by %s', async (path, flags, protocol) => {
    const { code, out, err } = await bench(url(path), ...flags, '--json', `--pid=${process.pid}`);
    expect([code, err]).toEqual([0, '']);
    const report = JSON.parse(out);
    expect(report).toMatchObject({
      protocol,
      requests: 20,
      failures: 0,
      cpuMicrosPerRequest: { server: expect.any(Number) },
    });
    expect(report.latencyMs.p50).toBeGreaterThan(0);
    expect(report.latencyMs.max).toBeGreaterThanOrEqual(report.latencyMs.p99);
    expect(report.requestBytes).toBeGreaterThan(20);
  });

  it('measures gRPC, and prints a table', async () => {
    const { code, out, err } = await bench(grpcUrl('v2/models/half_plus_two'), '--protocol=grpc', '--connections=20');
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(/^half_plus_two by grpc, closed loop, 20 at a time\nrequests .*20 in [\d.]+ s, 0 failed\n/);
    expect(out).toMatch(/latency p99\.9 +[\d.]+ ms\n/);
    expect(out).toContain('--pid names its process');
  });

  it('sends the bodies of a file in turn, as they are', async () => {
    const file = join(folder, 'bodies.json');
    writeFileSync(file, '[{"instances": [1, 2]}, {"instances": ["x"]}]');
    const { code, out } = await bench(url('v1/models/half_plus_two'), `--data=${file}`, '--json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      requests: 20,
      failures: 10,
      firstError: expect.stringContaining('status 400'),
    });
  });

  it(
    'starts a server for a folder, whose processor time it knows',
    async () => {
      const { code, out, err } = await bench(fixture('half_plus_two_tf2/123'), '--protocol=grpc', '--json');
      expect([code, err]).toEqual([0, '']);
      expect(JSON.parse(out)).toMatchObject({
        model: 'half_plus_two_tf2',
        requests: 20,
        failures: 0,
        cpuMicrosPerRequest: { server: expect.any(Number) },
      });
    },
    LONG,
  );

  it(
    'starts a server for the base path of an ONNX model',
    async () => {
      const model = fileURLToPath(new URL('../../../../runtime-onnx/fixtures/half_plus_two', import.meta.url));
      const { code, out, err } = await bench(model, '--json');
      expect([code, err]).toEqual([0, '']);
      expect(JSON.parse(out)).toMatchObject({ model: 'half_plus_two', requests: 20, failures: 0 });
    },
    LONG,
  );

  it('names the models of a folder of several', async () => {
    const { code, err } = await bench(fixture('.'));
    expect([code, err]).toEqual([1, expect.stringContaining('has several models; name the folder of one: ')]);
  });

  it.each([
    ['v1/models/none', [], 'NOT_FOUND'],
    ['v1/modls/x', [], "expected a model's URL"],
    ['v1/models/half_plus_two', ['--protocol=soap'], '--protocol=soap: expected one of rest, v2, v2-binary, grpc'],
    ['v1/models/half_plus_two', ['--connections=0'], '--connections must be at least 1'],
    ['v1/models/dtypes', ['--signature_name=bfloat16'], 'choose another --protocol'],
    ['v1/models/half_plus_two', ['--data=/none'], 'NOT_FOUND'],
  ])('fails for %s %j', async (path, flags, message) => {
    const { code, err } = await bench(url(path), ...flags);
    expect([code, err]).toEqual([1, expect.stringContaining(message)]);
  });

  it('fails when every request does', async () => {
    const file = join(folder, 'wrong.json');
    writeFileSync(file, '{"instances": []');
    expect((await bench(url('v1/models/half_plus_two'), `--data=${file}`)).err).toContain('is not JSON');
    writeFileSync(file, '{"instances": ["x"]}');
    const { code, out } = await bench(url('v1/models/half_plus_two'), `--data=${file}`);
    expect([code, out]).toEqual([1, expect.stringContaining('first failure: status 400')]);
  });
});
