/** Large bodies over HTTP, beside what an application would write by hand with `JSON.parse` around the same model. */
import type { Post } from '../load.js';
import { garbageRoom, type Measured, measureServer, median } from '../measured-server.js';
import { binaryBodies, floatsOf, jsonBody } from '../predict-bodies.js';
import type { Table } from '../report.js';

/** By connections: requests that are in flight at the end have cost time too, and of many connections those are many. */
const SECONDS: ReadonlyMap<number, number> = new Map([
  [4, 2],
  [64, 8],
]);
const ROUNDS = 3;
const WARM_UP_SECONDS = 1;
const IMAGE = [1, 224, 224, 3];

interface Workload {
  readonly name: string;
  readonly model: string;
  readonly input: string;
  readonly shape: readonly number[];
  readonly digits: number;
  /** Whether to send the values in other forms than JSON too, where digits make no difference. */
  readonly binary: boolean;
  /** Absent: every number of them. */
  readonly connections?: number;
}

const WORKLOADS: readonly Workload[] = [
  {
    name: 'image, 224×224×3 floats of 6 digits',
    model: 'image',
    input: 'image',
    shape: IMAGE,
    digits: 6,
    binary: true,
  },
  {
    name: 'image, 224×224×3 floats of 17 digits',
    model: 'image',
    input: 'image',
    shape: IMAGE,
    digits: 17,
    binary: false,
  },
  {
    name: '64×1000 floats in and out',
    model: 'echo',
    input: 'x',
    shape: [64, 1000],
    digits: 6,
    binary: true,
    connections: 4,
  },
];

interface Contestant {
  readonly name: string;
  readonly kind: string;
  readonly post: Post;
}

function contestantsOf({ input, shape, digits, binary }: Workload): Contestant[] {
  const values = floatsOf(shape, digits);
  const json = jsonBody(values, shape);
  const others = binary ? [...binaryBodies(input, values, shape)] : [];
  return [
    { name: '`JSON.parse` and `server.predict`', kind: 'json', post: json },
    { name: '`createNodeHandler`', kind: 'predict', post: json },
    ...others.map(([form, post]) => ({ name: `\`createNodeHandler\`, ${form}`, kind: 'predict', post })),
  ];
}

export async function measureHttpBodies(): Promise<Table> {
  const rows: string[][] = [];
  let generator = '';
  for (const workload of WORKLOADS) {
    const contestants = contestantsOf(workload);
    for (const [connections, seconds] of SECONDS) {
      if (workload.connections !== undefined && workload.connections !== connections) continue;
      const measured = contestants.map((): Measured[] => []);
      for (let round = 0; round < ROUNDS; round++) {
        for (const [i, { kind, post }] of contestants.entries()) {
          const path = `/v1/models/${workload.model}:predict`;
          measured[i]!.push(await measureServer(kind, path, post, connections, seconds, WARM_UP_SECONDS));
        }
      }
      generator = measured[0]![0]!.generator;
      const rates = measured.map((rounds) => median(rounds.map((round) => round.requestsPerSecond)));
      for (const [i, { name, post }] of contestants.entries()) {
        const millis = median(measured[i]!.map((round) => round.cpuSecondsPerRequest)) * 1e3;
        const ratio = rates[0]! > 0 ? `${(rates[i]! / rates[0]!).toFixed(1)} ×` : '';
        const size = `${(post.body.length / 1e6).toFixed(1)} MB`;
        rows.push([
          workload.name,
          size,
          name,
          String(connections),
          rates[i]!.toFixed(0),
          ratio,
          Number.isFinite(millis) ? millis.toFixed(2) : '',
        ]);
      }
    }
  }
  return {
    title: 'Over HTTP: large bodies',
    how: `Keep-alive connections from ${generator} on the same machine, ${[...SECONDS.values()].join(' s or ')} s after a warm-up, median of ${ROUNDS} rounds taken in turn. Servers run with \`node ${garbageRoom}\`.`,
    headline: headlineOf(rows),
    columns: ['request', 'body', 'server', 'connections', 'requests/s', 'to `JSON.parse`', 'CPU ms per request'],
    rows,
  };
}

/** Of the first workload at the last number of connections. */
function headlineOf(rows: readonly (readonly string[])[]): string {
  const connections = String([...SECONDS.keys()].at(-1));
  const own = rows.filter(([name, , , at]) => name === WORKLOADS[0]!.name && at === connections);
  const [parsed, json, raw] = own.map((row) => Number(row[4]).toLocaleString('en'));
  return `an image of 224×224×3 floats, ${own[0]![1]} of JSON, is answered ${json} times a second, where \`JSON.parse\` in front leaves ${parsed}; as raw bytes ${raw} times`;
}
