import { expect, it } from 'vitest';
import { LIMITS } from '../../src/protocol/frames.ts';
import * as limits from '../../src/protocol/limits.ts';

/** Numbers that the wire's table of limits does not hold: the version, and a word on one close code. */
const OTHERS = ['PROTOCOL', 'RATE_LIMITED_MS_MIN'];

it('the_limits_that_the_client_uses_are_those_of_the_wire', () => {
  const wire: { readonly [name: string]: number } = LIMITS;
  const own = Object.entries(limits).filter(
    ([name, value]) => typeof value === 'number' && !OTHERS.includes(name),
  );
  expect(own.length).toBeGreaterThan(10);
  expect(own.filter(([name, value]) => wire[name.toLowerCase()] !== value)).toEqual([]);
});
