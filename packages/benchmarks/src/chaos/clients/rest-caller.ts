/** Callers over HTTP. */
import { Agent, type IncomingMessage, request } from 'node:http';
import type { Caller, Outcome } from './caller-loops.js';

/** Codes by HTTP's numbers, as far as a predict request can fail. */
const CODES: Readonly<Record<number, string>> = {
  400: 'INVALID_ARGUMENT',
  404: 'NOT_FOUND',
  429: 'RESOURCE_EXHAUSTED',
  503: 'UNAVAILABLE',
  504: 'DEADLINE_EXCEEDED',
};

/** Keeps connections, but for those that it resets in the midst of a request or an answer. */
export function restCaller(port: number): Caller & { close(): void } {
  const agent = new Agent({ keepAlive: true });
  return {
    name: 'REST',
    count: 2,
    ask(model, x, leaveAfterMs) {
      const body = Buffer.from(JSON.stringify({ inputs: Array.from(x) }));
      return new Promise((resolve) => {
        let outcome: Outcome | undefined;
        const settle = (value: Outcome): void => {
          if (outcome?.kind === 'left') return;
          const isSecond = outcome !== undefined;
          outcome = isSecond ? { kind: 'failed', code: 'ANSWERED_TWICE', message: JSON.stringify(value) } : value;
          resolve(outcome);
        };
        const sent = request({
          agent,
          port,
          host: '127.0.0.1',
          method: 'POST',
          path: `/v1/models/${model}:predict`,
          headers: { 'content-type': 'application/json', 'content-length': body.length },
        });
        sent.on('response', (response) => readAnswer(response).then(settle, (error) => settle(lost(error))));
        sent.on('error', (error) => settle(lost(error)));
        if (leaveAfterMs === undefined) {
          sent.end(body);
          return;
        }
        // Half of those that leave have not sent all of it.
        if (leaveAfterMs % 2 < 1) sent.write(body.subarray(0, body.length >> 1));
        else sent.end(body);
        setTimeout(() => {
          if (outcome === undefined) settle({ kind: 'left' });
          sent.destroy();
        }, leaveAfterMs);
      });
    },
    close: () => agent.destroy(),
  };
}

async function readAnswer(response: IncomingMessage): Promise<Outcome> {
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += chunk;
  const { outputs, error } = JSON.parse(text) as { outputs?: number[]; error?: string };
  if (outputs !== undefined && response.statusCode === 200) return { kind: 'answered', y: outputs };
  const status = response.statusCode ?? 0;
  return { kind: 'failed', code: CODES[status] ?? `HTTP ${status}`, message: error ?? text };
}

function lost(error: unknown): Outcome {
  return { kind: 'failed', code: 'CONNECTION', message: String(error) };
}
