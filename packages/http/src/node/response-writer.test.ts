import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { ResponseWriter } from './node-handler.js';

/** Responses that note, in `log`, what is done to them. */
function responses(log: string[]) {
  return (name: string, more: Partial<Record<'destroyed' | 'headersSent' | 'writeHead', unknown>> = {}) =>
    ({
      destroyed: false,
      headersSent: false,
      writeHead: (status: number) => log.push(`${name} ${status}`),
      end: (body: Uint8Array) => log.push(`${name} ${Buffer.from(body)}`),
      destroy: (error: Error) => log.push(`${name} destroyed: ${error.message}`),
      ...more,
    }) as unknown as ServerResponse;
}

const answer = { status: 200, headers: {}, body: Buffer.from('body') };
const endOfTurn = () => new Promise((resolve) => setImmediate(resolve));

describe('ResponseWriter', () => {
  it('sends together, in their order, what becomes due in one turn', async () => {
    const log: string[] = [];
    const [response, writer] = [responses(log), new ResponseWriter()];
    writer.send(response('a'), answer);
    writer.send(response('b'), { ...answer, status: 404 });
    expect(log).toEqual([]);
    await endOfTurn();
    expect(log).toEqual(['a 200', 'a body', 'b 404', 'b body']);
    writer.send(response('c'), answer);
    await endOfTurn();
    expect(log.slice(4)).toEqual(['c 200', 'c body']);
  });

  it('lets no more than sixteen wait', async () => {
    const log: string[] = [];
    const [response, writer] = [responses(log), new ResponseWriter()];
    for (let i = 0; i < 17; i++) writer.send(response(String(i)), answer);
    expect(log.filter((line) => line.endsWith('body'))).toHaveLength(16);
    await endOfTurn();
    expect(log.filter((line) => line.endsWith('body'))).toHaveLength(17);
  });

  it.each([
    ['whose client has gone', { destroyed: true }, []],
    ['that the host has begun to answer', { headersSent: true }, []],
    [
      'that cannot be written',
      {
        writeHead: () => {
          throw new Error('Invalid header');
        },
      },
      ['a destroyed: Invalid header'],
    ],
  ])('passes by a response %s, and sends the others', async (_, state, expected) => {
    const log: string[] = [];
    const [response, writer] = [responses(log), new ResponseWriter()];
    writer.send(response('a', state), answer);
    writer.send(response('b'), answer);
    await endOfTurn();
    expect(log).toEqual([...expected, 'b 200', 'b body']);
  });
});
