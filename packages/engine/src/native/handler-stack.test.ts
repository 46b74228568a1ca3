import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { useHandlerStack } from './handler-stack.js';
import { loadLibc } from './libc.js';

const SA_ONSTACK = 0x0800_0000n;

/** Whether a handler is set, and whether it runs on the stack of handlers. */
function handlerOf(signal: NodeJS.Signals): 'none' | 'kernel stack' | 'own stack' {
  const action = new BigUint64Array(19);
  const sigaction = loadLibc().library.func('int sigaction(int signal, const void* action, _Out_ void* old)');
  expect(sigaction(constants.signals[signal], null, action)).toBe(0);
  if (action[0]! <= 1n) return 'none';
  return (action[17]! & SA_ONSTACK) === 0n ? 'kernel stack' : 'own stack';
}

function listenTo(signal: NodeJS.Signals): void {
  const ignore = (): void => undefined;
  process.on(signal, ignore);
  onTestFinished(() => void process.off(signal, ignore));
}

describe.runIf(process.platform === 'linux')('useHandlerStack', () => {
  it('moves the handlers that there are, of listeners added later and of child processes', async () => {
    listenTo('SIGUSR2');
    expect(handlerOf('SIGUSR2')).toBe('kernel stack');
    useHandlerStack(loadLibc());
    expect(handlerOf('SIGUSR2')).toBe('own stack');
    expect(handlerOf('SIGCHLD')).toBe('own stack');

    listenTo('SIGWINCH');
    await turn();
    expect(handlerOf('SIGWINCH')).toBe('own stack');

    await once(spawn(process.execPath, ['--version'], { stdio: 'ignore' }), 'exit');
    expect(handlerOf('SIGCHLD')).toBe('own stack');
  });

  it('gives the thread a stack for them', () => {
    useHandlerStack(loadLibc());
    const stack = new BigUint64Array(3);
    const sigaltstack = loadLibc().library.func('int sigaltstack(const void* stack, _Out_ void* old)');
    expect(sigaltstack(null, stack)).toBe(0);
    expect(stack[1]! & 2n).toBe(0n);
    expect(Number(stack[2])).toBeGreaterThanOrEqual(256 * 1024);
  });

  it('listens for child processes once, and sets no handler without a listener', () => {
    useHandlerStack(loadLibc());
    useHandlerStack(loadLibc());
    expect(process.listenerCount('SIGCHLD')).toBe(1);
    expect(handlerOf('SIGHUP')).toBe('none');
  });

  it('still calls listeners', async () => {
    useHandlerStack(loadLibc());
    const called = once(process, 'SIGUSR2');
    await turn();
    process.kill(process.pid, 'SIGUSR2');
    await called;
  });
});
