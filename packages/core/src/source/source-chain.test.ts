import { describe, expect, it } from 'vitest';
import type { ServableData } from '../servable/servable-data.js';
import { ServingError } from '../serving-error.js';
import { connectSourceToTarget, type Source, type Target } from './source.js';
import { UnarySourceAdapter } from './source-adapter.js';
import { DROP_PORT, SourceRouter } from './source-router.js';

const item = <T>(data: T, version = 1): ServableData<T> => ({ id: { name: 'm', version }, data });

class Sink<T> implements Target<T> {
  readonly aspired: [string, readonly ServableData<T>[]][] = [];

  getAspiredVersionsCallback() {
    return (name: string, versions: readonly ServableData<T>[]) => {
      this.aspired.push([name, versions]);
    };
  }
}

function connected<T>(source: Source<T>): Sink<T> {
  const sink = new Sink<T>();
  connectSourceToTarget(source, sink);
  return sink;
}

describe('UnarySourceAdapter', () => {
  it('converts item by item; errors pass on, and a failed conversion becomes one', () => {
    const adapter = new UnarySourceAdapter<number, string>((data) => {
      if (data < 0) throw new Error(`${data} is negative`);
      return `<${data}>`;
    });
    const sink = connected(adapter);
    const error = new ServingError('DATA_LOSS', 'lost');
    adapter.getAspiredVersionsCallback()('m', [item(1), { id: { name: 'm', version: 2 }, error }, item(-3, 3)]);
    expect(sink.aspired).toEqual([
      [
        'm',
        [
          item('<1>'),
          { id: { name: 'm', version: 2 }, error },
          {
            id: { name: 'm', version: 3 },
            error: expect.objectContaining({ code: 'UNKNOWN', message: '-3 is negative' }),
          },
        ],
      ],
    ]);
  });

  it('passes the revision on', () => {
    const adapter = new UnarySourceAdapter<number, number>((data) => data + 1);
    const sink = connected(adapter);
    adapter.getAspiredVersionsCallback()('m', [{ ...item(1), revision: 'r' }]);
    expect(sink.aspired).toEqual([['m', [{ ...item(2), revision: 'r' }]]]);
  });

  it('keeps the latest versions of each stream until it is connected', () => {
    const adapter = new UnarySourceAdapter<number, number>((data) => data);
    const callback = adapter.getAspiredVersionsCallback();
    callback('m', [item(1)]);
    callback('m', [item(2)]);
    callback('n', []);
    expect(connected(adapter).aspired).toEqual([
      ['m', [item(2)]],
      ['n', []],
    ]);
  });
});

describe('SourceRouter', () => {
  it('sends each stream to its port, drops those for none, and keeps versions for a port that is not connected yet', () => {
    const ports: Readonly<Record<string, number>> = { a: 0, b: 1, nowhere: 5, none: DROP_PORT };
    const errors: string[] = [];
    const router = new SourceRouter<number>(
      2,
      (name) => ports[name] ?? DROP_PORT,
      ({ message }) => errors.push(message),
    );
    const first = connected(router.outputs[0]!);
    const callback = router.getAspiredVersionsCallback();
    for (const name of Object.keys(ports)) callback(name, []);
    callback('b', [item(2)]);
    expect(first.aspired).toEqual([['a', []]]);
    expect(connected(router.outputs[1]!).aspired).toEqual([['b', [item(2)]]]);
    expect(errors).toEqual(['Servable stream nowhere was routed to port 5; expected -1 to 1']);
  });
});
