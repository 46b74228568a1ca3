/** What running an operation does beside computing its outputs. */

/** Operations that change variables, tables, queues or files, or that reach outside of the process. */
const stateChanges =
  /^(Assign|CountUpTo|ResourceCountUpTo|Scatter(?!Nd$)|Resource(Scatter|Apply|SparseApply|Strided|Accumulator|Conditional)|Apply|SparseApply|LookupTable(Insert|Import|Remove)|InitializeTable|Queue|FIFOQueue|PaddingFIFOQueue|RandomShuffleQueue|PriorityQueue|Stack(Push|Pop|V2|Close)|Barrier|Stage|Unstage|MapStage|MapUnstage|OrderedMap|Iterator|MakeIterator|OneShotIterator|Accumulator|Conditional|SparseConditional|WriteFile|Write\w*Summary|\w*SummaryWriter|Save|MergeV2Checkpoints|Restore|Delete|Destroy|Send$|Recv$|_Send|_Recv|HostSend|HostRecv|GetSession|IsBoostedTrees|BoostedTrees|Variable?Assign)|Dataset(V\d)?$/;

const python: ReadonlySet<string> = new Set(['PyFunc', 'PyFuncStateless', 'EagerPyFunc']);

const foreign: ReadonlySet<string> = new Set([
  'XlaCallModule',
  'XlaLaunch',
  'SymbolicGradient',
  'RemoteCall',
  'MapDefun',
  'BatchFunction',
  'ReadFile',
]);

const random =
  /^(Random(Uniform|UniformInt|StandardNormal|Gamma|Poisson|PoissonV2|Shuffle)|(Stateless)?(Multinomial|TruncatedNormal)|ParameterizedTruncatedNormal|StatelessRandom\w*|StatelessTruncatedNormalV2|StatelessParameterizedTruncatedNormal|RngReadAndSkip|StatefulStandardNormal(V2)?|StatefulUniform\w*|StatefulRandomBinomial|StatefulTruncatedNormal)$/;

/** Calls that run their function's stateful nodes. */
const calls: ReadonlySet<string> = new Set(['PartitionedCall', 'StatefulPartitionedCall', 'TPUPartitionedCall']);
const controlFlow: ReadonlySet<string> = new Set([
  'While',
  'StatelessWhile',
  'If',
  'StatelessIf',
  'Case',
  'StatelessCase',
]);

/** Why a signature that runs such an operation can't be compiled; `undefined` for operations without an effect. */
export function effectRefusal(op: string): string | undefined {
  if (stateChanges.test(op)) return 'the signature changes state';
  if (python.has(op)) return 'Python code is not in the SavedModel';
  if (foreign.has(op)) return 'no ONNX operator';
  return undefined;
}

const assignments: ReadonlySet<string> = new Set([
  'Assign',
  'AssignAdd',
  'AssignSub',
  'AssignVariableOp',
  'AssignAddVariableOp',
  'AssignSubVariableOp',
]);

/** Whether all that an operation does is to set the variable that its first input stands for. */
export function isAssignment(op: string): boolean {
  return assignments.has(op);
}

/** Whether the outputs of an operation are drawn at random. Such nodes may still be pruned, so that the import keeps them. */
export function isRandom(op: string): boolean {
  return random.test(op);
}

export function isCall(op: string): boolean {
  return calls.has(op);
}

export function isControlFlow(op: string): boolean {
  return controlFlow.has(op);
}

/** Whether an operation runs when its function is called, although nothing needs its outputs. */
export function runsUnasked(op: string): boolean {
  return op === 'Assert' || isCall(op) || isControlFlow(op) || effectRefusal(op) !== undefined;
}

/** Operations that give an input as it is: that of the output's index where it is `IdentityN`, the first otherwise. */
const aliases: ReadonlySet<string> = new Set([
  'Identity',
  'IdentityN',
  'RefIdentity',
  'StopGradient',
  'PreventGradient',
  'Snapshot',
  'DisableCopyOnRead',
  'PlaceholderWithDefault',
  'CheckNumerics',
  'CheckNumericsV2',
  'Print',
]);

export function isAlias(op: string): boolean {
  return aliases.has(op);
}
