/**
 * Goal: the right section is named for a file, the most specific first.
 * Method: a small MAINTAINERS text with each kind of pattern.
 */
import { expect, test } from 'vitest';
import { parseMaintainers, reportSections, sectionsOf } from './maintainers.ts';

const TEXT = `Some words in front

	M: *Mail* patches to: described here, no section

ALL OF CRYPTO
M:	A <a@example.org>
L:	list@example.org
S:	Maintained
F:	crypto/
F:	drivers/crypto/
X:	drivers/crypto/other/

ONE DRIVER
S:	Odd Fixes
F:	drivers/crypto/one/*.c
F:	include/linux/one*

BY NAME
S:	Supported
N:	[^a-z]tegra

THE REST
F:	*
F:	*/
`;

const maintainers = parseMaintainers(TEXT);

test.each([
  ['crypto/gcm.c', ['ALL OF CRYPTO']],
  ['drivers/crypto/one/a.c', ['ONE DRIVER', 'ALL OF CRYPTO']],
  ['drivers/crypto/one/deep/a.c', ['ALL OF CRYPTO']],
  ['drivers/crypto/other/a.c', []],
  ['include/linux/one_more.h', ['ONE DRIVER']],
  ['drivers/crypto/x-tegra.c', ['ALL OF CRYPTO', 'BY NAME']],
  ['fs/a.c', []],
])('%s belongs to %j', (path, titles) => {
  expect(sectionsOf(maintainers, path)).toEqual(titles);
});

test('sections in the report carry people, lists and status', () => {
  expect(reportSections(maintainers, new Set(['ALL OF CRYPTO']))).toEqual([
    {
      title: 'ALL OF CRYPTO',
      status: 'Maintained',
      people: ['A <a@example.org>'],
      lists: ['list@example.org'],
    },
  ]);
});
