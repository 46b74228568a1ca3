/** Pictures that can't be decoded, among those of other clients, at a model whose requests are batched. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { Agent, type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { fixtureBasePath } from '../fixtures.js';
import { cpuSeconds, startServer } from '../measured-server.js';
import type { Attack } from './attack.js';

const CONNECTIONS = 64;
const REQUESTS = 12_000;
const WARM_UP = 3000;
/** Of every so many requests one is bad. */
const PERIODS = { rare: 128, few: 32, many: 8, half: 2, all: 1 };

/** What became of one kind of flood. */
interface Flood {
  readonly good: number;
  readonly goodFailed: number;
  /** Bad requests that did not get 400 with the message of their own run. */
  readonly badUnblamed: number;
  /** Answers that quote another request's error. */
  readonly leaked: number;
  readonly cpuMicros: number;
}

async function post(port: number, agent: Agent, body: string): Promise<{ status: number; text: string }> {
  const path = '/v1/models/digit_pictures:predict';
  const sent = request({ agent, port, host: '127.0.0.1', method: 'POST', path });
  sent.end(body);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += chunk;
  return { status: response.statusCode ?? 0, text };
}

/** Sends so many requests, every `period`th of them bad; 0 for none. */
async function flood(
  { child, port }: { readonly child: ChildProcess; readonly port: number },
  { good, bad }: { readonly good: string; readonly bad: string },
  period: number,
  count: number,
): Promise<Flood> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const before = await cpuSeconds(child);
  const seen = { good: 0, goodFailed: 0, badUnblamed: 0, leaked: 0 };
  let sent = 0;
  const send = async (): Promise<void> => {
    while (sent < count) {
      sent += 1;
      const isBad = period > 0 && sent % period === 0;
      const { status, text } = await post(port, agent, isBad ? bad : good);
      if (isBad) {
        if (status !== 400) seen.badUnblamed += 1;
      } else {
        seen.good += 1;
        if (status !== 200) seen.goodFailed += 1;
        if (text.includes('PNG')) seen.leaked += 1;
      }
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, send));
  agent.destroy();
  return { ...seen, cpuMicros: (1e6 * ((await cpuSeconds(child)) - before)) / count };
}

export const poisonedBatches: Attack = {
  name: 'poisoned-batches',
  description: 'Requests that fail their batch: one in 128, one in 32, one in 8, every other one and all of them',
  async run() {
    const picture = await readFile(join(fixtureBasePath('digit_pictures'), 'pictures', '0.png'));
    const body = (bytes: Uint8Array): string =>
      JSON.stringify({ instances: [{ b64: Buffer.from(bytes).toString('base64') }] });
    const bodies = { good: body(picture), bad: body(picture.subarray(0, 40)) };
    const server = await startServer('pictures');
    await flood(server, bodies, 0, WARM_UP);
    const none = await flood(server, bodies, 0, REQUESTS);
    const figures: Record<string, number> = { 'none.cpu-us': Math.round(none.cpuMicros) };
    let passed = none.goodFailed === 0;
    for (const [name, period] of Object.entries(PERIODS)) {
      const { good, goodFailed, badUnblamed, leaked, cpuMicros } = await flood(server, bodies, period, REQUESTS);
      figures[`${name}.good`] = good;
      figures[`${name}.good-failed`] = goodFailed;
      figures[`${name}.bad-unblamed`] = badUnblamed;
      figures[`${name}.leaked`] = leaked;
      figures[`${name}.cpu-us`] = Math.round(cpuMicros);
      passed &&= goodFailed === 0 && badUnblamed === 0 && leaked === 0;
    }
    server.child.disconnect();
    await once(server.child, 'exit');
    return { passed, figures };
  },
};
