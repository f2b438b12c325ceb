/**
 * Goal: what a kernel says about a suite is read as it is meant.
 * Method: messages as 6.1 and 7.3 write them.
 */
import { expect, test } from 'vitest';
import { parseDeath, parseKtap } from './ktap.ts';

const NEW = `<6>KTAP version 1
<6>1..1
<6>    KTAP version 1
<6>    # Subtest: sg2iter
<6>    1..1
<6>        KTAP version 1
<6>        # Subtest: sg2iter_run
<6>        ok 1 0 cbc(aes) encrypt 64 no+whole
<3>    # sg2iter_run: EXPECTATION FAILED at sg2iter_kunit.c:261
<3>    Expected digest_of(output, len) == w->c->digest, but
<3>        digest_of(output, len) == 1 (0x1)
<3>        w->c->digest == 2 (0x2)
<3>other text or tag
<6>        not ok 2 1 gcm(aes) decrypt 0+5 same+split
<6>        ok 3 2 chacha20 encrypt 9 no+whole # SKIP this kernel has no chacha20
<6># sg2iter_run: pass:1 fail:1 skip:1 total:3
<6>    not ok 1 sg2iter_run
<6>not ok 1 sg2iter

done 1
`;

test('cases that passed, failed with their sentence, and were skipped with their reason', () => {
  const { passed, failed, skipped, ktap } = parseKtap(NEW);
  expect(passed).toEqual(['0 cbc(aes) encrypt 64 no+whole']);
  expect(failed).toEqual([
    { name: '1 gcm(aes) decrypt 0+5 same+split', reasons: ['other text or tag'] },
  ]);
  expect(skipped).toEqual(['2 chacha20 encrypt 9 no+whole: this kernel has no chacha20']);
  expect(ktap.startsWith('KTAP version 1\n1..1\n')).toBe(true);
  expect(ktap).not.toContain('<6>');
});

test('older kernels put a dash behind the number and a time in front', () => {
  const { passed, failed } = parseKtap(
    '<6>[    0.1] TAP version 14\n<6>[    0.2]         ok 1 - 0 sha1 digest 3 no+whole\n',
  );
  expect(passed).toEqual(['0 sha1 digest 3 no+whole']);
  expect(failed).toEqual([]);
});

test('what 6.1 skips it calls ok, and the suite has said so before', () => {
  const { passed, skipped } =
    parseKtap(`<6>    # sg2iter_run: skipped: this kernel has no folio_queue
<6>        ok 1 - 0 iov_iter folioq
<6>        ok 2 - 1 iov_iter kvec
`);
  expect(passed).toEqual(['1 iov_iter kvec']);
  expect(skipped).toEqual(['0 iov_iter folioq: this kernel has no folio_queue']);
});

/** As a console has it: no severities, and a carriage return now and then. */
const DEATH = `cryptd: max_cpu_qlen set to 4
KTAP version 1
1..2
    # Subtest: sg2iter_iterators
        # Subtest: sg2iter_walk_run
    # sg2iter_walk_run: runs 0 iov_iter kvec source of 2: 3\r
        ok 1 0 iov_iter kvec source of 2: 3
    # sg2iter_walk_run: runs 1 iov_iter bvec source of 2: 3
    # sg2iter_walk_run: EXPECTATION FAILED at sg2iter_iterators.c:470
    Expected got == s->want, but
step 2: another answer
Kernel panic - not syncing: Segfault with no mm
CPU: 0 PID: 31
`;

test('a kernel that goes down has failed the case that ran, and its last words are kept', () => {
  const { passed, failed, death, ktap } = parseDeath(DEATH, 'Segfault with no mm');
  expect(passed).toEqual(['0 iov_iter kvec source of 2: 3']);
  expect(failed).toEqual([
    {
      name: '1 iov_iter bvec source of 2: 3',
      reasons: ['step 2: another answer', 'the kernel went down in it: Segfault with no mm'],
    },
  ]);
  expect(death?.reason).toBe('Segfault with no mm');
  expect(death?.console).toEqual([
    '    Expected got == s->want, but',
    'step 2: another answer',
    'Kernel panic - not syncing: Segfault with no mm',
    'CPU: 0 PID: 31',
  ]);
  expect(ktap.split('\n').slice(-2)).toEqual([
    '        # CPU: 0 PID: 31',
    '        not ok 2 1 iov_iter bvec source of 2: 3',
  ]);
});

test('a kernel that goes down behind a case has failed none', () => {
  const { failed, death } = parseDeath('<6>        ok 1 0 sha1 digest 3 no+whole\n', 'hang');
  expect(failed).toEqual([]);
  expect(death).toEqual({ reason: 'hang', console: [] });
});

test('messages without results are no cases', () => {
  const { passed, failed, skipped } = parseKtap('<6>ok 1 sg2iter\n<6>hello\n');
  expect([...passed, ...failed, ...skipped]).toEqual([]);
});
