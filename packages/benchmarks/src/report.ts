/** Tables of measured figures, in the terminal and in docs/benchmarks.md. */
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';

/** Figures taken side by side in one run. */
export interface Table {
  readonly title: string;
  /** How it was measured, in a sentence or two. */
  readonly how: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

function markdown({ title, how, columns, rows }: Table): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [`## ${title}`, '', how, '', line(columns), line(columns.map(() => '---')), ...rows.map(line), ''].join('\n');
}

export function printTable(table: Table): void {
  console.log(`\n${markdown(table)}`);
}

/** Writes the page that holds every table of a full run. */
export function writeReport(tables: readonly Table[]): void {
  const [cpu] = cpus();
  const head = [
    '# Benchmarks',
    '',
    'Written by `npx -y pnpm@12 bench`; run it on your own machine. Read the ratios within a table, which come from one run side by',
    'side, rather than single figures.',
    '',
    `Node ${process.version}, ${cpus().length} × ${cpu?.model ?? 'unknown processor'}, the load generator on the same machine.`,
    '',
  ];
  writeFileSync(new URL('../../../docs/benchmarks.md', import.meta.url), [...head, ...tables.map(markdown)].join('\n'));
}
