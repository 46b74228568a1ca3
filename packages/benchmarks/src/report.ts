/** Tables of measured figures: in the terminal, in docs/reference/benchmarks.md, and what README says of them. */
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';

/** Figures taken side by side in one run. */
export interface Table {
  readonly title: string;
  /** How it was measured, in a sentence or two. */
  readonly how: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** An item of README's figures, without the mark at its end. Absent: none. */
  readonly headline?: string;
}

/** A measurement of a run. */
export interface MeasuredTable {
  /** What `pnpm bench NAME` calls it. */
  readonly name: string;
  readonly table: Table;
  readonly seconds: number;
}

function markdown({ title, how, columns, rows }: Omit<Table, 'headline'>): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [`## ${title}`, '', how, '', line(columns), line(columns.map(() => '---')), ...rows.map(line), ''].join('\n');
}

export function printTable(table: Table): void {
  console.log(`\n${markdown(table)}`);
}

const page = new URL('../../../docs/reference/benchmarks.md', import.meta.url);
const readme = new URL('../../../README.md', import.meta.url);

/** Writes the page that holds every table of a full run, whose links to other pages stay, and the figures of README. */
export function writeReport(measured: readonly MeasuredTable[]): void {
  writeFileSync(page, pageText(measured, readFileSync(page, 'utf8')));
  writeFileSync(readme, withHeadlines(readFileSync(readme, 'utf8'), measured));
}

/** @param before the page so far, of which the links at the end stay */
export function pageText(measured: readonly MeasuredTable[], before: string): string {
  const links = /\n---\n\n.*\n$/.exec(before)?.[0] ?? '';
  return [...head(), ...measured.map(({ table }) => markdown(table)), markdown(durations(measured))].join('\n') + links;
}

/**
 * Returns README with the headlines between its markers.
 *
 * @throws Error for a text without the markers
 */
export function withHeadlines(text: string, measured: readonly MeasuredTable[]): string {
  const lines = measured.flatMap(({ table: { headline } }) => (headline === undefined ? [] : [headline]));
  const list = lines.map((line, i) => `- ${line}${i === lines.length - 1 ? '.' : ';'}`);
  const [begin, end] = ['<!-- figures: pnpm bench writes them -->', '<!-- end of figures -->'];
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  if (from < 0 || to < from) throw new Error(`README.md must have "${begin}" and "${end}"`);
  return `${text.slice(0, from + begin.length)}\n${list.join('\n')}\n${text.slice(to)}`;
}

function head(): string[] {
  const [cpu] = cpus();
  return [
    '# Benchmarks',
    '',
    `Node ${process.version}, ${cpus().length} × ${cpu?.model ?? 'unknown processor'}, the load generator on the same machine. One run of \`pnpm bench\` wrote all tables.`,
    '',
    '## How to read them',
    '',
    '- Contestants of a table are measured in turn, in several rounds, so that all see the same machine. Read the ratios within a table; single figures are of this machine and its other programs.',
    '- The load generator runs on the same processors and takes its share of them. Requests a second are lower than with clients elsewhere; processor time for a request (CPU) is the',
    "  server's alone, and compares best.",
    '- A closed loop sends the next request of a connection after the answer to the one before; its percentiles hide waits. An open loop sends at a rate and counts from when a request was due.',
    '',
    '## How to run them',
    '',
    '```sh',
    'npx -y pnpm@12 bench              # everything; writes this page and the figures of README',
    'npx -y pnpm@12 bench http grpc    # some, printed',
    'npx serving bench /models/digits  # a model of yours, or one on any server',
    'npx serving tune /models/digits   # in which configuration it does best',
    '```',
    '',
    'Nothing else may run meanwhile. `wrk` sends the requests where it is installed, autocannon elsewhere. The models of `packages/benchmarks/models/make_models.py` are measured where they were made',
    '(`SERVING_BENCH_MODELS` is their folder). [Measurements of your models](command-line.md#benchmarks-of-your-models) need nothing but `@serving/cli`.',
    '',
  ];
}

function durations(measured: readonly MeasuredTable[]): Omit<Table, 'headline'> {
  const total = measured.reduce((sum, { seconds }) => sum + seconds, 0);
  return {
    title: 'How long each measurement takes',
    how: 'Those of this run, by the names that `pnpm bench` takes.',
    columns: ['name', 'measurement', 'seconds'],
    rows: [
      ...measured.map(({ name, table, seconds }) => [`\`${name}\``, table.title, seconds.toFixed(0)]),
      ['', 'all', total.toFixed(0)],
    ],
  };
}
