/** The process has to survive its own end while ONNX Runtime's library stays loaded. */
import { describe, expect, it } from 'vitest';
import { runProgram } from '../../../test-doubles/src/node-program.js';
import { fixtureModel } from '../fixtures.test-support.js';

/** Built beforehand: a child process knows nothing of the test's module loader. */
const builtPackageUrl = new URL('../../dist/index.js', import.meta.url).href;

/** Each is the body of an async function with `load(name)`, and `slowRun()`, a started run of about a second. */
const bodies = {
  'without a model': '',
  'with a model loaded': "await load('half_plus_two');",
  'with a model closed': "await (await load('half_plus_two')).close();",
  'with a run in flight': 'await slowRun(); process.exit(CODE);',
};

function program(body: string, code: number): string {
  const models = { half_plus_two: fixtureModel('half_plus_two'), slow: fixtureModel('slow') };
  return `
    (async () => {
      const CODE = ${code};
      const { openOnnxContext } = await import(${JSON.stringify(builtPackageUrl.replace('index.js', 'open-onnx-context.js'))});
      const { OnnxModel } = await import(${JSON.stringify(builtPackageUrl.replace('index.js', 'session/onnx-model.js'))});
      const context = await openOnnxContext({ runMode: 'thread' });
      const models = ${JSON.stringify(models)};
      const load = (name) => OnnxModel.load(context, { path: models[name] });
      const slowRun = async () => {
        const run = (await load('slow')).prepare(['x'], ['y']);
        run.run([{ dtype: 'float', shape: [1], data: Float32Array.of(1) }]);
        await new Promise((resolve) => setImmediate(resolve));
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

const clean = { code: 7, signal: null, output: '' };

describe('the process', () => {
  it.each(Object.entries(bodies))('ends silently with its own code %s', async (_, body) => {
    expect(await runProgram(program(body, 7))).toEqual(clean);
  });

  it.each(Object.entries(bodies))('ends silently with its own code when two workers used it, %s', async (_, body) => {
    expect(await runProgram(inWorkers(program(body, 0), 2, false))).toEqual(clean);
  });

  it('outlives a worker that is terminated during a run', async () => {
    const body = "await slowRun(); require('node:worker_threads').parentPort.postMessage('running');";
    expect(await runProgram(inWorkers(program(body, 0), 1, true))).toEqual(clean);
  });
});
