/**
 * Goal: the second instrument sees code and only code.
 * Method: small texts with a trap each, and a property: blanking never moves a character.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { blankAttributes } from './blank.ts';
import { blankComments, scanIdentifiers, splitArguments, squeeze, truncation } from './tokens.ts';

function called(text: string): string[] {
  return scanIdentifiers(text)
    .filter((t) => t.called)
    .map((t) => t.text);
}

test('comments, strings and character literals hold no identifiers', () => {
  expect(called('/* a(1) */ b(2); // c(3)\n"d(4)" \'e\' f(5)')).toEqual(['b', 'f']);
  expect(called('"unterminated \\" quote" g()')).toEqual(['g']);
});

test('blanks, line splices and comments may stand before the parenthesis', () => {
  expect(called('a (1) b\\\n(2) c/* x */(3) d [4]')).toEqual(['a', 'b', 'c']);
});

test('arguments are split at commas of the outermost level only', () => {
  const text = 'f(a, g(b, c), d[1, 2], { .e = 1, .f = 2 })';
  expect(splitArguments(text, 1)).toEqual(['a', 'g(b, c)', 'd[1, 2]', '{ .e = 1, .f = 2 }']);
  expect(splitArguments('f()', 1)).toEqual([]);
  expect(splitArguments('f(a, (b', 1)).toEqual(['a']);
});

test('squeezing joins spliced lines', () => {
  expect(squeeze('  a \\\n\t b\n c ')).toBe('a b c');
});

test('a file that stops in the middle is recognised', () => {
  expect(truncation('int f(void)\n{\n}\n')).toBeNull();
  expect(truncation('int f(void) { return 0; }')).toBeNull();
  expect(truncation('')).toBeNull();
  expect(truncation('int f(void)\n{\n\tsg_ini')).toBe('ends inside a block');
  expect(truncation('/* half a comm')).toBe('ends inside a comment');
  expect(truncation('char *s = "{";')).toBeNull();
});

test('blanking attributes and comments keeps length and lines', () => {
  const piece = fc.constantFrom(
    '__init ',
    '__aligned(8) ',
    '__counted_by(f(x)) ',
    'static int f(void)\n',
    '/* text\n */',
    '"string"',
    'x = 1;\n',
    '__initial ',
  );
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      const text = pieces.join('');
      for (const blanked of [blankAttributes(text), blankComments(text)]) {
        expect(blanked.length).toBe(text.length);
        expect(blanked.replace(/[^\n]/g, '')).toBe(text.replace(/[^\n]/g, ''));
      }
    }),
  );
});

test('only whole attribute words are blanked', () => {
  expect(blankAttributes('int __init f(void)')).toBe('int        f(void)');
  expect(blankAttributes('my__init(x) __initial')).toBe('my__init(x) __initial');
  expect(blankAttributes('u8 b[4] __aligned(sizeof(long));')).toBe(
    'u8 b[4]                        ;',
  );
});
