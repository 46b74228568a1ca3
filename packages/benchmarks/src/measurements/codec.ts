/** The JSON codec beside what an application would write without it: `JSON.parse` and flatten, `JSON.stringify` of arrays. */

import type { Table } from '../report.js';
import { type CodecContest, decodeContests } from './codec-decoding.js';
import { encodeContests } from './codec-encoding.js';

const ROUNDS = 15;
/** Bytes that a contestant reads or writes in one round. */
const ROUND_BYTES = 6_000_000;

/** Nanoseconds per call of both in the best of several rounds, taken in turn so that both see the same machine. */
function bestOf({ bytes, codec, json }: CodecContest): { codecNanos: number; jsonNanos: number } {
  const calls = Math.min(10_000, Math.max(1, Math.round(ROUND_BYTES / bytes)));
  const best = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let round = 0; round < ROUNDS; round++) {
    for (const [i, call] of [codec, json].entries()) {
      const start = process.hrtime.bigint();
      for (let n = 0; n < calls; n++) call();
      best[i] = Math.min(best[i]!, Number(process.hrtime.bigint() - start) / calls);
    }
  }
  return { codecNanos: best[0]!, jsonNanos: best[1]! };
}

const size = (bytes: number): string => (bytes < 1000 ? `${bytes} B` : `${(bytes / 1000).toFixed(0)} kB`);
const time = (nanos: number): string =>
  nanos < 1e6 ? `${(nanos / 1e3).toFixed(2)} µs` : `${(nanos / 1e6).toFixed(2)} ms`;

function row(contest: CodecContest): string[] {
  const { codecNanos, jsonNanos } = bestOf(contest);
  return [
    contest.name,
    size(contest.bytes),
    time(codecNanos),
    ((contest.bytes / codecNanos) * 1000).toFixed(0),
    ((contest.bytes / jsonNanos) * 1000).toFixed(0),
    `${(jsonNanos / codecNanos).toFixed(1)} ×`,
  ];
}

export async function measureCodec(): Promise<Table> {
  return {
    title: 'JSON to tensors and back',
    how: [
      'Bodies of predict requests to typed arrays, against `JSON.parse` and a loop that flattens; typed arrays to bodies of',
      `responses, against \`JSON.stringify(Array.from(…))\`. One thread, best of ${ROUNDS} rounds taken in turn.`,
    ].join(' '),
    columns: ['work', 'text', 'codec', 'codec, MB/s', 'JSON, MB/s', 'codec is faster'],
    rows: [...decodeContests(), ...encodeContests()].map(row),
  };
}
