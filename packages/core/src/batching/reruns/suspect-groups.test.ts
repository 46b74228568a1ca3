import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SuspectGroups } from './suspect-groups.js';

interface Task {
  readonly name: string;
  readonly size: number;
}

/** One for each character, of sizes 1, 2, 3 and so on. */
function tasksOf(names: string): Task[] {
  return Array.from(names, (name, i) => ({ name, size: i + 1 }));
}

function namesOf(tasks: readonly Task[]): string {
  return tasks.map(({ name }) => name).join('');
}

function sizeOf(tasks: readonly Task[]): number {
  return tasks.reduce((sum, { size }) => sum + size, 0);
}

/** The groups that run, where these tasks fail, and whatever comes together with them. */
function search(tasks: string, failing: string, isWanted: (task: string) => boolean = () => true) {
  const groups = new SuspectGroups<Task>(({ name }) => isWanted(name));
  const runs: string[] = [];
  let failed = '';
  let left = sizeOf(tasksOf(tasks).filter(({ name }) => isWanted(name)));
  groups.split(tasksOf(tasks));
  for (let group = groups.next(); group; group = groups.next()) {
    const names = namesOf(group.tasks);
    runs.push(names);
    expect(group.size).toBe(sizeOf(group.tasks));
    expect(group.size + groups.waitingSize).toBeGreaterThanOrEqual(left);
    if (![...names].some((name) => failing.includes(name))) groups.onSucceeded();
    else if (names.length === 1) failed += names;
    else {
      groups.split(group.tasks);
      continue;
    }
    left -= group.size;
  }
  expect(groups.waitingSize).toBe(0);
  expect(left).toBe(0);
  return { runs, failed };
}

describe('SuspectGroups', () => {
  it.each([
    ['ab', 'a', ['a', 'b']],
    ['ab', 'b', ['a', 'b']],
    ['abc', 'c', ['ab', 'c']],
    ['abcdefgh', 'a', ['abcd', 'ab', 'a', 'b', 'cd', 'efgh']],
    ['abcdefgh', 'h', ['abcd', 'ef', 'g', 'h']],
    ['abcdefgh', 'ah', ['abcd', 'ab', 'a', 'b', 'cd', 'efgh', 'ef', 'g', 'h']],
    ['abcd', 'abcd', ['ab', 'a', 'b', 'cd', 'c', 'd']],
    // None fails alone: they failed for being together.
    ['abcd', '', ['ab', 'c', 'd']],
  ])('finds in %s those of %s by running %j', (tasks, failing, runs) => {
    expect(search(tasks, failing)).toEqual({ runs, failed: failing });
  });

  it('leaves out tasks that have been given up', () => {
    expect(search('abcdefgh', 'h', (task) => !'abcdh'.includes(task))).toEqual({ runs: ['efg'], failed: '' });
  });

  it('runs portions in order for the first time, and the parts of one that failed before the next', () => {
    const groups = new SuspectGroups<Task>(({ name }) => name !== 'f');
    groups.addPortions(tasksOf('abcdefgh'), 3);
    expect(groups.waitingSize).toBe(36);
    const runs: string[] = [];
    for (let group = groups.next(); group; group = groups.next()) {
      const names = namesOf(group.tasks);
      runs.push(`${names} ${group.isRerun ? 'again' : 'first'}`);
      if (names.length > 1 && names.includes('a')) groups.split(group.tasks);
      else groups.onSucceeded();
    }
    expect(runs).toEqual(['abc first', 'ab again', 'a again', 'b again', 'c again', 'de first', 'gh first']);
  });

  it('runs each good task well once, each bad one alone, and one bad task of n costs two runs a halving at most', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 64 }), fc.uniqueArray(fc.nat(63), { maxLength: 8 }), (size, marks) => {
        const tasks = String.fromCodePoint(...Array.from({ length: size }, (_, i) => 0x100 + i));
        const failing = marks.filter((i) => i < size).map((i) => tasks[i]);
        const { runs, failed } = search(tasks, failing.join(''));
        expect([...failed].sort()).toEqual([...failing].sort());
        const good = runs.filter((run) => ![...run].some((task) => failing.includes(task))).join('');
        expect([...good].sort()).toEqual([...tasks].filter((task) => !failing.includes(task)).sort());
        const halvings = Math.ceil(Math.log2(size));
        expect(runs.length).toBeLessThanOrEqual(2 * halvings * Math.max(failing.length, 1));
      }),
    );
  });
});
