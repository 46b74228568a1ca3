/** Clients of nghttp2, where the Debian package nghttp2-client is installed. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { promisify } from 'node:util';
import type { handleUnaryCall, UntypedServiceImplementation } from '@grpc/grpc-js';
import { describe, expect, it, onTestFinished } from 'vitest';
import { bytesMethod, framedMessage, listenWith } from '../transport/raw-call.test-support.js';

const run = promisify(execFile);
const areInstalled = await Promise.all([run('h2load', ['--version']), run('nghttp', ['--version'])]).then(
  () => true,
  () => false,
);
if (!areInstalled) process.stderr.write('Skipped: clients of nghttp2, which need h2load and nghttp\n');

const path = '/test.Echo/Echo';
const echo: handleUnaryCall<Buffer, Buffer> = ({ request }, respond) => respond(null, request);

/** Addresses of the same transport, in plain text and with TLS, and a file with a message of so many bytes. */
async function world(bytes: number): Promise<{ readonly plain: string; readonly tls: string; readonly file: string }> {
  const limits = { maxRequestBytes: 2 ** 26, maxResponseBytes: 2 ** 26 };
  const { transport, port, ...listening } = await listenWith(
    { Echo: bytesMethod(path) },
    { Echo: echo } as UntypedServiceImplementation,
    limits,
  );
  const pem = (name: string): Promise<Buffer> => readFile(new URL(`../../fixtures/tls/${name}.pem`, import.meta.url));
  const tls = createTlsServer(
    { key: await pem('server-key'), cert: await pem('server'), ALPNProtocols: ['h2'] },
    (socket) => transport.serve(socket),
  ).listen(0, '127.0.0.1');
  await once(tls, 'listening');
  const folder = await mkdtemp(join(tmpdir(), 'nghttp2-'));
  const file = join(folder, 'message');
  await writeFile(file, framedMessage(Buffer.alloc(bytes, 7)));
  onTestFinished(async () => {
    await listening[Symbol.asyncDispose]();
    tls.close();
    await rm(folder, { recursive: true });
  });
  return {
    plain: `http://127.0.0.1:${port}${path}`,
    tls: `https://127.0.0.1:${(tls.address() as AddressInfo).port}${path}`,
    file,
  };
}

const grpc = ['-H', 'content-type: application/grpc', '-H', 'te: trailers'];

describe.skipIf(!areInstalled)('clients of nghttp2', () => {
  it.each<[string, 'plain' | 'tls', number, string[]]>([
    ['small messages', 'plain', 10, ['-n2000', '-c3', '-m50']],
    ['large messages', 'plain', 3_000_000, ['-n20', '-c2', '-m5']],
    ['messages within small windows', 'plain', 200_000, ['-n20', '-c2', '-m5', '-w10', '-W12']],
    ['small messages with TLS', 'tls', 10, ['-n500', '-c3', '-m20']],
    ['large messages with TLS', 'tls', 3_000_000, ['-n10', '-c2', '-m5']],
  ])('h2load has all %s answered', async (_, kind, bytes, load) => {
    const { file, ...addresses } = await world(bytes);
    const { stdout } = await run('h2load', [...load, '-d', file, ...grpc, addresses[kind]]);
    const count = load[0]!.slice(2);
    expect(stdout).toContain(`${count} total, ${count} started, ${count} done, ${count} succeeded, 0 failed`);
  });

  it('nghttp finds no fault with an answer', async () => {
    const { plain, file } = await world(100);
    const { stdout } = await run('nghttp', ['-nv', '-d', file, ...grpc, plain]);
    expect(stdout).toContain('recv (stream_id=13) grpc-status: 0');
    expect(stdout).toMatch(/recv DATA frame <length=105/);
    expect(stdout).toContain('send GOAWAY frame <length=8, flags=0x00, stream_id=0>');
    expect(stdout).toMatch(/error_code=NO_ERROR/);
    expect(stdout).not.toContain('INVALID');
  });
});
