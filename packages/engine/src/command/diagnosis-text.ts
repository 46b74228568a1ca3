/** What `serving-engine doctor` prints. */
import type { Diagnosis } from '../library/diagnose.js';

/** A few lines, the verdict last. */
export function diagnosisText(diagnosis: Diagnosis, program: string): string {
  const { library } = diagnosis;
  const rows: (readonly [title: string, value: string])[] = [
    ['Node', `${diagnosis.nodeVersion} (${diagnosis.platform} ${diagnosis.arch})`],
    ['koffi', diagnosis.koffiVersion],
    ['Cache folder', diagnosis.cacheDirectory],
    ...diagnosis.tried.map(({ source, outcome }, i) => [i === 0 ? 'Looked at' : '', `${source}: ${outcome}`] as const),
  ];
  if (library) rows.push(['Library', `${library.path} (${library.source})`]);
  if (library?.version !== undefined) rows.push(['Version', library.version]);
  if (library?.devices) rows.push(['Devices', library.devices.join(', ')]);
  if (library?.error !== undefined) rows.push(['Error', library.error]);
  const table = rows.map(([title, value]) => `${title.padEnd(14)}${value}\n`).join('');
  return `${table}\n${verdict(diagnosis, program)}\n`;
}

function verdict({ library }: Diagnosis, program: string): string {
  if (!library) return `TensorFlow's library was not found. \`npx ${program} install\` brings it.`;
  if (library.version === undefined) {
    return 'The library that was found does not load. Remove it, or name another by TENSORFLOW_LIBRARY_PATH.';
  }
  return 'All is well.';
}
