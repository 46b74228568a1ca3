/** The worker thread: loads tfjs-node and answers one call after the other. Imports nothing but Node's own modules. */
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { type AddonBinding, AddonSession } from './addon-binding.js';
import { restoreUtilFunctions } from './node-util-shim.js';
import {
  type AddonDescription,
  buffersOf,
  type WorkerFailure,
  type WorkerReply,
  type WorkerRequest,
  type WorkerSettings,
} from './worker-messages.js';

interface Addon {
  readonly binding: AddonBinding;
  readonly packageFolder: string;
}

const settings = workerData as WorkerSettings;
const port = parentPort!;
/** By the number of the call that loaded them. */
const sessions = new Map<number, AddonSession>();
let addon: Addon | undefined;

port.on('message', (request: WorkerRequest) => {
  if (request.kind === 'exit') {
    port.close();
    return;
  }
  let stage: WorkerFailure['stage'] = 'addon';
  let reply: WorkerReply;
  const transfer: ArrayBuffer[] = [];
  try {
    addon ??= loadAddon();
    stage = 'call';
    reply = { id: request.id, ok: true, answer: handle(addon, request, transfer) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    reply = { id: request.id, ok: false, failure: { stage, message } };
  }
  port.postMessage(reply, transfer);
});

function handle(
  { binding, packageFolder }: Addon,
  request: Exclude<WorkerRequest, { kind: 'exit' }>,
  transfer: ArrayBuffer[],
): Extract<WorkerReply, { ok: true }>['answer'] {
  switch (request.kind) {
    case 'describe':
      return describe(binding, packageFolder);
    case 'load':
      sessions.set(request.id, new AddonSession(binding, request.directory, request.tags));
      return request.id;
    case 'run': {
      const { session, feeds, fetches, values } = request;
      const results = sessions.get(session)!.run(feeds, fetches, values);
      transfer.push(...buffersOf(results));
      return results;
    }
    case 'unload':
      sessions.get(request.session)!.unload();
      sessions.delete(request.session);
      return undefined;
  }
}

function loadAddon(): Addon {
  const require = resolvePackage();
  restoreUtilFunctions(require);
  const { intraOpThreads: threads } = settings;
  const givenThreads = process.env.TF_NUM_INTRAOP_THREADS;
  // The addon takes no session options. TensorFlow reads this one as it makes its pool, which tfjs-node does on loading.
  if (threads > 0) process.env.TF_NUM_INTRAOP_THREADS = String(threads);
  const quiet = !settings.logs && process.env.TF_CPP_MIN_LOG_LEVEL === undefined;
  // TensorFlow reads it once, when its library starts; the environment is the whole process's.
  if (quiet) process.env.TF_CPP_MIN_LOG_LEVEL = '3';
  try {
    const tf = require(settings.packageName) as { backend(): object };
    const binding = Reflect.get(tf.backend(), 'binding') as AddonBinding | undefined;
    if (typeof binding?.runSavedModel !== 'function') {
      throw new Error('its backend has no addon that runs SavedModels');
    }
    return { binding, packageFolder: dirname(require.resolve(`${settings.packageName}/package.json`)) };
  } finally {
    if (quiet) delete process.env.TF_CPP_MIN_LOG_LEVEL;
    if (threads > 0) {
      if (givenThreads === undefined) delete process.env.TF_NUM_INTRAOP_THREADS;
      else process.env.TF_NUM_INTRAOP_THREADS = givenThreads;
    }
  }
}

function resolvePackage(): ReturnType<typeof createRequire> {
  const failures: string[] = [];
  for (const origin of settings.origins) {
    const require = createRequire(origin);
    try {
      require.resolve(settings.packageName);
      return require;
    } catch {
      failures.push(origin);
    }
  }
  throw new Error(`it is not installed (looked for it from ${failures.join(', ')})`);
}

function describe(binding: AddonBinding, packageFolder: string): AddonDescription {
  const folder = join(packageFolder, 'deps', 'lib');
  const library = readdirSync(folder).find((name) => /^(lib)?tensorflow(_cc)?\.(so|dylib|dll|\d)/.test(name));
  const cpu = '/job:localhost/replica:0/task:0/device:CPU:0';
  return {
    libraryVersion: binding.TF_Version,
    libraryPath: join(folder, library ?? ''),
    devices: binding.isUsingGpuDevice() ? [cpu, cpu.replace('CPU', 'GPU')] : [cpu],
  };
}
