/** The processor time and the memory of other processes, as Linux counts them. */
import { readFile } from 'node:fs/promises';

/** What `getconf CLK_TCK` is on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

/** Seconds that a process has used so far, with all of its threads; `undefined` where the system does not have `/proc`, or no such process. */
export async function processCpuSeconds(pid: number): Promise<number | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  // The name of the program, which may hold blanks, stands in parentheses.
  const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ');
  if (fields === undefined) return undefined;
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** Bytes of memory that a process holds, mapped files among them; `undefined` as for {@link processCpuSeconds}. */
export async function processResidentBytes(pid: number): Promise<number | undefined> {
  const text = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => undefined);
  const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(text ?? '')?.[1];
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
}
