/**
 * Goal: what a kernel says about a suite is read as it is meant.
 * Method: messages as 6.1 and 7.3 write them.
 */
import { expect, test } from 'vitest';
import { parseKtap } from './ktap.ts';

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

test('messages without results are no cases', () => {
  const { passed, failed, skipped } = parseKtap('<6>ok 1 sg2iter\n<6>hello\n');
  expect([...passed, ...failed, ...skipped]).toEqual([]);
});
