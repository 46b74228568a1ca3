import { once } from 'node:events';
import { lstat, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listenOnUnixSocket } from './unix-socket.js';

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unix-socket-'));
  path = join(folder, 'grpc.sock');
});

afterEach(() => rm(folder, { recursive: true }));

/** Says its name to whom connects. */
const naming = (name: string): Server => createServer((socket) => socket.end(name));

async function nameAt(at: string): Promise<string> {
  const socket = connect(at);
  const [name] = await once(socket, 'data');
  socket.destroy();
  return String(name);
}

async function closed(server: Server): Promise<void> {
  server.close();
  await once(server, 'close');
}

describe('listenOnUnixSocket', () => {
  it('listens at the path, with nothing else in its folder, and removes it', async () => {
    const server = naming('one');
    const release = await listenOnUnixSocket(server, path);
    expect(await nameAt(path)).toBe('one');
    expect(await readdir(folder)).toEqual(['grpc.sock']);
    await release();
    await closed(server);
    expect(await readdir(folder)).toEqual([]);
  });

  it('takes over from a live server, whose connections stay and whose close leaves the path', async () => {
    const first = createServer((socket) => socket.on('data', (data) => socket.write(data)));
    const releaseFirst = await listenOnUnixSocket(first, path);
    const before = connect(path);
    await once(before, 'connect');
    const second = naming('two');
    const releaseSecond = await listenOnUnixSocket(second, path);
    expect(await nameAt(path)).toBe('two');
    before.write('still here');
    expect(String((await once(before, 'data'))[0])).toBe('still here');
    before.destroy();
    await releaseFirst();
    await closed(first);
    expect(await nameAt(path)).toBe('two');
    await releaseSecond();
    await closed(second);
    expect(await readdir(folder)).toEqual([]);
  });

  it('leaves a file of another kind', async () => {
    await writeFile(path, 'mine');
    await expect(listenOnUnixSocket(naming('one'), path)).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: `gRPC can't listen on unix:${path}: the file there is not a socket`,
    });
    expect(await readFile(path, 'utf8')).toBe('mine');
    expect((await lstat(path)).isFile()).toBe(true);
  });

  it('refuses a path that the system would cut off', async () => {
    const long = join(folder, 'x'.repeat(108));
    await expect(listenOnUnixSocket(naming('one'), long)).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining(`The socketPath "${long}" is too long: expected at most`),
    });
    expect(await readdir(folder)).toEqual([]);
  });

  it('names a folder that is missing, is a file, or may not be written to', async () => {
    const message = async (...parts: string[]): Promise<string> => {
      const failure = await listenOnUnixSocket(naming('one'), join(folder, ...parts)).catch((error) => error);
      expect(failure).toMatchObject({ code: 'UNAVAILABLE' });
      return failure.message.replaceAll(folder, '/run');
    };
    expect(await message('no', 'grpc.sock')).toBe(
      `gRPC can't listen on unix:/run/no/grpc.sock: its folder "/run/no" does not exist; make it first`,
    );
    await writeFile(join(folder, 'file'), '');
    expect(await message('file', 'grpc.sock')).toMatch(/"\/run\/file" is not a folder$/);
  });

  it('names the path, and no other, where it can’t be bound', async () => {
    const server = naming('one');
    const bind = server.listen.bind(server);
    server.listen = ((options: { path: string }) => {
      const { path: bound } = options;
      return bind({ path: bound })
        .prependOnceListener('listening', () => undefined)
        .close(() => {
          server.emit('error', new Error(`listen EACCES: permission denied ${bound}`));
        });
    }) as never;
    await expect(listenOnUnixSocket(server, path)).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: `gRPC can't listen on unix:${path}: listen EACCES: permission denied ${path}`,
    });
  });
});
