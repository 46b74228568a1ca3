/**
 * `node packages/benchmarks/dist/isolation-trial.js [--deaths=1000] [--engine=onnx] [--victims=5] [--pause_ms=200]`: ends the processes of
 * some models so often, by signals and by their memory limit, under load on them and on two others. Exits with 1 when another model's
 * request failed, an answer was wrong, a process took more than two seconds after its back-off to answer again, or something is left over.
 * A thousand ends take about ten minutes on two cores.
 */
import { parseArgs } from 'node:util';
import { engineNames } from '@serving/engine';
import { runIsolationTrial } from './attacks/isolation-trial.js';

const MAX_RECOVERY_MS = 2000;

const { values } = parseArgs({
  options: {
    deaths: { type: 'string', default: '1000' },
    engine: { type: 'string', default: 'onnx' },
    victims: { type: 'string', default: '5' },
    pause_ms: { type: 'string', default: '200' },
  },
});
const engine = engineNames.find((name) => name === values.engine);
if (engine === undefined) throw new Error(`--engine must be one of ${engineNames.join(', ')}, got "${values.engine}"`);
const startedAt = performance.now();
const outcome = await runIsolationTrial({
  engine,
  deaths: Number(values.deaths),
  victims: Number(values.victims),
  pauseMs: Number(values.pause_ms),
});
console.log(outcome);
console.log(`${((performance.now() - startedAt) / 1000).toFixed(0)} s`);
const { victims, ...others } = outcome.requests;
const hasFailed = Object.values(others).some((outcomes) => Object.keys(outcomes).some((name) => name !== 'answered'));
const isSlow = outcome.recoveryMs.longest > MAX_RECOVERY_MS;
process.exitCode = hasFailed || isSlow || victims.wrong !== undefined || outcome.leftOver.length > 0 ? 1 : 0;
