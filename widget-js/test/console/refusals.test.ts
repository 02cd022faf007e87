// Every code that the REST API describes has words in the console, and the console knows no others.

import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { ERROR_CODES, sentence } from '../../src/console/refusals.ts';
import { RestError } from '../../src/console/rest.ts';

const DESCRIPTION = new URL('../../../docs/openapi.json', import.meta.url);

function describedCodes(): string[] {
  const { components } = JSON.parse(readFileSync(DESCRIPTION, 'utf8'));
  return components.schemas.Error.properties.code.enum;
}

it('the_console_knows_exactly_the_codes_that_the_api_describes', () => {
  expect([...ERROR_CODES].sort()).toEqual(describedCodes().sort());
});

it.each([...ERROR_CODES, 'unreachable'])('a_refusal_is_a_sentence: %s', code => {
  expect(sentence(new RestError(400, code, 'the email is taken'))).toMatch(/^\p{Lu}.*[.!?]$/u);
});

it('a_taken_value_is_named_by_the_gateway', () => {
  expect(sentence(new RestError(409, 'taken', 'the email is taken'))).toBe('The email is taken.');
});

it('a_code_of_a_later_gateway_is_told_in_its_own_words', () => {
  expect(sentence(new RestError(418, 'constructor', 'the pot is short and stout'))).toBe(
    'The pot is short and stout.',
  );
});

it('what_is_no_refusal_is_told_without_its_insides', () => {
  expect(sentence(new TypeError('x is undefined'))).toBe('Something went wrong.');
});
