/** `serving tune`: measures a model in several configurations, and prints the best one. */
import { availableParallelism } from 'node:os';
import { ServingError } from '@serving/core';
import { printableLine, systemClock } from '@serving/core/extend';
import type { Output } from '@serving/engine/command';
import { readText } from '../../model-server/config-files.js';
import { readBodies } from '../bench/bench-bodies.js';
import { type BenchRequest, inputsOfModel } from '../bench/bench-target.js';
import type { OwnServer } from '../bench/own-server.js';
import { TuneBudget } from './tune-budget.js';
import { tuneGoals } from './tune-goals.js';
import { tuneRemarks } from './tune-remarks.js';
import { tuneReport, tuneTable } from './tune-report.js';
import { readWarmupRequests } from './tune-requests.js';
import type { TunedEngine, TuneSettings } from './tune-settings.js';
import type { TuneFlags } from './tune-spec.js';
import { type TuneFacts, tuneSteps } from './tune-steps.js';
import { batchingOf, findTunedModel, installedEngines, type TunedModel } from './tuned-model.js';
import { startTunedServer, targetOf } from './tuned-server.js';
import { tune as findBest } from './tuner.js';

/**
 * Returns the exit code: 0, or 1 with the reason on stderr when the model can't be measured as it comes. Progress goes to stderr. When `signal`
 * aborts, what was measured so far is printed, without a recommendation.
 */
export async function tune(
  folder: string,
  flags: TuneFlags,
  { stdout, stderr }: Output,
  signal: AbortSignal = new AbortController().signal,
): Promise<number> {
  try {
    checkFlags(flags);
    const budget = new TuneBudget(flags.seconds, systemClock);
    const model = await findTunedModel(folder);
    const facts = await readFacts(model, flags);
    const given = await givenRequests(model, flags);
    let { requests } = given;
    const load = {
      folder,
      isOnnxModel: facts.isOnnxModel,
      protocol: flags.protocol,
      connections: flags.connections,
      async requests(server: OwnServer) {
        if (requests.length === 0) requests = await generatedRequests(server, flags);
        return requests;
      },
      signal,
    };
    const result = await findBest({
      base: facts.base,
      steps: tuneSteps(facts),
      budget,
      start: (settings) => startTunedServer(load, settings),
      score: tuneGoals.get(flags.goal)!,
      onProgress: (line) => stderr.write(`serving tune: ${line}\n`),
      signal,
    });
    const head = {
      protocol: flags.protocol,
      connections: flags.connections,
      requests: given.text,
      goal: flags.goal,
      remarks: tuneRemarks(result, facts),
    };
    const report = tuneReport(result, model.config, facts.base, head);
    stdout.write(flags.json ? `${JSON.stringify(report)}\n` : tuneTable(report));
    return 0;
  } catch (error) {
    const { code, message } = ServingError.from(error);
    stderr.write(`serving tune: ${code}: ${printableLine(message)}\n`);
    return 1;
  }
}

function checkFlags({ seconds, connections, protocol, goal, engine, rows }: TuneFlags): void {
  const fail = (flag: string, expected: string, got: unknown): never => {
    throw ServingError.invalidArgument(`--${flag} must be ${expected} (got ${got})`);
  };
  if (seconds <= 0) fail('seconds', 'more than 0', seconds);
  if (connections < 1) fail('connections', 'at least 1', connections);
  if (rows < 1) fail('rows', 'at least 1', rows);
  const protocols = ['rest', 'v2', 'v2-binary', 'grpc'];
  if (!protocols.includes(protocol)) fail('protocol', `one of ${protocols.join(', ')}`, protocol);
  if (!tuneGoals.has(goal)) fail('goal', `one of ${Array.from(tuneGoals.keys()).join(', ')}`, goal);
  if (!['auto', 'tensorflow', 'onnx'].includes(engine)) fail('engine', 'one of auto, tensorflow, onnx', engine);
}

async function readFacts(model: TunedModel, flags: TuneFlags): Promise<TuneFacts> {
  const isOnnxModel = model.config.platform === 'onnx';
  const named = flags.engine === 'auto' ? undefined : (flags.engine as TunedEngine);
  const base: TuneSettings = named === undefined || isOnnxModel ? {} : { engine: named };
  const [first = 'onnx', ...others]: readonly TunedEngine[] = isOnnxModel
    ? ['onnx']
    : named === undefined
      ? await installedEngines()
      : [named];
  return {
    base,
    engines: [first, ...others],
    isOnnxModel,
    batching: await batchingOf(model, flags.signature_name),
    processors: availableParallelism(),
    rowsAtOnce: flags.rows * flags.connections,
  };
}

/** The requests of a file, those of the model's warm-up file, or none: then they are made of the signature. */
async function givenRequests({ directory }: TunedModel, flags: TuneFlags): Promise<GivenRequests> {
  const { data, signature_name: signatureName, rows } = flags;
  if (data !== '') {
    const requests = readBodies(await readText(data), data);
    return { requests, text: counted(requests.length, 'body', 'bodies', `of ${data}`) };
  }
  const requests = await readWarmupRequests(directory, signatureName);
  if (requests.length === 0)
    return { requests, text: `made of the signature, with ${counted(rows, 'row', 'rows', 'each')}` };
  return { requests, text: counted(requests.length, 'request', 'requests', "of the model's warm-up file") };
}

async function generatedRequests(server: OwnServer, flags: TuneFlags): Promise<readonly BenchRequest[]> {
  const { protocol, signature_name: signatureName, rows } = flags;
  return [{ signatureName, inputs: await inputsOfModel(targetOf(server, protocol), signatureName, rows) }];
}

interface GivenRequests {
  readonly requests: readonly (BenchRequest | string)[];
  /** What they are. */
  readonly text: string;
}

function counted(count: number, one: string, many: string, rest: string): string {
  return `${count} ${count === 1 ? one : many} ${rest}`;
}
