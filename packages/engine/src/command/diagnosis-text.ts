/** What `serving-engine doctor` prints. */
import type { Diagnosis, EngineDiagnosis } from '../library/diagnose.js';
import { nativeLibraries } from '../library/native-library.js';

type Row = readonly [title: string, value: string];

/** The machine, then a paragraph for each engine, its verdict last. */
export function diagnosisText(diagnosis: Diagnosis, program: string): string {
  const machine: readonly Row[] = [
    ['Node', `${diagnosis.nodeVersion} (${diagnosis.platform} ${diagnosis.arch})`],
    ['koffi', diagnosis.koffiVersion],
    ['Cache folder', diagnosis.cacheDirectory],
  ];
  const engines = diagnosis.engines.map(
    (engine) => `\nEngine ${engine.engine}\n${table(engineRows(engine))}${verdict(engine, program)}\n`,
  );
  return `${table(machine)}${engines.join('')}`;
}

function engineRows({ tried, library }: EngineDiagnosis): Row[] {
  const rows: Row[] = tried.map(({ source, outcome }, i) => [i === 0 ? 'Searched' : '', `${source}: ${outcome}`]);
  if (library) rows.push(['Library', `${library.path} (${library.source})`]);
  if (library?.version !== undefined) rows.push(['Version', library.version]);
  if (library?.devices) rows.push(['Devices', library.devices.join(', ')]);
  if (library?.error !== undefined) rows.push(['Error', library.error]);
  return rows;
}

function table(rows: readonly Row[]): string {
  return rows.map(([title, value]) => `${title.padEnd(14)}${value}\n`).join('');
}

function verdict({ engine, library }: EngineDiagnosis, program: string): string {
  const { title, installCommand, variable } = nativeLibraries[engine];
  if (!library) return `${title} was not found. \`npx ${program} ${installCommand}\` brings it.`;
  if (library.version === undefined) {
    return `The library that was found does not load. Remove it, or name another by ${variable}.`;
  }
  return 'Ready.';
}
