/** The process has to survive its own end: TensorFlow's threads run on while koffi and Node go away. */
import { describe, expect, it } from 'vitest';
import { runProgram } from '../../../test-doubles/src/node-program.js';
import { fixturePath } from '../../../test-doubles/src/saved-model-fixtures.js';
import { builtPackageUrl } from '../child-process.test-support.js';

/** Each is the body of an async function with `load(name, version)` and `slowRun()`, a started run of about a second. */
const bodies = {
  'without a model': '',
  'with a model loaded': "await load('half_plus_two', 123);",
  'with a model closed': "await (await load('half_plus_two', 123)).close();",
  'with a run in flight': 'await slowRun(); process.exit(CODE);',
};

function program(body: string, code: number): string {
  return `
    (async () => {
      const CODE = ${code};
      const { tensorflowRuntime } = await import(${JSON.stringify(builtPackageUrl)});
      const runtime = tensorflowRuntime();
      const folders = ${JSON.stringify({ half_plus_two: fixturePath('half_plus_two'), slow: fixturePath('slow') })};
      const load = (name, version) => runtime.load(folders[name] + '/' + version, ['serve'], {});
      const slowRun = async () => {
        const session = await load('slow', 1);
        const run = session.prepare(['serving_default_iterations', 'serving_default_x'], ['PartitionedCall']);
        const iterations = (n) => [
          { dtype: 'int32', shape: [], data: Int32Array.of(n) },
          { dtype: 'float', shape: [1], data: Float32Array.of(1) },
        ];
        await run.run(iterations(1));
        run.run(iterations(60));
      };
      ${body}
      process.exitCode = CODE;
    })();
  `;
}

function inWorkers(code: string, count: number, terminate: boolean): string {
  return `
    const { Worker } = require('node:worker_threads');
    for (let i = 0; i < ${count}; i++) {
      const worker = new Worker(${JSON.stringify(code)}, { eval: true });
      ${terminate ? "worker.on('message', () => worker.terminate());" : ''}
      worker.on('error', (error) => { console.error(error); process.exit(99); });
    }
    process.exitCode = 7;
  `;
}

/** Where oneDNN is on, which else depends on the processor, TensorFlow has more to say. */
const env = { ...process.env, TF_ENABLE_ONEDNN_OPTS: '1' };

const exitOf = (code: string) => runProgram(code, env);

const clean = { code: 7, signal: null, output: '' };

describe('the process', () => {
  it.each(Object.entries(bodies))('ends silently with its own code %s', async (_, body) => {
    expect(await exitOf(program(body, 7))).toEqual(clean);
  });

  it.each(Object.entries(bodies))(
    'ends silently with its own code when two workers used a runtime, %s',
    async (_, body) => {
      expect(await exitOf(inWorkers(program(body, 0), 2, false))).toEqual(clean);
    },
  );

  it('outlives a worker that is terminated during a run', async () => {
    const body = "await slowRun(); require('node:worker_threads').parentPort.postMessage('running');";
    expect(await exitOf(inWorkers(program(body, 0), 1, true))).toEqual(clean);
  });
});
