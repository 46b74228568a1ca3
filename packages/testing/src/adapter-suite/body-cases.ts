/** How request bodies come. */
import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import type { AdapterCase } from './adapter-under-test.js';
import { adapterCase, errorOf, jsonOf } from './suite-host.js';

/** More than frameworks take by default. */
const MANY = 600_000;

export const bodyCases: readonly AdapterCase[] = [
  adapterCase('takes a body of megabytes', {}, async (host) => {
    const body = JSON.stringify({ inputs: Array.from({ length: MANY }, (_, i) => i % 1000) });
    const { outputs } = (await jsonOf(host.predict(body))) as { outputs: number[] };
    assert.equal(outputs.length, MANY);
    assert.equal(outputs[999], 501.5);
  }),

  adapterCase('takes a body of any content type, or of none', {}, async (host) => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/octet-stream']) {
      const answer = await host.predict('{"inputs": [1]}', { headers: { 'content-type': type } });
      assert.deepEqual(await jsonOf(answer), { outputs: [2.5] }, type);
    }
    const connection = await host.connect();
    await connection.write(host.wirePredict('{"inputs": [1]}').replace(/Content-Type.*\r\n/, ''));
    assert.match(await connection.receive(/\}$/), /2\.5/);
  }),

  adapterCase('takes NaN, which JSON parsers refuse', {}, async (host) => {
    assert.match(await (await host.predict('{"inputs": [NaN]}')).text(), /NaN/);
  }),

  adapterCase('takes chunks, and bodies that come in pieces', {}, async (host) => {
    const connection = await host.connect();
    await connection.write(`${host.wireChunkedPredict()}8\r\n{"inputs\r\n`);
    await connection.write('7\r\n": [1]}\r\n0\r\n\r\n');
    assert.match(await connection.receive(/\}$/), /2\.5/);
    const whole = host.wirePredict('{"inputs": [2]}');
    await connection.write(whole.slice(0, -3));
    await connection.write(whole.slice(-3));
    await connection.receive(/3\.0\n[^}]*\}$/);
  }),

  adapterCase('finds an empty body empty', {}, async (host) => {
    const answer = await host.fetch('/v1/models/half:predict', { method: 'POST' });
    assert.equal(answer.status, 400);
    assert.equal(await errorOf(answer), 'JSON Parse error: The document is empty');
  }),

  adapterCase('inflates gzip, and takes anything else for an empty body', {}, async (host) => {
    const headers = { 'content-encoding': 'gzip' };
    const zipped = await host.predict(gzipSync('{"inputs": [1]}'), { headers });
    assert.deepEqual(await jsonOf(zipped), { outputs: [2.5] });
    const broken = await host.predict(gzipSync('{"inputs": [1]}').subarray(0, -1), { headers });
    assert.equal(broken.status, 400);
    assert.equal(await errorOf(broken), 'JSON Parse error: The document is empty');
  }),

  adapterCase('takes a body of exactly the limit', { options: { maxBodyBytes: 15 } }, async (host) => {
    assert.deepEqual(await jsonOf(host.predict('{"inputs": [1]}')), { outputs: [2.5] });
  }),

  adapterCase('refuses a larger body by its announced length', { options: { maxBodyBytes: 15 } }, async (host) => {
    const connection = await host.connect();
    await connection.write(`${host.wirePredict('').replace('Length: 0', 'Length: 16')}`);
    const received = await connection.receive(/\}$/);
    assert.match(received, /^HTTP\/1\.1 413 /);
    assert.match(received, /^content-type: application\/json\r$/im);
    assert.match(received, /^connection: close\r$/im);
    assert.match(received, /"error": "Request body is larger than 15 bytes"/);
  }),

  adapterCase(
    'refuses a larger body while it comes, and the client sees it',
    { options: { maxBodyBytes: 100_000 } },
    async (host) => {
      const connection = await host.connect();
      await connection.write(host.wireChunkedPredict());
      const chunk = `10000\r\n${' '.repeat(0x10000)}\r\n`;
      for (let i = 0; i < 40 && (await connection.write(chunk)); i++);
      assert.match(await connection.receive(/\}$/), /^HTTP\/1\.1 413 /);
    },
  ),

  adapterCase('goes on after a refused body', { options: { maxBodyBytes: 15 } }, async (host) => {
    assert.equal((await host.predict('{"inputs": [1, 2, 3]}')).status, 413);
    assert.equal((await host.predict('{"inputs": [1]}')).status, 200);
  }),
];
