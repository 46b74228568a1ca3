import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { recordingOutput } from '../../../../test-doubles/src/recording-output.js';
import { runServing } from '../serving.js';
import type { TuneReport } from './tune-report.js';

const LONG = 600_000;
const savedModels = fileURLToPath(new URL('../../../../savedmodel/fixtures/', import.meta.url));
const onnxModels = fileURLToPath(new URL('../../../../runtime-onnx/fixtures/', import.meta.url));
const BIN = fileURLToPath(new URL('../../../bin/serving.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'serving-tune-command-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function tune(model: string, ...flags: string[]) {
  const output = recordingOutput();
  const code = await runServing(['tune', model, '--seconds=0.5', '--connections=4', ...flags], output);
  return { code, out: output.out(), err: output.err() };
}

describe('serving tune', { timeout: LONG }, () => {
  it('measures a SavedModel in several configurations, and prints one to paste', async () => {
    const { code, out, err } = await tune(`${savedModels}digits`, '--engine=onnx', '--rows=2', '--json');
    const report: TuneReport = JSON.parse(out);
    expect([code, err]).toEqual([
      0,
      expect.stringMatching(/^serving tune: starting a server as it comes\nserving tune: /),
    ]);
    expect(report).toMatchObject({
      model: 'digits',
      isStopped: false,
      requests: 'made of the signature, with 2 rows each',
    });
    const names = report.configurations.map(({ name }) => name);
    expect(names[0]).toBe('onnx');
    expect(names.join('; ')).toMatch(/batches of 8; .*inline runs; .*runs on threads; .*mapped weights/);
    for (const { name, failure, requestsPerSecond, p50Ms, p99Ms, toDefault } of report.configurations) {
      expect([name, failure]).toEqual([name, undefined]);
      expect(requestsPerSecond).toBeGreaterThan(0);
      expect(p99Ms).toBeGreaterThanOrEqual(p50Ms!);
      expect(toDefault === undefined).toBe(name === 'onnx');
    }
    expect(names).toContain(report.recommended?.name);
    expect(report.recommended?.command).toMatch(
      /^npx tensorflow_model_server \\\n.*--model_name=digits \\\n.*--engine=onnx/s,
    );
    expect(report.recommended?.typeScript).toContain("savedModelPlatform({ engine: 'onnx'");
  });

  it('sends the bodies of a file to an ONNX model, and prints a table', async () => {
    const bodies = join(folder, 'bodies.json');
    writeFileSync(bodies, '[{"instances": [[1.0]]}, {"instances": [[2.0], [5.0]]}]');
    const { code, out } = await tune(`${onnxModels}half_plus_two`, `--data=${bodies}`, '--goal=cpu');
    expect(code).toBe(0);
    expect(out).toMatch(
      /^half_plus_two by rest, 4 requests at a time: 2 bodies of .*bodies.json\n\nconfiguration +requests\/s/,
    );
    expect(out).toMatch(/\ndefault +\d+ +\d+\.\d\d +\d+\.\d\d/);
    expect(out).toMatch(/mapped weights +\d.*× \(/);
    expect(out).toMatch(/\nRecommended: .*\n\nnpx tensorflow_model_server .*--model_platform=onnx/s);
    expect(out).toContain('onnx: onnxPlatform(');
  });

  it('measures gRPC, and stops at SIGINT with what it has', async () => {
    const argv = [BIN, 'tune', `${savedModels}half_plus_two`, '--engine=onnx', '--protocol=grpc', '--seconds=600'];
    const child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    let [out, err] = ['', ''];
    child.stdout.on('data', (chunk) => {
      out += chunk;
    });
    child.stderr.on('data', (chunk) => {
      err += chunk;
    });
    const ended = once(child, 'exit');
    await expect.poll(() => err, { timeout: LONG }).toContain('intra-op threads: ');
    // A terminal sends it to the servers, too.
    process.kill(-child.pid!, 'SIGINT');
    expect(await ended).toEqual([130, null]);
    expect(out).toMatch(
      /^half_plus_two by grpc, 32 requests at a time: .*\nStopped before the end: no recommendation\.\n$/s,
    );
  });

  it.each([
    ['none', [], "Can't read"],
    ['digits', ['--seconds=0'], '--seconds must be more than 0'],
    ['digits', ['--goal=price'], '--goal must be one of throughput, p99, cpu'],
    ['digits', ['--protocol=soap'], '--protocol must be one of rest, v2, v2-binary, grpc'],
    ['digits', ['--engine=tfjs-node'], '--engine must be one of auto, tensorflow, onnx'],
    ['digits', ['--signature_name=none'], 'has no signature none'],
    ['digits', ['--data=/none'], 'NOT_FOUND'],
    ['digits', ['--engine=onnx', `--data=${join(folder, 'wrong.json')}`], 'status 400'],
    ['lookup_insert', ['--engine=onnx'], 'The model can not be served'],
  ])('fails for %s %j', async (model, flags, message) => {
    writeFileSync(join(folder, 'wrong.json'), '{"instances": ["x"]}');
    const { code, out, err } = await tune(`${savedModels}${model}`, ...flags);
    expect([code, out, err]).toEqual([1, '', expect.stringContaining(message)]);
  });
});
