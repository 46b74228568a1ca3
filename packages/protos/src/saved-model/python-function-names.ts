/**
 * The names that TensorFlow's Python gives the functions of a SavedModel while it loads them. Tools list a function's traces
 * in the order of these names, so a reader that prints the same text needs them.
 */
import { lengthDelimited, NAME, nameIn, readFields } from '../wire/wire-fields.js';

const LIBRARY = lengthDelimited(2);
const FUNCTION = lengthDelimited(1);
const SIGNATURE = lengthDelimited(1);
const FUNCTION_NODE = lengthDelimited(3);
const INPUT_ARG = lengthDelimited(2);
const NODE_OP = lengthDelimited(2);
const NODE_ATTR = lengthDelimited(5);
const ENTRY_KEY = lengthDelimited(1);
const ENTRY_VALUE = lengthDelimited(2);
const ATTR_LIST = lengthDelimited(1);
const ATTR_INTEGER = 3 << 3;
const ATTR_FUNC = lengthDelimited(10);
const LIST_TYPE = 6 << 3;
const LIST_TYPES = lengthDelimited(6);
const LIST_FUNC = lengthDelimited(9);

/** What one function takes from TensorFlow's counter, and what has to be loaded before it. */
interface LibraryFunction {
  readonly name: string;
  readonly calls: ReadonlySet<string>;
  readonly tensors: number;
}

/** Counted before the first function: graphs, and the loading itself. */
const COUNTED_BEFORE = 1;
/** Counted for each function beside its tensors: its graph and its name. */
const COUNTED_PER_FUNCTION = 2;

/**
 * By the name in the file. A name ends in a number that TensorFlow counts up for every tensor that it makes; operations whose number of
 * outputs isn't known here count as one, so a number may be off by a few in an unusual graph.
 *
 * @param graphDef a serialized GraphDef.
 * @throws Error, with protobufjs's reason, for bytes that are not a GraphDef.
 */
export function restoredFunctionNames(graphDef: Uint8Array): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  let count = COUNTED_BEFORE;
  for (const { name, tensors } of inLoadOrder(readLibrary(graphDef))) {
    count += tensors + COUNTED_PER_FUNCTION;
    const plainName = /^__inference_(.*)_\d+$/s.exec(name)?.[1] ?? name;
    names.set(name, `__inference_${plainName}_${count}`);
  }
  return names;
}

/** What is called comes before what calls it; among those that are ready the last one is next. */
function inLoadOrder(library: readonly LibraryFunction[]): LibraryFunction[] {
  const byName = new Map(library.map((item) => [item.name, item]));
  const callers = new Map<string, string[]>(library.map(({ name }) => [name, []]));
  const waitsFor = new Map<string, number>();
  for (const { name, calls } of library) {
    const known = Array.from(calls).filter((call) => callers.has(call));
    for (const call of known) callers.get(call)!.push(name);
    waitsFor.set(name, known.length);
  }
  const ready = library.filter(({ name }) => waitsFor.get(name) === 0);
  const loaded: LibraryFunction[] = [];
  for (let next = ready.pop(); next; next = ready.pop()) {
    loaded.push(next);
    for (const caller of callers.get(next.name)!) {
      const left = waitsFor.get(caller)! - 1;
      waitsFor.set(caller, left);
      if (left === 0) ready.push(byName.get(caller)!);
    }
  }
  return loaded;
}

function readLibrary(graphDef: Uint8Array): LibraryFunction[] {
  const library: LibraryFunction[] = [];
  readFields(graphDef, (tag, reader) => {
    if (tag !== LIBRARY) return false;
    readFields(reader.bytes(), (libraryTag, libraryReader) => {
      return libraryTag === FUNCTION && library.push(readFunction(libraryReader.bytes()));
    });
    return true;
  });
  return library;
}

function readFunction(bytes: Uint8Array): LibraryFunction {
  let name = '';
  let tensors = 0;
  const calls = new Set<string>();
  readFields(bytes, (tag, reader) => {
    if (tag === FUNCTION_NODE) tensors += countNode(reader.bytes(), calls);
    else if (tag === SIGNATURE) {
      readFields(reader.bytes(), (signatureTag, signatureReader) => {
        if (signatureTag === NAME) name = signatureReader.string();
        else if (signatureTag === INPUT_ARG) {
          tensors++;
          return false;
        } else return false;
        return true;
      });
    } else return false;
    return true;
  });
  return { name, calls, tensors };
}

/** Operations without outputs. */
const withoutOutput: ReadonlySet<string> = new Set(
  (
    'NoOp SaveV2 MergeV2Checkpoints Assert PrintV2 WriteFile AssignVariableOp AssignAddVariableOp AssignSubVariableOp ' +
    'ResourceScatterAdd ResourceScatterUpdate DestroyResourceOp DisableCopyOnRead LookupTableImportV2 LookupTableInsertV2 ' +
    'LookupTableRemoveV2 InitializeTableV2 InitializeTableFromTextFileV2 DeleteIterator ControlTrigger'
  ).split(' '),
);
/** Operations with a fixed number of outputs that isn't one. */
const outputsOf: ReadonlyMap<string, number> = new Map(
  Object.entries({
    FusedBatchNorm: 5,
    FusedBatchNormV2: 5,
    FusedBatchNormV3: 6,
    TopKV2: 2,
    Unique: 2,
    UniqueV2: 2,
    UniqueWithCounts: 3,
    Switch: 2,
    Merge: 2,
    SparseReshape: 2,
    SparseFillEmptyRows: 4,
    SparseSlice: 3,
    SparseConcat: 3,
    StringSplit: 3,
    StringSplitV2: 3,
    UnicodeDecodeWithOffsets: 3,
    NonMaxSuppressionV4: 2,
    NonMaxSuppressionV5: 3,
    CombinedNonMaxSuppression: 4,
    MaxPoolWithArgmax: 2,
    LookupTableExportV2: 2,
    BatchMatrixSvd: 3,
    Svd: 3,
    Qr: 2,
    TensorListPopBack: 2,
    RaggedTensorToSparse: 3,
    RaggedGather: 2,
    HashTableV2: 2,
  }),
);
/** Attributes that list the types of outputs. */
const typeLists: ReadonlySet<string> = new Set([
  'Tout',
  'output_types',
  'Tdense',
  'ragged_value_types',
  'ragged_split_types',
]);
const operationsByT: ReadonlySet<string> = new Set(['While', 'StatelessWhile', 'IdentityN']);

/** The tensors that a node makes; adds the functions that it needs. */
function countNode(node: Uint8Array, calls: Set<string>): number {
  let op = '';
  let listed: number | undefined;
  const integers = new Map<string, number>();
  const lists = new Map<string, number>();
  readFields(node, (tag, reader) => {
    if (tag === NODE_OP) op = reader.string();
    else if (tag === NODE_ATTR) readAttr(reader.bytes(), integers, lists, calls);
    else return false;
    return true;
  });
  calls.add(op);
  if (withoutOutput.has(op)) return 0;
  const fixed = outputsOf.get(op);
  if (fixed !== undefined) return fixed;
  if (op === 'Unpack') return integers.get('num') ?? 1;
  if (op === 'Split' || op === 'SplitV') return integers.get('num_split') ?? 1;
  if (op === 'RestoreV2') return lists.get('dtypes') ?? 1;
  if (operationsByT.has(op)) return lists.get('T') ?? 1;
  for (const [name, length] of lists) if (typeLists.has(name)) listed = (listed ?? 0) + length;
  if (listed !== undefined) listed += 3 * (lists.get('sparse_types') ?? 0);
  return listed ?? 1;
}

function readAttr(
  entry: Uint8Array,
  integers: Map<string, number>,
  lists: Map<string, number>,
  calls: Set<string>,
): void {
  let key = '';
  readFields(entry, (tag, reader) => {
    if (tag === ENTRY_KEY) key = reader.string();
    else if (tag === ENTRY_VALUE) {
      readFields(reader.bytes(), (valueTag, value) => {
        if (valueTag === ATTR_INTEGER) integers.set(key, Number(value.int64()));
        else if (valueTag === ATTR_FUNC) calls.add(nameIn(value.bytes()));
        else if (valueTag === ATTR_LIST) lists.set(key, readList(value.bytes(), calls));
        else return false;
        return true;
      });
    } else return false;
    return true;
  });
}

/** How many types a list has; adds its functions. */
function readList(list: Uint8Array, calls: Set<string>): number {
  let types = 0;
  readFields(list, (tag, reader) => {
    if (tag === LIST_TYPE) {
      types++;
      return false;
    }
    if (tag === LIST_TYPES) {
      // Numbers of types below 128 are one byte each, references two.
      for (const byte of reader.bytes()) if (byte < 128) types++;
    } else if (tag === LIST_FUNC) calls.add(nameIn(reader.bytes()));
    else return false;
    return true;
  });
  return types;
}
