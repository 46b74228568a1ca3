import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { CloseSignals } from './node-request.js';

class FakeConnection extends EventEmitter {
  destroyed = false;
}

describe('CloseSignals', () => {
  it('has one signal per connection, aborted when it closes', () => {
    const signals = new CloseSignals();
    const connection = new FakeConnection();
    const signal = signals.of(connection);
    expect(signals.of(connection)).toBe(signal);
    expect(signals.of(new FakeConnection())).not.toBe(signal);
    expect(signal.aborted).toBe(false);
    connection.emit('close');
    expect(signal.aborted).toBe(true);
  });

  it('is aborted from the start for a connection that has closed', () => {
    const connection = new FakeConnection();
    connection.destroyed = true;
    expect(new CloseSignals().of(connection).aborted).toBe(true);
  });
});
