import { once } from 'node:events';
import type {
  handleBidiStreamingCall,
  handleClientStreamingCall,
  handleServerStreamingCall,
  UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { bytesMethod, listenWith, type TransportWorld } from './raw-call.test-support.js';

const identity = (bytes: Buffer): Buffer => bytes;

const count: handleServerStreamingCall<Buffer, Buffer> = (call) => {
  for (let i = 0; i < call.request[0]!; i++) call.write(Buffer.of(i));
  call.end();
};
const sum: handleClientStreamingCall<Buffer, Buffer> = (call, respond) => {
  let total = 0;
  call.on('data', (bytes: Buffer) => {
    total += bytes[0]!;
  });
  call.on('end', () => respond(null, Buffer.of(total)));
};
const echoes: handleBidiStreamingCall<Buffer, Buffer> = (call) => {
  call.on('data', (bytes: Buffer) => call.write(bytes));
  call.on('end', () => call.end());
};

const service = {
  Count: bytesMethod('/test.Streams/Count', false, true),
  Sum: bytesMethod('/test.Streams/Sum', true, false),
  Echoes: bytesMethod('/test.Streams/Echoes', true, true),
};

function listen(handlers: UntypedServiceImplementation = {}): Promise<TransportWorld> {
  return listenWith(service, { Count: count, Sum: sum, Echoes: echoes, ...handlers } as UntypedServiceImplementation);
}

async function received(stream: AsyncIterable<Buffer>): Promise<number[]> {
  const bytes: number[] = [];
  for await (const message of stream) bytes.push(message[0]!);
  return bytes;
}

describe('a call of several messages', () => {
  it('answers one message with several', async () => {
    await using world = await listen();
    const stream = world.client.makeServerStreamRequest('/test.Streams/Count', identity, identity, Buffer.of(100));
    expect(await received(stream)).toEqual(Array.from({ length: 100 }, (_, i) => i));
  });

  it('answers several messages with one', async () => {
    await using world = await listen();
    const answer = await new Promise<Buffer>((resolve, reject) => {
      const stream = world.client.makeClientStreamRequest('/test.Streams/Sum', identity, identity, (error, value) =>
        error ? reject(error) : resolve(value!),
      );
      for (let i = 1; i <= 20; i++) stream.write(Buffer.of(i));
      stream.end();
    });
    expect(answer[0]).toBe(210);
  });

  it('answers message by message', async () => {
    await using world = await listen();
    const stream = world.client.makeBidiStreamRequest('/test.Streams/Echoes', identity, identity);
    for (let i = 0; i < 5; i++) {
      stream.write(Buffer.of(i));
      expect((await once(stream, 'data'))[0]).toEqual(Buffer.of(i));
    }
    stream.end();
    const [status] = await once(stream, 'status');
    expect(status.code).toBe(0);
  });

  it('takes messages no faster than the handler reads them', async () => {
    let taken: { readonly readableLength: number; resume(): unknown } | undefined;
    const held: handleBidiStreamingCall<Buffer, Buffer> = (call) => {
      taken = call;
      call.sendMetadata(call.metadata);
      call.once('resume', () => echoes(call));
    };
    await using world = await listen({ Echoes: held } as UntypedServiceImplementation);
    const stream = world.client.makeBidiStreamRequest('/test.Streams/Echoes', identity, identity);
    const large = Buffer.alloc(64 * 1024, 7);
    const messages = 600;
    for (let i = 0; i < messages; i++) stream.write(large);
    stream.end();
    await once(stream, 'metadata');
    // Beyond the window of the stream nothing can have come.
    expect(taken!.readableLength).toBeLessThan(200);
    taken!.resume();
    expect(await received(stream)).toHaveLength(messages);
  });

  it('ends with what the handler emits as an error', async () => {
    const failing: handleServerStreamingCall<Buffer, Buffer> = (call) => {
      call.write(Buffer.of(1));
      call.emit('error', { code: 9, details: 'enough' });
    };
    await using world = await listen({ Count: failing } as UntypedServiceImplementation);
    const stream = world.client.makeServerStreamRequest('/test.Streams/Count', identity, identity, Buffer.of(1));
    stream.resume();
    const [error] = await once(stream, 'error');
    expect(error).toMatchObject({ code: 9, details: 'enough' });
  });

  it('tells the handler that its client has cancelled', async () => {
    let onCancelled: ((cancelled: boolean) => void) | undefined;
    const cancelled = new Promise<boolean>((resolve) => {
      onCancelled = resolve;
    });
    const open: handleBidiStreamingCall<Buffer, Buffer> = (call) => {
      call.write(Buffer.of(1));
      call.on('cancelled', () => onCancelled!(call.cancelled));
    };
    await using world = await listen({ Echoes: open } as UntypedServiceImplementation);
    const stream = world.client.makeBidiStreamRequest('/test.Streams/Echoes', identity, identity);
    stream.on('error', () => undefined);
    await once(stream, 'data');
    stream.cancel();
    expect(await cancelled).toBe(true);
  });
});
