/** SIGTERM while clients keep asking on their connections and large answers are on their way. */
import { Agent, get, type IncomingMessage, request } from 'node:http';
import { fixtureBasePath } from '../../fixtures.js';
import type { Attack } from '../attack.js';
import { AttackedServer } from '../attacked-server.js';
import { pause } from './raw-connection.js';

const CLIENTS = 64;
const LARGE = 40;
/** 13 MB. */
const FLOATS = 3_250_000;

export const httpDrain: Attack = {
  name: 'http-drain',
  description: `SIGTERM under ${CLIENTS} keep-alive clients and ${LARGE} answers of 13 MB that are read slowly`,
  async run() {
    const server = await AttackedServer.start({ model: { name: 'm', basePath: fixtureBasePath('echo') } });
    const large = await Promise.all(Array.from({ length: LARGE }, () => askLarge(server.port)));
    const clients = Array.from({ length: CLIENTS }, () => new KeepAliveClient(server.port));
    const asked = clients.map((client) => client.run());
    await pause(1000);
    const started = performance.now();
    const exited = server.terminate(40_000);
    await pause(500);
    const whole = (await Promise.all(large.map(readSlowly))).filter((isWhole) => isWhole).length;
    const exit = await exited;
    const exitMs = Math.round(performance.now() - started);
    await Promise.all(asked);
    const sum = (of: (client: KeepAliveClient) => number): number =>
      clients.reduce((total, each) => total + of(each), 0);
    const lost = sum(({ lost }) => lost);
    return {
      passed: whole === LARGE && lost === 0 && exit === '0',
      figures: {
        answers: sum(({ answers }) => answers),
        saidClose: sum(({ closes }) => closes),
        lost,
        largeAnswers: LARGE,
        largeCut: LARGE - whole,
        exit,
        exitMs,
      },
    };
  },
};

/** Asks until the server takes no more connections. */
class KeepAliveClient {
  answers = 0;
  closes = 0;
  /** Requests on a connection that was taken, without an answer. */
  lost = 0;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  readonly #port: number;

  constructor(port: number) {
    this.#port = port;
  }

  async run(): Promise<void> {
    for (let isOpen = true; isOpen; ) isOpen = await this.#ask();
    this.#agent.destroy();
  }

  #ask(): Promise<boolean> {
    return new Promise((resolve) => {
      const asked = get({ port: this.#port, host: '127.0.0.1', path: '/v1/models/m', agent: this.#agent }, (answer) => {
        this.answers += 1;
        if (answer.headers.connection === 'close') this.closes += 1;
        answer.resume();
        answer.once('error', () => {
          this.lost += 1;
        });
        answer.once('close', () => setTimeout(() => resolve(true), 2));
      });
      asked.once('error', (error: NodeJS.ErrnoException) => {
        if (error.code !== 'ECONNREFUSED') this.lost += 1;
        resolve(error.code !== 'ECONNREFUSED' && this.lost < MOST_LOST);
      });
    });
  }
}

const MOST_LOST = 20;

/** An answer of which nothing has been read but its headers. */
function askLarge(port: number): Promise<IncomingMessage> {
  const body = Buffer.alloc(4 * FLOATS);
  const headers = {
    'content-type': 'application/octet-stream',
    'content-length': body.length,
    'serving-shape': `1,${FLOATS}`,
  };
  return new Promise((resolve, reject) => {
    const options = { port, host: '127.0.0.1', path: '/v1/models/m:predict', method: 'POST', headers, agent: false };
    request(options, resolve).once('error', reject).end(body);
  });
}

/** Resolves with whether all of it came. */
async function readSlowly(answer: IncomingMessage): Promise<boolean> {
  let length = 0;
  try {
    for await (const chunk of answer) {
      length += (chunk as Buffer).length;
      if (length % 16 === 0) await pause(1);
    }
  } catch {
    return false;
  }
  return length === 4 * FLOATS;
}
