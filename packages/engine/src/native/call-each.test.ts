import { pointer, proto, register, unregister } from 'koffi';
import { describe, expect, it } from 'vitest';
import { callEachInTurn, declareCallEach, type PointerFunction } from './call-each.js';
import { openLibrary } from './open-library.js';

describe('declareCallEach', () => {
  it('calls a C function for every pointer, in order, with one call on the pool', async () => {
    const program = openLibrary(null);
    const seen: number[] = [];
    const address = register((each: number) => void seen.push(each), pointer(proto('void Report(uintptr_t pointer)')));
    const fn: PointerFunction = { call: notCalled(), address: Number(address) };
    await new Promise<void>((resolve) => declareCallEach(program, fn)([3, 1, 2], resolve));
    expect(seen).toEqual([3, 1, 2]);
    unregister(address);
  });
});

describe('callEachInTurn', () => {
  it('calls the function for the next pointer when the call before is over', () => {
    const calls: { each: number; end: () => void }[] = [];
    const call: PointerFunction['call'] = notCalled();
    call.async = (each, end) => void calls.push({ each, end: () => end(null, undefined) });
    let isOver = false;
    callEachInTurn({ call, address: 0 })([3, 1], () => {
      isOver = true;
    });
    expect(calls.map(({ each }) => each)).toEqual([3]);
    calls[0]!.end();
    expect(calls.map(({ each }) => each)).toEqual([3, 1]);
    expect(isOver).toBe(false);
    calls[1]!.end();
    expect(isOver).toBe(true);
  });
});

function notCalled(): PointerFunction['call'] {
  const fail = (): never => {
    throw new Error('called one pointer at a time');
  };
  return Object.assign(fail, { async: fail });
}
