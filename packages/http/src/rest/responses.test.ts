import { describe, expect, it } from 'vitest';
import { errorResponse } from './responses.js';

const messageOf = (message: string): string =>
  JSON.parse(Buffer.from(errorResponse(400, message).body).toString()).error;

describe('errorResponse', () => {
  it('has the whole message up to 64 Ki characters, and cuts a longer one', () => {
    const longest = 'x'.repeat(65_536);
    expect(messageOf(longest)).toBe(longest);
    expect(messageOf(`${longest}y`)).toBe(`${longest}...TRUNCATED`);
  });
});
