/** Keeps a library quiet while its static initializers run, before any log setting of its own counts. */
import { readFile } from 'node:fs/promises';
import type { Address, Libc, NativeFunction } from '@serving/engine/native';

/**
 * Runs `action` with C's `stderr` stream leading nowhere, and gives its result. Only what native code prints through that
 * stream is dropped; writes to the file descriptor, Node's among them, are not touched. Several threads may do so at once.
 *
 * TensorFlow announces oneDNN from a static initializer, whatever `TF_CPP_MIN_LOG_LEVEL` says. Elsewhere than with glibc,
 * and on x64 without AVX, where TensorFlow ends the process and must be able to say why, the stream is left alone.
 */
export async function withoutNativeStderr<T>(libc: Libc, action: () => Promise<T>): Promise<T> {
  const stream = process.platform === 'linux' && (await hasAvx()) ? findStream(libc) : undefined;
  if (stream === undefined || readAddress(libc, stream.variable) !== stream.original) return action();
  nowhere ||= openNowhere(libc);
  if (nowhere === 0) return action();
  writeAddress(libc, stream.variable, nowhere);
  try {
    return await action();
  } finally {
    writeAddress(libc, stream.variable, stream.original);
  }
}

/** Never closed, as another thread may be printing to it at any moment, but opened once in each thread; 0 until then. */
let nowhere: Address = 0;

function openNowhere(libc: Libc): Address {
  const open: NativeFunction<[string, string], Address> = libc.library.func(
    'uintptr_t fopen(const char* path, const char* mode)',
  );
  return open('/dev/null', 'we');
}

interface Stream {
  readonly variable: Address;
  /** What the variable holds unless someone changed it. A name of glibc's. */
  readonly original: Address;
}

function findStream(libc: Libc): Stream | undefined {
  try {
    return {
      variable: Number(libc.library.symbol('stderr')),
      original: Number(libc.library.symbol('_IO_2_1_stderr_')),
    };
  } catch {
    return undefined;
  }
}

async function hasAvx(): Promise<boolean> {
  if (process.arch !== 'x64') return true;
  const text = await readFile('/proc/cpuinfo', 'latin1').catch(() => '');
  return /^flags\b.*\bavx\b/m.test(text);
}

function readAddress(libc: Libc, from: Address): Address {
  const word = new BigUint64Array(1);
  libc.copyOut(word, from, 8);
  return Number(word[0]);
}

function writeAddress(libc: Libc, to: Address, value: Address): void {
  libc.copyIn(to, BigUint64Array.of(BigInt(value)), 8);
}
