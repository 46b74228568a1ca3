/** `node packages/benchmarks/dist/attacks/main.js [name …]`: runs the attacks named (all by default), one after the other. */
import type { Attack } from './attack.js';
import { closedStderr } from './closed-stderr.js';
import { grpcDrain } from './grpc/grpc-drain.js';
import { grpcFewDescriptors } from './grpc/grpc-few-descriptors.js';
import { grpcFraming } from './grpc/grpc-framing.js';
import { grpcInflation } from './grpc/grpc-inflation.js';
import { grpcMutatedSessions } from './grpc/grpc-mutated-sessions.js';
import { hostileNames } from './hostile-names.js';
import { hotSwaps } from './hot-swaps.js';
import { hostileJson } from './http/hostile-json.js';
import { httpDrain } from './http/http-drain.js';
import { httpFewDescriptors } from './http/http-few-descriptors.js';
import { httpFraming } from './http/http-framing.js';
import { httpHalfClosed } from './http/http-half-closed.js';
import { httpResets } from './http/http-resets.js';
import { httpUnread } from './http/http-unread.js';
import { nginxReplicas } from './nginx-replicas.js';
import { poisonedBatches } from './poisoned-batches.js';

const attacks: readonly Attack[] = [
  closedStderr,
  hostileJson,
  hostileNames,
  httpFraming,
  httpResets,
  httpHalfClosed,
  httpDrain,
  httpUnread,
  httpFewDescriptors,
  grpcFraming,
  grpcMutatedSessions,
  grpcInflation,
  grpcFewDescriptors,
  grpcDrain,
  nginxReplicas,
  hotSwaps,
  poisonedBatches,
];

const names = process.argv.slice(2);
const unknown = names.filter((name) => !attacks.some((attack) => attack.name === name));
if (unknown.length > 0) {
  console.error(`Unknown attack: ${unknown.join(', ')}. Attacks:`);
  for (const { name, description } of attacks) console.error(`  ${name}: ${description}`);
  process.exit(2);
}
let failed = 0;
for (const attack of attacks) {
  if (names.length > 0 && !names.includes(attack.name)) continue;
  const { passed, figures } = await attack.run();
  if (!passed) failed += 1;
  const shown = Object.entries(figures).map(([name, value]) => `${name}=${value}`);
  console.log(`${passed ? 'passed' : 'FAILED'} ${attack.name} ${shown.join(' ')}`);
}
process.exitCode = failed === 0 ? 0 : 1;
