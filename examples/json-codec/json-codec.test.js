import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { beside, runExample, startExample } from '../test-support/example-process.js';
import { itStandsWordForWord, promisedLines } from '../test-support/snippets.js';

const path = beside(import.meta.url);

describe("the codec's client and server", () => {
  let server;
  let model;

  beforeAll(async () => {
    server = await startExample(path('server.js'));
    model = `${server.url}/v1/models/half_plus_two`;
  });
  afterAll(() => server.kill());

  it('predict, with exact tensors and errors', async () => {
    const printed = (await runExample(path('predict-client.js'), [model])).trimEnd();
    expect(printed.replace(/\n {2}|\n(?=\})/g, ' ')).toBe(promisedLines(path('predict-client.js')).join('\n'));
  });

  it('regress and classify plain objects', async () => {
    const lines = (await runExample(path('examples-client.js'), [model])).trimEnd().split('\n');
    expect(lines.slice(0, 2)).toEqual(promisedLines(path('examples-client.js')));
    expect(lines[2]).toBe("[ 'y' ] Float32Array(1) [ 4.5 ]");
  });

  it('answers a request for what it does not know with an error', async () => {
    const response = await fetch(`${model}:dream`, { method: 'POST', body: '{}' });
    expect([response.status, await response.json()]).toEqual([404, { error: 'predict, regress or classify?' }]);
  });

  itStandsWordForWord(
    import.meta.url,
    ['server.js', 'predict-client.js', 'examples-client.js'],
    'docs/reference/json-mapping.md',
  );
});
