/** `serving bench`: measures a model on a server, or in a folder. */
import { ServingError } from '@serving/core';
import { type Clock, printableLine, systemClock } from '@serving/core/extend';
import type { Output } from '@serving/engine/command';
import { readText } from '../../model-server/config-files.js';
import { readBodies } from './bench-bodies.js';
import { type BenchReport, benchTable } from './bench-report.js';
import { type BenchSender, createSender } from './bench-sender.js';
import type { BenchFlags } from './bench-spec.js';
import { inputsOfModel, readTarget } from './bench-target.js';
import { summarizeLatencies } from './latency-summary.js';
import { closedLoop, type LoadLimits, type LoadResult, openLoop } from './load-loop.js';
import { type OwnServer, startOwnServer } from './own-server.js';
import { processCpuSeconds } from './process-usage.js';

/**
 * Returns the exit code: 0, or 1 with the reason on stderr. Requests that fail are a result, unless all of them do. A server of its own ends
 * with the command, also when `signal` ends it.
 */
export async function bench(source: string, flags: BenchFlags, output: Output, signal?: AbortSignal): Promise<number> {
  let own: OwnServer | undefined;
  let sender: BenchSender | undefined;
  try {
    checkFlags(flags);
    if (!/^https?:\/\//i.test(source)) own = await startOwnServer(source, [`--engine=${flags.engine}`], signal);
    const api = flags.protocol === 'rest' || flags.protocol === '' ? 'v1' : 'v2';
    const url = own === undefined ? source : `${own.restOrigin}/${api}/models/${encodeURIComponent(own.model)}`;
    const read = readTarget(url, flags.protocol);
    const isOwnGrpc = own !== undefined && read.protocol === 'grpc';
    const place = isOwnGrpc ? { ...read, origin: own!.grpcOrigin } : read;
    const signatureName = flags.signature_name;
    const bodies = flags.data === '' ? undefined : readBodies(await readText(flags.data), flags.data);
    const requests = bodies ?? [
      { signatureName, inputs: await inputsOfModel(place, signatureName, Math.max(flags.rows, 1)) },
    ];
    sender = await createSender(place, requests, flags.connections);
    const report = await measure(
      sender,
      place.model,
      read.protocol,
      flags,
      own?.pid ?? (flags.pid || undefined),
      signal,
    );
    output.stdout.write(flags.json ? `${JSON.stringify(report)}\n` : benchTable(report));
    return report.requests > 0 && report.failures === report.requests ? 1 : 0;
  } catch (error) {
    const { code, message } = ServingError.from(error);
    output.stderr.write(`serving bench: ${code}: ${printableLine(message)}\n`);
    return 1;
  } finally {
    sender?.close();
    await own?.close();
  }
}

/** Its timers keep the process alive, since idle connections do not. */
const clock: Clock = {
  ...systemClock,
  setTimer(callback, delayMs) {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};

function checkFlags({ connections, rate, seconds }: BenchFlags): void {
  if (connections < 1) throw ServingError.invalidArgument(`--connections must be at least 1 (got ${connections})`);
  if (rate < 0) throw ServingError.invalidArgument(`--rate must be at least 0 (got ${rate})`);
  if (seconds <= 0) throw ServingError.invalidArgument(`--seconds must be more than 0 (got ${seconds})`);
}

async function measure(
  { send, bytes }: BenchSender,
  model: string,
  protocol: string,
  flags: BenchFlags,
  pid: number | undefined,
  signal: AbortSignal | undefined,
): Promise<BenchReport> {
  const { connections, rate, seconds, warmup_seconds: warmup } = flags;
  const run = (limits: LoadLimits): Promise<LoadResult> =>
    rate > 0
      ? openLoop(send, rate, { ...limits, signal }, clock)
      : closedLoop(send, connections, { ...limits, signal }, clock);
  if (warmup > 0) await run({ milliseconds: warmup * 1000, requests: Number.POSITIVE_INFINITY });
  const server = pid === undefined ? undefined : await processCpuSeconds(pid);
  const before = process.cpuUsage();
  const requests = flags.requests > 0 ? flags.requests : Number.POSITIVE_INFINITY;
  const { latencies, failures, firstError, elapsedMs } = await run({ milliseconds: seconds * 1000, requests });
  const { user, system } = process.cpuUsage(before);
  const serverAfter = server === undefined ? undefined : await processCpuSeconds(pid!);
  const sent = latencies.length + failures;
  return {
    model,
    protocol,
    ...(bytes !== undefined && { requestBytes: bytes }),
    loop: rate > 0 ? { requestsPerSecond: rate } : { connections },
    seconds: elapsedMs / 1000,
    requests: sent,
    failures,
    ...(firstError !== undefined && { firstError: printableLine(ServingError.from(firstError).message).slice(0, 500) }),
    requestsPerSecond: elapsedMs === 0 ? 0 : (latencies.length * 1000) / elapsedMs,
    latencyMs: summarizeLatencies(latencies),
    cpuMicrosPerRequest: {
      generator: (user + system) / Math.max(sent, 1),
      ...(serverAfter !== undefined && { server: ((serverAfter - server!) * 1e6) / Math.max(sent, 1) }),
    },
  };
}
