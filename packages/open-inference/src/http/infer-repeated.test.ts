import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bytesOf, ProtocolServer, x } from '../protocol-server.test-support.js';

let server: ProtocolServer;
beforeAll(async () => {
  server = await ProtocolServer.start();
});
afterAll(() => server.close());

const of = (data: string, id = '"r-1"', more = '') =>
  `{"id":${id},"inputs":[{"name":"x","shape":[3,1],"datatype":"FP32","data":${data}${more}}]}`;

/** What is answered behind a request that was kept. */
async function answered(body: string): Promise<readonly [number, { id?: string; error?: string; outputs?: unknown }]> {
  await server.infer('H', of('[1,2,5]'));
  const { status, text } = await server.infer('H', body);
  return [status, JSON.parse(text)];
}

describe('a request with the text of the one before it', () => {
  it.each([
    ['other numbers', of('[2,-4e0, 6.5]'), 'r-1', [3, 0, 5.25]],
    ['nested numbers', of('[[2],[4],[6]]'), 'r-1', [3, 4, 5]],
    ['another id', of('[2,4,6]', '"r 2/é"'), 'r 2/é', [3, 4, 5]],
    ['an id with escapes', of('[2,4,6]', '"a\\"b\\u0041"'), 'a"bA', [3, 4, 5]],
    ['no id', of('[2,4,6]', '""'), undefined, [3, 4, 5]],
    ['members behind the numbers', of('[2,4,6]', '"r-1"', ',"shape":[3,1]'), 'r-1', [3, 4, 5]],
  ])('is answered with its own values: %s', async (_, body, id, data) => {
    const [status, answer] = await answered(body);
    expect([status, answer.id]).toEqual([200, id]);
    expect(answer.outputs).toEqual([{ name: 'y', datatype: 'FP32', shape: [3, 1], data }]);
  });

  it.each([
    ['fewer numbers', of('[1,2]'), '3 elements'],
    ['more numbers', of('[1,2,3,4]'), '3 elements'],
    ['a bare number', of('1'), '"data" must be an array'],
    ['ragged lists', of('[[1,2],[5]]'), 'ragged'],
    ['a string', of('[1,2,"5"]'), 'element 2'],
    ['text behind it', `${of('[1,2,5]')}x`, 'behind the request'],
    ['an id that is not a string', of('[1,2,5]', '5'), '"id"'],
    ['half of a surrogate pair as id', of('[1,2,5]', '"\\ud800"'), 'surrogate'],
    ['a cut end', of('[1,2,5]').slice(0, -1), 'JSON Parse error'],
  ])('is refused as any other: %s', async (_, body, message) => {
    const [status, answer] = await answered(body);
    expect([status, answer.error]).toEqual([400, expect.stringContaining(message)]);
  });

  it('reads its own tensors behind the JSON', async () => {
    const json = { inputs: [{ name: 'x', shape: [3, 1], datatype: 'FP32', parameters: { binary_data_size: 12 } }] };
    const outputs: unknown[] = [];
    for (const values of [
      [1, 2, 5],
      [2, 4, 6],
    ]) {
      const { text } = await server.inferBinary('H', json, [bytesOf(Float32Array.from(values))]);
      outputs.push(JSON.parse(text).outputs[0].data);
    }
    expect(outputs).toEqual([
      [2.5, 3, 4.5],
      [3, 4, 5],
    ]);
    const tooLong = await server.inferBinary('H', json, [bytesOf(Float32Array.of(1, 2, 5, 7))]);
    expect([tooLong.status, JSON.parse(tooLong.text).error]).toEqual([
      400,
      expect.stringContaining('4 bytes are left'),
    ]);
    const cut = await server.inferBinary('H', json, [bytesOf(Float32Array.of(1))]);
    expect([cut.status, JSON.parse(cut.text).error]).toEqual([400, expect.stringContaining('8 of its 12 bytes')]);
  });

  it('has the signature of its own query', async () => {
    const body = JSON.stringify({ inputs: [{ name: 's', shape: [], datatype: 'FP32', data: [3] }] });
    for (let i = 0; i < 2; i++) {
      expect((await server.send('POST', '/v2/models/M/infer?signature_name=scalar', body)).status).toBe(200);
      expect((await server.send('POST', '/v2/models/M/infer', body)).status).toBe(400);
    }
  });

  it('is answered as the same request in another text', async () => {
    const number = fc.oneof(fc.integer({ min: -9, max: 9 }).map(String), fc.constantFrom('1.5', '-0.0', '"1"', 'null'));
    const data = fc.array(number, { maxLength: 4 }).map((values) => `[${values.join(',')}]`);
    const id = fc.oneof(
      fc.constantFrom('"a"', '"\\n"', '7'),
      fc.string({ maxLength: 4 }).map((text) => JSON.stringify(text)),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.tuple(data, id),
        fc.array(fc.constantFrom(' ', '\n', '\t'), { minLength: 1 }),
        async (of2, space) => {
          const body = of(...of2);
          const [kept, other] = [await server.infer('H', body), await server.infer('H', space.join('') + body)];
          expect(kept.status).toBe(other.status);
          if (kept.status === 200) expect(kept.text).toBe(other.text);
        },
      ),
      { seed: 20_241_130, numRuns: 200 },
    );
  });

  it('keeps few texts of many', async () => {
    for (let rows = 1; rows < 12; rows++) {
      const { text } = await server.infer(
        'H',
        x(
          Array.from({ length: rows }, () => 2),
          [rows, 1],
        ),
      );
      expect(JSON.parse(text).outputs[0].data).toEqual(Array.from({ length: rows }, () => 3));
    }
  });
});
