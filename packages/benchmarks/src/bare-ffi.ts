/** The least that a run of half_plus_two through koffi can cost: every argument prepared, one thread, no checks. */
import { dirname } from 'node:path';
import { findLibrary } from '@serving/engine';
import { type LibraryHandle, load as openLibrary } from 'koffi';

const POINTER = 'uintptr_t';
/** TensorFlow's RunOptions { inter_op_thread_pool: -1 }: the graph runs on the calling thread. */
const CALLERS_THREAD = Buffer.from([0x18, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1]);
const FLOAT = 1;

/**
 * Loads the model and returns a function that feeds three floats and reads three back. Call it after a runtime has loaded its
 * first model: that sizes koffi's stacks, which can't be done once a library is open.
 */
export async function bareRun(modelDirectory: string): Promise<() => Float32Array> {
  const { path } = await findLibrary({ engine: 'tensorflow' });
  const framework = openLibrary(`${dirname(path)}/libtensorflow_framework.so.2`, { global: true });
  const library = openLibrary(path, { global: true });
  const libc = openLibrary(null);
  const declare = (source: LibraryHandle, text: string) => source.func(text.replaceAll('P ', `${POINTER} `));

  const newStatus = declare(framework, 'P TF_NewStatus()');
  const load = declare(
    library,
    'P TF_LoadSessionFromSavedModel(P o, P r, const char* dir, const char** tags, int n, P graph, P meta, P status)',
  );
  const allocate = declare(framework, 'P TF_AllocateTensor(int dtype, void* dims, int rank, size_t bytes)');
  const dataOf = declare(framework, 'P TF_TensorData(P tensor)');
  const remove = declare(framework, 'void TF_DeleteTensor(P tensor)');
  const operation = declare(library, 'P TF_GraphOperationByName(P graph, const char* name)');
  const run = declare(
    library,
    'void TF_SessionRun(P session, P options, void* ins, void* inValues, int nIn, void* outs, void* outValues, int nOut, P targets, int nTargets, P meta, P status)',
  );
  const write = declare(libc, 'P memcpy(P to, const void* from, size_t n)');
  const read = declare(libc, 'P memcpy(_Out_ void* to, P from, size_t n)');

  const status = newStatus();
  const graph = declare(library, 'P TF_NewGraph()')();
  const session = load(
    declare(library, 'P TF_NewSessionOptions()')(),
    0,
    modelDirectory,
    ['serve'],
    1,
    graph,
    0,
    status,
  );
  const runOptions = declare(library, 'P TF_NewBufferFromString(void* data, size_t n)')(
    CALLERS_THREAD,
    CALLERS_THREAD.length,
  );
  const endpoint = (name: string) => {
    const bytes = Buffer.alloc(16);
    bytes.writeBigUInt64LE(BigInt(operation(graph, name)));
    return bytes;
  };
  const feed = endpoint('x');
  const fetch = endpoint('y');
  const dims = Buffer.from(new BigInt64Array([3n]).buffer);
  const values = Buffer.from(new Float32Array([1, 2, 5]).buffer);
  const feedValue = Buffer.alloc(8);
  const fetchValue = Buffer.alloc(8);

  return () => {
    const input = allocate(FLOAT, dims, 1, values.length);
    write(dataOf(input), values, values.length);
    feedValue.writeBigUInt64LE(BigInt(input));
    run(session, runOptions, feed, feedValue, 1, fetch, fetchValue, 1, 0, 0, 0, status);
    remove(input);
    const output = Number(fetchValue.readBigUInt64LE());
    const result = new Float32Array(3);
    read(result, dataOf(output), result.byteLength);
    remove(output);
    return result;
  };
}
