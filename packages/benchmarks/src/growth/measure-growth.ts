/** How cost grows: with threads, connections, models and bodies, each beside the step before. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { type Post, postLoad } from '../load.js';
import { cpuSeconds, garbageRoom, median, startServer } from '../measured-server.js';
import { floatsOf, jsonBody } from '../predict-bodies.js';
import type { Table } from '../report.js';

/** What a server is started with. */
export interface GrowingServer {
  readonly models: number;
  readonly threads: number;
}

interface Row {
  readonly at: string;
  readonly server: GrowingServer;
  readonly model: string;
  readonly body: Post;
  readonly connections: number;
  readonly seconds: number;
}

/** Rows that differ in one thing. */
interface Series {
  readonly title: string;
  readonly rows: readonly Row[];
}

interface Figures {
  readonly requestsPerSecond: number;
  readonly cpuMicros: number;
  readonly residentMegabytes: number;
}

const SECONDS = 2;
/** A request that is in flight at the end has cost time, too, and is a large part of few. */
const LONG_SECONDS = 5;
const WARM_UP_SECONDS = 1;
const ROUNDS = 3;
const IMAGE = [1, 224, 224, 3];
const small: Row = {
  at: '',
  server: { models: 1, threads: 1 },
  model: 'm0',
  body: { body: '{"instances": [1.0, 2.0, 5.0]}' },
  connections: 64,
  seconds: SECONDS,
};

export async function measureGrowth(): Promise<Table> {
  const rows: string[][] = [];
  let generator = '';
  for (const { title, rows: own } of series()) {
    const measured = await measureSeries(own);
    generator = measured.generator;
    rows.push(...measured.figures.map((figures, i) => [title, own[i]!.at, ...cells(figures, measured.figures[i - 1])]));
  }
  return {
    title: 'How cost grows',
    how:
      `Each row beside the row before, which differs in one thing. RestServer in a process of its own, with one thread, one model (and one for images) and 64 connections unless the row says otherwise; requests of three floats to half_plus_two. ` +
      `Keep-alive connections from ${generator} on the same machine, ${SECONDS} s (${LONG_SECONDS} s for bodies from 4 MB on) after a warm-up, medians of ${ROUNDS} rounds; the servers of a series are measured in turn, and those that wait poll their models every second. ` +
      `Processor time is that of the server. Servers run with \`node ${garbageRoom}\`.`,
    columns: ['', 'at', 'requests/s', 'to before', 'CPU µs per request', 'to before', 'resident MB', 'to before'],
    rows,
  };
}

/** Four threads where there are as many processors: more threads than processors show nothing. */
function series(): readonly Series[] {
  const threads = [1, 2, 4].filter((count) => count <= Math.max(availableParallelism(), 2));
  const image = jsonBody(floatsOf(IMAGE, 6), IMAGE);
  return [
    {
      title: 'threads, three floats',
      rows: threads.map((count) => ({ ...small, at: String(count), server: { models: 1, threads: count } })),
    },
    {
      title: `threads, an image of ${size(image.body.length)} in JSON, 8 connections`,
      rows: threads.map((count) => ({
        ...{ ...small, at: String(count), server: { models: 1, threads: count } },
        ...{ model: 'image', body: image, connections: 8 },
      })),
    },
    {
      title: 'connections',
      rows: [1, 8, 64, 512].map((connections) => ({ ...small, at: String(connections), connections })),
    },
    {
      title: 'models',
      rows: [1, 10, 100, 1000].map((models) => ({
        ...small,
        at: models.toLocaleString('en'),
        server: { models, threads: 1 },
        model: `m${models - 1}`,
      })),
    },
    {
      title: 'body, one connection',
      rows: [2 ** 10, 2 ** 14, 2 ** 18, 2 ** 22, 2 ** 24].map((bytes) => {
        const body = floats(bytes);
        return {
          ...small,
          at: size(body.body.length),
          body,
          connections: 1,
          seconds: bytes < 2 ** 22 ? SECONDS : LONG_SECONDS,
        };
      }),
    },
  ];
}

/** Measures the rows in turn. Rows with the same server share it. */
async function measureSeries(rows: readonly Row[]): Promise<{ generator: string; figures: Figures[] }> {
  const script = fileURLToPath(new URL('./growth-server.js', import.meta.url));
  const servers = new Map<string, { child: ChildProcess; port: number }>();
  const measured = rows.map((): Figures[] => []);
  let generator = '';
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [i, row] of rows.entries()) {
      const kind = JSON.stringify(row.server);
      if (!servers.has(kind)) servers.set(kind, await startServer(kind, script));
      const { child, port } = servers.get(kind)!;
      const url = `http://127.0.0.1:${port}/v1/models/${row.model}:predict`;
      // The first round warms up.
      const seconds = round === 0 ? WARM_UP_SECONDS : row.seconds;
      const before = await cpuSeconds(child);
      const load = await postLoad(url, row.body, row.connections, seconds);
      if (load.non2xx > 0) throw new Error(`${load.non2xx} requests to ${url} failed`);
      generator = load.generator;
      if (round === 0) continue;
      const { requestsPerSecond } = load;
      const cpuMicros = (1e6 * ((await cpuSeconds(child)) - before)) / (requestsPerSecond * seconds);
      measured[i]!.push({ requestsPerSecond, cpuMicros, residentMegabytes: (await residentBytes(child)) / 1e6 });
    }
  }
  for (const { child } of servers.values()) {
    child.disconnect();
    await once(child, 'exit');
  }
  const of = (rounds: readonly Figures[], name: keyof Figures): number => median(rounds.map((each) => each[name]));
  const figures = measured.map((rounds) => ({
    requestsPerSecond: of(rounds, 'requestsPerSecond'),
    cpuMicros: of(rounds, 'cpuMicros'),
    residentMegabytes: of(rounds, 'residentMegabytes'),
  }));
  return { generator, figures };
}

async function residentBytes(child: ChildProcess): Promise<number> {
  child.send('memory');
  const [message] = (await once(child, 'message')) as [{ residentBytes: number }];
  return message.residentBytes;
}

/** The figures, each with its ratio to the row before. */
function cells(own: Figures, before: Figures | undefined): string[] {
  const names = ['requestsPerSecond', 'cpuMicros', 'residentMegabytes'] as const;
  return names.flatMap((name) => {
    const digits = own[name] < 10 ? 1 : 0;
    const ratio = before === undefined ? '' : `${(own[name] / before[name]).toFixed(2)} ×`;
    return [own[name].toFixed(digits), ratio];
  });
}

/** A body of about so many bytes: floats of six digits. */
function floats(bytes: number): Post {
  const count = Math.max(1, Math.round((bytes - '{"instances":[]}'.length) / '0.123456,'.length));
  return jsonBody(floatsOf([count], 6), [count]);
}

function size(bytes: number): string {
  return bytes < 2 ** 20 ? `${Math.round(bytes / 2 ** 10)} KB` : `${Number((bytes / 2 ** 20).toFixed(1))} MB`;
}
