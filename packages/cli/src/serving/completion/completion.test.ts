import { execFile, spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { completionScript } from './completion-script.js';

const commands = [
  'serve',
  'install',
  'doctor',
  'warmup',
  'types',
  'gen-client',
  'openapi',
  'bench',
  'onnx',
  'completion',
];

/** What is typed, with the cursor at its end, and what is offered for the last word; `…` stands for more. */
const cases: readonly (readonly [line: string, offered: readonly string[]])[] = [
  ['serving ', [...commands, '…']],
  ['serving se', ['serve']],
  ['serving serve --po', ['--port=', '--poll_seconds=']],
  ['serving serve --no', ['--no-console', '--no-watch']],
  ['serving serve --batch', ['--batching']],
  ['serving serve --engine=', ['auto', 'onnx', 'tensorflow', 'tfjs-node']],
  ['serving serve --engine=t', ['tensorflow', 'tfjs-node']],
  ['serving serve --engine t', ['tensorflow', 'tfjs-node']],
  ['serving serve my', ['my models']],
  ['serving install ', ['onnx', 'tensorflow', 'all']],
  ['serving completion z', ['zsh']],
  ['serving warmup --requests=my', ['my models', 'my requests.json']],
  ['serving gen-client --language=p', ['python']],
  ['saved_model_cli s', ['show', 'scan']],
  ['saved_model_cli show --tag', ['--tag_set=']],
  ['tensorflow_model_server --rest_api_p', ['--rest_api_port=']],
  ['tensorflow_model_server --model_isolation=p', ['process']],
  ['tensorflow_model_server --model_base_path=my', ['my models']],
];

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'serving-completion-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await mkdir(join(folder, 'my models'));
  await writeFile(join(folder, 'my requests.json'), '[]');
  return folder;
}

/** Whether the machine has a shell; a test that needs one is skipped elsewhere, by name. */
const has = (shell: string): boolean => spawnSync(shell, ['--version']).status === 0;

async function linesOf(
  shell: string,
  argv: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv = {},
): Promise<string[]> {
  const { stdout } = await promisify(execFile)(shell, argv, { cwd, env: { ...process.env, ...env }, timeout: 100_000 });
  return stdout.split('\n').filter((line) => line !== '');
}

/** @param shown the form in which a shell offers what is after "=" */
function expectOffered(
  offered: readonly string[],
  expected: readonly string[],
  shown = (text: string): string => text,
): void {
  const names = offered.map((line) => line.replace(/\/$/, '').replace(/=$/, ''));
  const wanted = expected.filter((text) => text !== '…').map((text) => shown(text.replace(/=$/, '')));
  if (expected.includes('…')) expect(names).toEqual(expect.arrayContaining(wanted));
  else expect(names.sort()).toEqual(wanted.sort());
}

describe.skipIf(!has('bash'))('completion in bash', () => {
  /** Bash's own split: at blanks and around "=". */
  const program = (line: string): string => `
    source ./completion.bash
    COMP_LINE=$1
    mapfile -t COMP_WORDS < <(grep -oE '=|[^ =]+' <<< "$COMP_LINE"; [[ $COMP_LINE == *' ' ]] && echo)
    COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
    "$(complete -p ${line.split(' ')[0]} | sed -E 's/.*-F ([^ ]+).*/\\1/')"
    printf '%s\\n' "\${COMPREPLY[@]}"`;

  it.each(cases)('%j', async (line, expected) => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'completion.bash'), completionScript('bash'));
    expectOffered(await linesOf('bash', ['-c', program(line), 'bash', line], folder), expected);
  });
});

describe.skipIf(!has('fish'))('completion in fish', () => {
  it.each(cases)('%j', async (line, expected) => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'completion.fish'), completionScript('fish'));
    const argv = ['--no-config', '-c', 'source ./completion.fish; complete -C $argv[1]', line];
    const offered = await linesOf('fish', argv, folder, {
      HOME: folder,
      XDG_CONFIG_HOME: folder,
      XDG_DATA_HOME: folder,
    });
    const words = offered.map((each) => each.split('\t')[0]!.replace(/^--\w+=/, ''));
    expectOffered(
      words.map((word) => word.replaceAll('\\ ', ' ')),
      expected,
    );
  });
});

describe.skipIf(!has('zsh'))('completion in zsh', () => {
  /** A shell on a pseudo terminal, in which tab is pressed behind each line; the offers are caught where zsh adds them. */
  const program = `
    zmodload zsh/zpty
    wait_for() { while [[ ! -e $1 ]]; do zpty -r -t shell > /dev/null || sleep 0.02; done; rm $1 }
    zpty shell zsh -f -i
    zpty -w shell 'autoload -Uz compinit; compinit -u -D; source ./completion.zsh'
    zpty -w shell 'compadd() { local -a offered; builtin compadd -O offered "$@"; print -rl -- $offered >> offers; builtin compadd "$@" }'
    zpty -w shell 'finish() { BUFFER=; : > done }; zle -N finish; bindkey "^I" complete-word; bindkey "^X" finish'
    zpty -w shell 'zle-line-init() { : > ready }; zle -N zle-line-init'
    wait_for ready
    for line; do
      zpty -n -w shell "$line"$'\\t\\x18'
      wait_for done
      print -r -- "> $line"
      cat offers
      rm offers
    done
    zpty -d shell`;

  it('offers what the tables have', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'completion.zsh'), completionScript('zsh'));
    const argv = ['-f', '-c', program, 'zsh', ...cases.map(([line]) => line)];
    const lines = await linesOf('zsh', argv, folder, { HOME: folder, ZDOTDIR: folder });
    const offered = new Map<string, string[]>();
    for (const line of lines) {
      if (line.startsWith('> ')) offered.set(line.slice(2), []);
      else [...offered.values()].at(-1)?.push(line.replace(/^--\w+=(?=.)/, ''));
    }
    for (const [line, expected] of cases) {
      const wanted = expected.filter((text) => text !== '…').map((text) => text.replace(/=$/, ''));
      const names = offered.get(line)?.map((text) => text.replace(/[:=].*$/s, ''));
      expect([line, names]).toEqual([line, expect.arrayContaining(wanted)]);
    }
  });
});

it.runIf(['bash', 'zsh', 'fish'].some((shell) => !has(shell)))('says which shells this machine has not', () => {
  const missing = ['bash', 'zsh', 'fish'].filter((shell) => !has(shell));
  process.stdout.write(`Completion is not tested in ${missing.join(' and ')}: not installed here.\n`);
  expect(missing).not.toEqual([]);
});
