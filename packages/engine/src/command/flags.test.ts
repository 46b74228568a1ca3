import { describe, expect, it } from 'vitest';
import {
  boolFlag,
  type FlagTable,
  floatFlag,
  int64Flag,
  intFlag,
  limitFlag,
  negatableFlag,
  parseFlags,
  stringFlag,
  stringListFlag,
} from './flags.js';

interface Values {
  readonly port: number;
  readonly micros: number;
  readonly share: number;
  readonly delay: number | false;
  readonly cors: boolean;
  readonly name: string;
  readonly library: readonly string[];
  readonly watch: boolean;
}

const table: FlagTable<Values> = {
  port: intFlag(8500, 'A port.'),
  micros: int64Flag(60_000_000, 'A time.'),
  share: floatFlag(0, 'A share.'),
  delay: limitFlag(1000, 'A limit.'),
  cors: boolFlag(false, 'Whether.'),
  name: stringFlag('default', 'A name.'),
  library: stringListFlag('A library; may be repeated.'),
  watch: negatableFlag('Whether.'),
};
const defaults: Values = {
  port: 8500,
  micros: 60_000_000,
  share: 0,
  delay: 1000,
  cors: false,
  name: 'default',
  library: [],
  watch: true,
};

describe('parseFlags', () => {
  it.each<[string[], Partial<Values>]>([
    [[], {}],
    [['--port=1', '--name=m'], { port: 1, name: 'm' }],
    [['--port', '1', '--name', 'm'], { port: 1, name: 'm' }],
    [['--port=-1'], { port: -1 }],
    [['--port', '-1'], { port: -1 }],
    [['--port=1', '--port=2'], { port: 2 }],
    [['--micros=-9007199254740991'], { micros: -9007199254740991 }],
    [['--share=0.25'], { share: 0.25 }],
    [['--share=1e-3'], { share: 0.001 }],
    [['--delay=0'], { delay: 0 }],
    [['--delay', 'false'], { delay: false }],
    [['--cors'], { cors: true }],
    [['--cors=true'], { cors: true }],
    [['--cors', '--cors=false'], { cors: false }],
    [['--cors', 'true', '--port=1'], { cors: true, port: 1 }],
    [['--cors', 'false'], { cors: false }],
    [['--no-watch', '--cors'], { watch: false, cors: true }],
    [['--watch=false'], { watch: false }],
    [['--name='], { name: '' }],
    [['--name=a=b'], { name: 'a=b' }],
    [['--name', '--cors'], { name: '--cors' }],
    [['--name=模型 é'], { name: '模型 é' }],
    [['--name=__proto__'], { name: '__proto__' }],
    [['--library=a,b'], { library: ['a,b'] }],
    [['--library=a', '--library', 'b'], { library: ['a', 'b'] }],
  ])('reads %j', (argv, expected) => {
    expect(parseFlags(table, argv)).toMatchObject({ values: { ...defaults, ...expected }, unknown: [], invalid: [] });
  });

  it.each([
    '--port=x',
    '--port=',
    '--port=1.5',
    '--port=0x10',
    '--port=2147483648',
    '--port',
    '--micros=9007199254740993',
    '--delay=-1',
    '--delay=true',
    '--share=half',
    '--share=',
    '--cors=yes',
    '--cors=1',
    '--cors=',
  ])('finds the value of %s invalid', (argument) => {
    const { values, invalid } = parseFlags(table, [argument]);
    expect(invalid).toEqual([argument]);
    expect(values).toEqual(defaults);
  });

  it('names a value that stands apart together with its flag', () => {
    expect(parseFlags(table, ['--port', 'x']).invalid).toEqual(['--port x']);
  });

  it('collects what it does not know and goes on', () => {
    const parsed = parseFlags(table, ['--what=1', 'x', '-port=1', '--', '--constructor=1', '--no-cors', '--port=1']);
    expect(parsed.unknown).toEqual(['--what=1', 'x', '-port=1', '--', '--constructor=1', '--no-cors']);
    expect(parsed.values.port).toBe(1);
  });

  it('tells which flags the command line sets', () => {
    expect([...parseFlags(table, ['--port=8500', '--cors']).given]).toEqual(['port', 'cors']);
  });
});
