/** Names that would add lines: a client asks for models that do not exist, and a model is configured under such a name. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fixtureBasePath } from '../fixtures.js';
import type { Attack, AttackReport } from './attack.js';
import { AttackedServer } from './attacked-server.js';

/** Each would begin a line with `forged`, or hide what follows. */
const NAMES = [
  'a\nforged{} 1',
  'a"} 1\nforged{x="',
  'a\\"\nforged 1',
  'a\u001b[2J',
  'a\u2028forged 1',
  'x'.repeat(4000),
];
/** A sample or a comment of Prometheus' text format. */
const LINE = /^(?:# .*|[a-zA-Z_:][\w:]*\{(?:\w+="(?:[^"\\\n]|\\["\\n])*",?)*\} \S+)$/;

export const hostileNames: Attack = {
  name: 'hostile-names',
  description:
    'asks for models whose names hold line feeds, quotes and escapes, then reads the metrics page and the log',
  async run() {
    const folder = mkdtempSync(join(tmpdir(), 'serving-attack-'));
    try {
      const monitoring = join(folder, 'monitoring.config');
      writeFileSync(monitoring, 'prometheus_config { enable: true path: "/metrics" }');
      const server = await AttackedServer.start({
        model: { name: 'm\nforged: a line', basePath: fixtureBasePath('half_plus_two') },
        flags: [`--monitoring_config_file=${monitoring}`],
      });
      return await attack(server);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

async function attack(server: AttackedServer): Promise<AttackReport> {
  const url = `http://127.0.0.1:${server.port}`;
  for (const name of NAMES) await fetch(`${url}/v1/models/${encodeURIComponent(name)}`);
  const page = await (await fetch(`${url}/metrics`)).text();
  const exit = await server.terminate(20_000);
  const metricLines = page.trimEnd().split('\n');
  const logLines = server.log.trimEnd().split('\n');
  const brokenMetricLines = metricLines.filter((line) => !LINE.test(line)).length;
  const brokenLogLines = logLines.filter((line) => !line.startsWith('tensorflow_model_server: ')).length;
  return {
    passed: brokenMetricLines === 0 && brokenLogLines === 0 && exit === '0',
    figures: {
      names: NAMES.length + 1,
      metricLines: metricLines.length,
      brokenMetricLines,
      pageBytes: page.length,
      logLines: logLines.length,
      brokenLogLines,
      exit,
    },
  };
}
