/** Bodies that something in front has read. */
import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import type { AdapterCase } from './adapter-under-test.js';
import { adapterCase, jsonOf, MODEL } from './suite-host.js';

const bodyParser = true;

export const bodyParserCases: readonly AdapterCase[] = [
  adapterCase('predicts from what the parser made', { bodyParser }, async (host) => {
    const answer = await host.predict('{"instances": [1, 2]}');
    assert.equal(await answer.text(), '{\n    "predictions": [2.5, 3.0\n    ]\n}');
  }),

  adapterCase('predicts from what the parser inflated', { bodyParser }, async (host) => {
    const answer = await host.predict(gzipSync('{"inputs": [1]}'), { headers: { 'content-encoding': 'gzip' } });
    assert.deepEqual(await jsonOf(answer), { outputs: [2.5] });
  }),

  adapterCase('reads a body that the parser leaves alone for its type', { bodyParser }, async (host) => {
    const answer = await host.predict('{"inputs": [NaN]}', { headers: { 'content-type': 'text/x-none' } });
    assert.match(await answer.text(), /NaN/);
  }),

  adapterCase('answers what has no body, and errors', { bodyParser }, async (host) => {
    assert.equal((await host.fetch(MODEL)).status, 200);
    const answer = await host.predict('{"instances": "none"}');
    assert.equal(answer.status, 400);
    assert.equal(typeof ((await jsonOf(answer)) as { error: unknown }).error, 'string');
  }),
];
