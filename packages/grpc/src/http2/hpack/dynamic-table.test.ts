import fc from 'fast-check';
import { expect, it } from 'vitest';
import { DynamicTable } from './dynamic-table.js';

it('a dynamic table has the newest entries that fit, whatever is inserted', () => {
  const operation = fc.oneof(
    fc.tuple(fc.constant('insert' as const), fc.nat(300)),
    fc.tuple(fc.constant('resize' as const), fc.nat(512)),
  );
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 100 }), (operations) => {
      const table = new DynamicTable(512);
      let expected: string[] = [];
      let most = 512;
      const bytesOf = (list: readonly string[]): number => list.reduce((sum, value) => sum + value.length + 33, 0);
      for (const [i, [kind, length]] of operations.entries()) {
        if (kind === 'insert') {
          const value = String(i).padStart(length, '0');
          table.insert('n', value);
          expected.unshift(value);
        } else {
          table.resize(length);
          most = length;
        }
        while (bytesOf(expected) > most) expected = expected.slice(0, -1);
        expect(table.length).toBe(expected.length);
        expect(expected.map((_, index) => table.value(index))).toEqual(expected);
      }
    }),
  );
});
