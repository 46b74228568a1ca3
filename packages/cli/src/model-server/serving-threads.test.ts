import { describe, expect, it } from 'vitest';
import { extensionModule, threadsOfApi } from './serving-threads.js';

const noFlags = { serving_threads: 0, rest_api_num_threads: 0, grpc_max_threads: 0, console_path: '' };

describe.each([
  ['REST', 'rest_api_num_threads', 'grpc_max_threads'],
  ['gRPC', 'grpc_max_threads', 'rest_api_num_threads'],
] as const)('the threads of the %s API', (api, own, other) => {
  it.each<[threads: number, ofApi: number, expected: number | 'auto', isLogged: boolean]>([
    [0, 0, 'auto', false],
    [1, 0, 1, false],
    [6, 0, 6, false],
    [0, 2, 2, true],
    [0, 4, 'auto', false],
    [0, 64, 'auto', false],
    [3, 2, 2, true],
    [2, 3, 2, false],
  ])(`of --serving_threads=%d and --${own}=%d on four processors are %s`, (threads, ofApi, expected, isLogged) => {
    const flags = { ...noFlags, serving_threads: threads, [own]: ofApi, [other]: 1 };
    const { threads: found, remark } = threadsOfApi(api, flags, 4);
    expect(found).toBe(expected);
    if (isLogged) expect(remark).toContain(`the ${api} API serves from ${ofApi} of`);
    else expect(remark).toBeUndefined();
  });

  it('are one while there is a console, which shows one thread, unless another number is given', () => {
    const flags = { ...noFlags, console_path: '/console' };
    expect(threadsOfApi(api, flags, 4)).toMatchObject({ threads: 1, remark: expect.stringContaining('console') });
    expect(threadsOfApi(api, { ...flags, serving_threads: 2 }, 4)).toEqual({ threads: 2, remark: undefined });
  });

  it('can not be negative', () => {
    expect(() => threadsOfApi(api, { ...noFlags, serving_threads: -1 })).toThrow('--serving_threads');
  });
});

describe('extensionModule', () => {
  it('is the loaded module for one thread, and the file of the built one for several', () => {
    const loaded = {};
    expect(extensionModule('@serving/protos/messages', loaded, 1)).toBe(loaded);
    expect(extensionModule('@serving/protos/messages', loaded, 'auto')).toMatch(/^file:.*protos\/dist\/messages\.js$/);
  });
});
