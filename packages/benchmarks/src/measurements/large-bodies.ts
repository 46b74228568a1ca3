/** What many connections add to the cost of a large JSON body. */
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { postLoad } from '../load.js';
import { cpuSeconds, garbageRoom, median, startServer } from '../measured-server.js';
import { floatsOf, jsonBody } from '../predict-bodies.js';
import type { Table } from '../report.js';

const SHAPE = [1, 224, 224, 3];
const DIGITS = 17;
const FEW = 4;
const MANY = 64;
const SECONDS = 6;
const WARM_UP_SECONDS = 2;
const ROUNDS = 5;
const PATH = '/v1/models/image:predict';

/** With `BASE_TREE=/path` also another built copy of this repository. */
export async function measureLargeBodies(): Promise<Table> {
  const own = fileURLToPath(new URL('../http-server.js', import.meta.url));
  const base = process.env.BASE_TREE;
  const trees = [
    ...(base === undefined ? [] : [{ name: 'base', script: `${base}/packages/benchmarks/dist/http-server.js` }]),
    { name: '`createNodeHandler`', script: own },
  ];
  const post = jsonBody(floatsOf(SHAPE, DIGITS), SHAPE);
  const rows: string[][] = [];
  for (const { name, script } of trees) {
    const { child, port } = await startServer('predict', script);
    const url = `http://127.0.0.1:${port}${PATH}`;
    await postLoad(url, post, MANY, WARM_UP_SECONDS);
    const costs = new Map<number, number[]>([
      [FEW, []],
      [MANY, []],
    ]);
    const rates = new Map<number, number[]>([
      [FEW, []],
      [MANY, []],
    ]);
    for (let round = 0; round < ROUNDS; round++) {
      for (const connections of round % 2 === 0 ? [FEW, MANY] : [MANY, FEW]) {
        const before = await cpuSeconds(child);
        const { requestsPerSecond, non2xx } = await postLoad(url, post, connections, SECONDS);
        if (non2xx > 0) throw new Error(`${non2xx} requests failed`);
        const used = (await cpuSeconds(child)) - before;
        costs.get(connections)!.push((1e3 * used) / (requestsPerSecond * SECONDS));
        rates.get(connections)!.push(requestsPerSecond);
      }
    }
    child.disconnect();
    await once(child, 'exit');
    const few = median(costs.get(FEW)!);
    for (const connections of [FEW, MANY]) {
      const millis = median(costs.get(connections)!);
      const rate = median(rates.get(connections)!).toFixed(0);
      rows.push([name, String(connections), rate, millis.toFixed(2), `${(millis / few).toFixed(2)} ×`]);
    }
  }
  return {
    title: 'Over HTTP: many connections with large JSON bodies',
    how:
      `224×224×3 floats of ${DIGITS} digits, ${(post.body.length / 1e6).toFixed(1)} MB, over keep-alive connections on the same machine: ${SECONDS} s in turn with ${FEW} and ` +
      `with ${MANY}, to one server, median of ${ROUNDS} rounds. Requests in flight at the end have cost time, too. Servers run with \`node ${garbageRoom}\`.`,
    columns: ['server', 'connections', 'requests/s', 'CPU ms per request', 'to few'],
    rows,
  };
}
