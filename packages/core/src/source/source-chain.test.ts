import { describe, expect, it } from 'vitest';
import type { ServableData } from '../servable/servable-data.js';
import { ServingError } from '../serving-error.js';
import { DynamicSourceRouter } from './dynamic-source-router.js';
import { ErrorInjectingSourceAdapter } from './error-injecting-source-adapter.js';
import { PrefixStoragePathSourceAdapter } from './prefix-storage-path-source-adapter.js';
import { connectSourceToTarget, type Source, type Target } from './source.js';
import { UnarySourceAdapter } from './source-adapter.js';
import { DROP_PORT, SourceRouter } from './source-router.js';
import { StaticSourceRouter } from './static-source-router.js';
import { StaticStoragePathSource } from './static-storage-path-source.js';

const item = <T>(data: T, version = 1): ServableData<T> => ({ id: { name: 'm', version }, data });

class Sink<T> implements Target<T> {
  readonly wishes: [string, readonly ServableData<T>[]][] = [];

  getAspiredVersionsCallback() {
    return (name: string, versions: readonly ServableData<T>[]) => {
      this.wishes.push([name, versions]);
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
    expect(sink.wishes).toEqual([
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
    expect(sink.wishes).toEqual([['m', [{ ...item(2), revision: 'r' }]]]);
  });

  it('keeps the last wish per stream until it is connected', () => {
    const adapter = new UnarySourceAdapter<number, number>((data) => data);
    const callback = adapter.getAspiredVersionsCallback();
    callback('m', [item(1)]);
    callback('m', [item(2)]);
    callback('n', []);
    expect(connected(adapter).wishes).toEqual([
      ['m', [item(2)]],
      ['n', []],
    ]);
  });
});

describe('ErrorInjectingSourceAdapter', () => {
  it('replaces what is no error already', () => {
    const error = new ServingError('INTERNAL', 'No platform found for model');
    const earlier = new ServingError('DATA_LOSS', 'lost');
    const adapter = new ErrorInjectingSourceAdapter<number, string>(error);
    const sink = connected(adapter);
    const id = { name: 'm', version: 2 };
    adapter.getAspiredVersionsCallback()('m', [item(1), { id, error: earlier }]);
    expect(sink.wishes).toEqual([
      [
        'm',
        [
          { id: { name: 'm', version: 1 }, error },
          { id, error: earlier },
        ],
      ],
    ]);
  });
});

/** The streams that came out of each port. */
function streamsOf<T>(router: SourceRouter<T>, names: readonly string[]): string[][] {
  const sinks = router.outputs.map(connected);
  for (const name of names) router.getAspiredVersionsCallback()(name, []);
  return sinks.map(({ wishes }) => wishes.splice(0).map(([name]) => name));
}

describe('SourceRouter', () => {
  it('sends each stream to its port, drops those for none, and keeps wishes for a port that is not connected yet', () => {
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
    expect(first.wishes).toEqual([['a', []]]);
    expect(connected(router.outputs[1]!).wishes).toEqual([['b', [item(2)]]]);
    expect(errors).toEqual(['Servable stream nowhere was routed to port 5; expected -1 to 1']);
  });
});

describe('StaticSourceRouter', () => {
  it('takes the first substring that a name contains, or the last port', () => {
    const router = new StaticSourceRouter<number>(['text', 'image']);
    expect(streamsOf(router, ['an-image', 'image-of-text', 'sound'])).toEqual([
      ['image-of-text'],
      ['an-image'],
      ['sound'],
    ]);
  });
});

describe('DynamicSourceRouter', () => {
  it('takes the route that holds at the time, or the last port', () => {
    const router = new DynamicSourceRouter<number>(3, new Map([['a', 0]]));
    const sinks = router.outputs.map(connected);
    const callback = router.getAspiredVersionsCallback();
    callback('a', []);
    callback('b', []);
    router.updateRoutes(new Map([['b', 1]]));
    callback('a', []);
    callback('b', []);
    expect(sinks.map(({ wishes }) => wishes.map(([name]) => name))).toEqual([['a'], ['b'], ['b', 'a']]);
  });

  it.each([2, 3, -1, 0.5])('refuses a route to port %d of 3 and keeps the old ones', (port) => {
    const router = new DynamicSourceRouter<number>(3, new Map([['a', 0]]));
    const routes = new Map([
      ['b', 1],
      ['c', port],
    ]);
    expect(() => router.updateRoutes(routes)).toThrow(
      expect.objectContaining({
        code: 'INVALID_ARGUMENT',
        message: `Route of servable stream c: port ${port}; expected 0 to 1`,
      }),
    );
    expect(router.routes).toEqual(new Map([['a', 0]]));
  });
});

describe('PrefixStoragePathSourceAdapter', () => {
  it.each([
    ['/models', 'm/1', '/models/m/1'],
    ['/models/', '/m/1', '/models/m/1'],
    ['gs://bucket', 'm/1', 'gs://bucket/m/1'],
    ['', 'm/1', 'm/1'],
  ])('joins %j and %j', (prefix, path, expected) => {
    const adapter = new PrefixStoragePathSourceAdapter(prefix);
    const sink = connected(adapter);
    adapter.getAspiredVersionsCallback()('m', [item(path)]);
    expect(sink.wishes).toEqual([['m', [item(expected)]]]);
  });
});

describe('StaticStoragePathSource', () => {
  it('wishes once for each name, with all its versions', () => {
    const version = (name: string, number: number) => ({ id: { name, version: number }, path: `/${name}/${number}` });
    const source = new StaticStoragePathSource([version('m', 1), version('n', 7), version('m', 2)]);
    expect(connected(source).wishes).toEqual([
      ['m', [item('/m/1'), item('/m/2', 2)]],
      ['n', [{ id: { name: 'n', version: 7 }, data: '/n/7' }]],
    ]);
  });
});
