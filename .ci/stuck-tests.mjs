/**
 * Reporter of Vitest that ends a test file whose process no longer answers. A loop without an end, or a native call that waits forever,
 * also keeps the file's own timeouts from firing, so that the run would wait in silence. Prints the file, its test and what each thread
 * of its process does; Vitest then reports the process as ended and goes on with the other files.
 */
import { readdirSync, readFileSync } from 'node:fs';

/** Longer than any test of the suite may take. */
const SILENCE_MS = Number(process.env.STUCK_AFTER_MS ?? 5 * 60_000);
const CHECK_MS = SILENCE_MS / 30;
/** Of the times in /proc, on every platform that Node runs on. */
const TICKS_PER_SECOND = 100;

export default class StuckTests {
  /** By file: the test that ran last, and since when. */
  #running = new Map();
  /** Results of tests may be reported after the end of their file. */
  #ended = new Set();
  #timer;

  onTestRunStart() {
    this.#timer = setInterval(() => this.#check(), CHECK_MS).unref();
  }

  onTestModuleQueued(file) {
    this.#note(file, '(imports)');
  }

  onTestCaseReady(test) {
    this.#note(test.module, test.fullName);
  }

  onTestCaseResult(test) {
    this.#note(test.module, `after ${test.fullName}`);
  }

  onTestModuleEnd(file) {
    this.#running.delete(file.moduleId);
    this.#ended.add(file.moduleId);
  }

  onTestRunEnd() {
    clearInterval(this.#timer);
  }

  #note(file, test) {
    if (!this.#ended.has(file.moduleId)) this.#running.set(file.moduleId, { test, since: performance.now() });
  }

  #check() {
    const latest = performance.now() - SILENCE_MS;
    const stuck = [...this.#running].filter(([, { since }]) => since < latest);
    if (stuck.length === 0) return;
    const processes = testProcesses(SILENCE_MS);
    for (const [file, { test }] of stuck) console.error(`Stuck for ${SILENCE_MS / 1_000} s: ${file}: ${test}`);
    for (const pid of processes) {
      console.error(`Threads of process ${pid}:\n${threadsOf(pid)}`);
      process.kill(pid, 'SIGKILL');
    }
    for (const [file] of stuck) this.#running.delete(file);
  }
}

/**
 * Ids of Vitest's processes for test files that are as old as `milliseconds` or older; none on systems without /proc. Most files have a
 * process of their own and take less time, so these are the stuck ones, or one that many files share.
 */
function testProcesses(milliseconds) {
  const children = readAll(`/proc/self/task`, (task) => `/proc/self/task/${task}/children`).flatMap((ids) =>
    ids.split(' '),
  );
  const latestStart = (Number(read('/proc/uptime').split(' ')[0]) - milliseconds / 1_000) * TICKS_PER_SECOND;
  return children
    .filter((pid) => pid !== '' && read(`/proc/${pid}/cmdline`).includes('workers/forks.js'))
    .filter((pid) => Number(read(`/proc/${pid}/stat`).split(') ').at(-1).split(' ')[19]) <= latestStart)
    .map(Number);
}

/** A line a thread: name, state (R runs, S sleeps), processor time in ticks, the system call it is in, and what it waits for. */
function threadsOf(pid) {
  const folder = `/proc/${pid}/task`;
  const lines = readAll(folder, (task) => `${folder}/${task}/stat`).map((stat) => {
    const [start, fields] = [stat.slice(0, stat.lastIndexOf(')')), stat.slice(stat.lastIndexOf(')') + 2).split(' ')];
    const task = start.slice(0, start.indexOf(' '));
    const [call] = read(`${folder}/${task}/syscall`).split(' ');
    const name = start.slice(start.indexOf('(') + 1);
    return `  ${name} ${fields[0]} ${fields[11]}+${fields[12]} syscall ${call.trim()} ${read(`${folder}/${task}/wchan`)}`;
  });
  return lines.join('\n');
}

function readAll(folder, path) {
  try {
    return readdirSync(folder).map((entry) => read(path(entry)));
  } catch {
    return [];
  }
}

/** '' for what ended meanwhile or may not be read. */
function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
