import { inspect } from 'node:util';
import { describe, expect, it, vi } from 'vitest';
import { ServingError } from './serving-error.js';
import { grpcNumber, httpStatus, type StatusCode, statusCodeFromNumber } from './status-code.js';

describe('ServingError', () => {
  it('carries its code in every form', () => {
    const error = new ServingError('NOT_FOUND', 'no such model');
    expect(error).toMatchObject({
      name: 'ServingError',
      code: 'NOT_FOUND',
      grpcNumber: 5,
      status: 404,
      statusCode: 404,
    });
    expect(error).toBeInstanceOf(Error);
  });

  it('recognises itself when it comes from a second copy of the package', async () => {
    vi.resetModules();
    const copy = await import('./serving-error.js');
    expect(copy.ServingError).not.toBe(ServingError);
    const foreign = new copy.ServingError('ABORTED', 'x');
    expect(foreign).toBeInstanceOf(ServingError);
    expect(ServingError.from(foreign)).toBe(foreign);
    expect(new Error('x')).not.toBeInstanceOf(ServingError);
  });

  it.each<[unknown, string, string]>([
    [new Error('x'), 'UNKNOWN', 'x'],
    [new DOMException('stop', 'AbortError'), 'CANCELLED', 'stop'],
    [new DOMException('late', 'TimeoutError'), 'DEADLINE_EXCEEDED', 'late'],
    ['text', 'UNKNOWN', 'text'],
    [undefined, 'UNKNOWN', 'undefined'],
  ])('makes of %s the code %s', (reason, code, message) => {
    const error = ServingError.from(reason);
    expect(error).toMatchObject({ code, message });
    expect(error.cause).toBe(reason);
  });

  it('keeps its code when text is put in front', () => {
    const error = new ServingError('DATA_LOSS', 'cut short');
    expect(error.prefixed('model m: ')).toMatchObject({
      code: 'DATA_LOSS',
      message: 'model m: cut short',
      cause: error,
    });
  });

  it.each([
    ['invalidArgument', 'INVALID_ARGUMENT'],
    ['notFound', 'NOT_FOUND'],
    ['failedPrecondition', 'FAILED_PRECONDITION'],
  ] as const)('%s creates an error with the code %s', (create, code) => {
    const cause = new Error('below');
    expect(ServingError[create]('x', { cause, hint: 'do y' })).toMatchObject({
      code,
      message: 'x',
      cause,
      hint: 'do y',
    });
  });

  it('shows its hint where it is printed, keeps it behind a prefix, and has none unless it is given one', () => {
    const error = ServingError.notFound('no library', { hint: 'install it' });
    expect(inspect(error)).toContain("hint: 'install it'");
    expect(error.prefixed('model m: ')).toMatchObject({ message: 'model m: no library', hint: 'install it' });
    expect(error.clientMessage).toBe('no library');
    expect(Object.keys(ServingError.notFound('x'))).toEqual(['name', 'code']);
    expect('cause' in ServingError.notFound('x')).toBe(false);
  });

  it('has a hint for clients, which is its hint unless that says more, and keeps it behind a prefix', () => {
    const error = ServingError.invalidArgument('no x', { clientHint: 'send x' });
    expect(error).toMatchObject({ hint: 'send x', clientHint: 'send x' });
    expect(error.prefixed('model m: ')).toMatchObject({ hint: 'send x', clientHint: 'send x' });
    const both = ServingError.invalidArgument('no x', { clientHint: 'send x', hint: '/m says how' });
    expect(both).toMatchObject({ hint: '/m says how', clientHint: 'send x' });
    expect(Object.keys(ServingError.notFound('x', { hint: 'y' }))).toEqual(['name', 'code', 'hint']);
  });

  it('has a message of its own for clients where it is given one', () => {
    expect(new ServingError('NOT_FOUND', 'no m').clientMessage).toBe('no m');
    const error = new ServingError('NOT_FOUND', 'no /m', { clientMessage: 'no m' });
    expect(error).toMatchObject({ message: 'no /m', clientMessage: 'no m' });
    expect(error.prefixed('reload: ')).toMatchObject({ message: 'reload: no /m', clientMessage: 'reload: no m' });
  });
});

describe('status codes', () => {
  it.each<[StatusCode, number, number]>([
    ['OK', 0, 200],
    ['CANCELLED', 1, 499],
    ['UNKNOWN', 2, 500],
    ['INVALID_ARGUMENT', 3, 400],
    ['DEADLINE_EXCEEDED', 4, 504],
    ['NOT_FOUND', 5, 404],
    ['ALREADY_EXISTS', 6, 409],
    ['PERMISSION_DENIED', 7, 403],
    ['RESOURCE_EXHAUSTED', 8, 429],
    ['FAILED_PRECONDITION', 9, 400],
    ['ABORTED', 10, 409],
    ['OUT_OF_RANGE', 11, 400],
    ['UNIMPLEMENTED', 12, 501],
    ['INTERNAL', 13, 500],
    ['UNAVAILABLE', 14, 503],
    ['DATA_LOSS', 15, 500],
    ['UNAUTHENTICATED', 16, 401],
  ])('%s is %i in gRPC and %i in HTTP', (code, number, status) => {
    expect(grpcNumber(code)).toBe(number);
    expect(statusCodeFromNumber(number)).toBe(code);
    expect(httpStatus(code)).toBe(status);
  });

  it('calls a number without a code UNKNOWN', () => {
    expect(statusCodeFromNumber(17)).toBe('UNKNOWN');
    expect(statusCodeFromNumber(-1)).toBe('UNKNOWN');
  });
});
