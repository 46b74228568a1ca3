/** The program of a client process. Its argument: {@link ClientOptions} as JSON. */
import { CallerLoops } from './caller-loops.js';
import type { ClientOptions, FromClients, ToClients } from './client-messages.js';
import { grpcCaller } from './grpc-caller.js';
import { restCaller } from './rest-caller.js';

const REPORT_MS = 200;

const { restPort, grpcPort, models, seed } = JSON.parse(process.argv[2]!) as ClientOptions;
const send = (message: FromClients): void => void process.send?.(message);
const loops = new CallerLoops(seed, (failed) => send({ kind: 'failed', failed }));
const callers = [restCaller(restPort), grpcCaller(grpcPort)];
loops.start(models, callers);
const reports = setInterval(() => send({ kind: 'counts', counts: loops.counts }), REPORT_MS);

process.on('message', (message: ToClients) => {
  if (message.kind === 'pause') loops.setPaused(message.model, message.isPaused);
  else void stop();
});
// A server that is gone needs no clients.
process.on('disconnect', () => process.exit(1));

async function stop(): Promise<void> {
  await loops.stop();
  clearInterval(reports);
  for (const caller of callers) caller.close();
  process.send!({ kind: 'counts', counts: loops.counts } satisfies FromClients, () => process.exit(0));
}
