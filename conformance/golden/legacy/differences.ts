/**
 * Where newer kernels answer otherwise than 6.1, the kernel that the model follows. Every row counts its
 * lines, so a row that is no longer needed, or that hides more than it says, fails.
 * Source: the comparison of the four recordings in this folder.
 * @module
 */

/** @kernel none: a reason for a difference between two kernels */
export interface Difference {
  readonly reason: string;
  /** Matches every line that the reason explains, and no other line that differs. */
  readonly line: RegExp;
  /** Lines explained, by file. */
  readonly counts: Readonly<Record<string, number>>;
}

const V612 = 'uml-6.12.101.txt';
const V612_MORE = 'more-6.12.101.txt';
const V72 = 'uml-7.2.7.txt';
const V73 = 'uml-7.3.4.txt';
const V73_MORE = 'more-7.3.4.txt';

/** The IV that a generator makes is random: the bytes in brackets are not compared. */
export const RANDOM: RegExp = /^aead (seqiv|echainiv)\(.*\) enc ret=0 /;

/** Rows in the order of the recordings. */
export const DIFFERENCES: readonly Difference[] = [
  {
    reason: 'From 6.15 on a step may cross a page inside an entry, up to PAGE_SIZE (no HIGHMEM).',
    line: /^walk (one seg crossing page at 4056\+80|in-place off1 5000) /,
    counts: { [V72]: 12, [V73]: 12 },
  },
  {
    reason: 'ecb and cbc of crypto/aes.c (7.3) check the length before they write anything.',
    line: /^iv (ecb|cbc)\(aes\) len=(17|31|33) (enc|dec) ret=-22 dst_written=0 iv=unchanged /,
    counts: { [V73]: 12 },
  },
  {
    reason: 'xts of crypto/aes.c (7.3) leaves the next tweak in the IV.',
    line: /^iv xts\(aes\) len=\d+ (enc|dec) ret=0 dst_written=\d+ iv=other /,
    counts: { [V73]: 12 },
  },
  {
    reason: 'cts of crypto/aes.c (7.3) leaves another block in the IV.',
    line: /^iv cts\(cbc\(aes\)\) len=(17|31|32|33|48) (enc|dec) ret=0 /,
    counts: { [V73]: 10 },
  },
  {
    reason: 'essiv over the cbc of 7.3: nothing is written, the IV left is its encryption.',
    line: /^iv essiv\(cbc\(aes\),sha256\) len=(17|31|33) (enc|dec) ret=-22 dst_written=0 /,
    counts: { [V73_MORE]: 6 },
  },
  {
    reason: 'pcbc is not in the 7.2 and 7.3 builds.',
    line: /^(pcbc\(aes\) alloc -2|iv pcbc\(aes\): alloc failed|partial pcbc\(aes\) ret=-2 .*|name sk "pcbc\(aes\)" -> -2)$/,
    counts: { [V72]: 5, [V73]: 5 },
  },
  {
    reason: 'ecb and cbc of 7.3 write nothing before -EINVAL.',
    line: /^partial (cbc|ecb)\(aes\) ret=-22 dst untouched=1 /,
    counts: { [V73]: 2 },
  },
  {
    reason:
      'cbc is an lskcipher from 6.7 to 7.2: the child refuses the key and the transform loses it.',
    line: /^cbc no key enc=-126; good key enc=0; then setkey\(15\) enc=-126 /,
    counts: { [V612]: 1, [V72]: 1 },
  },
  {
    reason: 'Block-only hashes of 7.x export the partial block and its length behind the state.',
    line: /^sha256 setkey = -38 statesize 105 digest 32$/,
    counts: { [V72]: 1, [V73]: 1 },
  },
  {
    reason: 'ccm-aes-lib (7.3) keeps the IV; the first recording caught it before its self test.',
    line: /^aead ccm\(aes\) (enc|dec|BAD oop) .* iv same/,
    counts: { [V73]: 3 },
  },
  {
    reason: 'chacha20poly1305 copies the associated data from 7.2 on, also when the tag is bad.',
    line: /^aead rfc7539(esp)?\(chacha20,poly1305\) (enc|dec|BAD oop) .*(AD copied=1|AD poison=0)/,
    counts: { [V72]: 6, [V73]: 6 },
  },
  {
    reason: 'seqiv and echainiv are not in the 7.3 build.',
    line: /^((aead |name aead ")?(seqiv|echainiv)\(.*\)(" ->| alloc| enc ret=)\s?-2.*)$/,
    counts: { [V73]: 6 },
  },
  {
    reason:
      'GHASH and Poly1305 read lists through scatterwalk from 7.2 on: empty entries are harmless.',
    line: /^zero-len aead (gcm\(aes\)|rfc7539\(chacha20,poly1305\)) variant [03] ret=0 text ok=1 tag ok=1$/,
    counts: { [V72]: 4, [V73]: 4 },
  },
  {
    reason: 'ghash is a library without a hash algorithm in 7.x.',
    line: /^ghash alloc -2$/,
    counts: { [V72]: 1, [V73]: 1 },
  },
  {
    reason:
      'Names of algorithms that exist: cbc and ecb are lskciphers (6.12, 7.2), aes-generic became \
aes-lib (7.2), and 7.3 has drivers of its own; sizes of requests, priorities and flags follow.',
    line: /^name (sk|aead) "(?!krb5enc).*" -> name /,
    counts: { [V612]: 6, [V612_MORE]: 1, [V72]: 22, [V73]: 23, [V73_MORE]: 1 },
  },
  {
    reason: 'From 6.2 on a failing template reports its own error: -EINVAL, -ELOOP, -EEXIST.',
    line: /^name (sk|aead) "(?!rfc7539).*" -> -(17|22|40)$/,
    counts: { [V612]: 16, [V72]: 15, [V73]: 15 },
  },
  {
    reason:
      'From 7.2 on the hash of rfc7539 must be poly1305; before, any with a digest of 16 bytes.',
    line: /^name aead "rfc7539\(chacha20,ghash\)" -> -22$/,
    counts: { [V72]: 1, [V73]: 1 },
  },
  {
    reason: 'krb5enc came with 6.15.',
    line: /^name aead "krb5enc\(.*\)" -> name /,
    counts: { [V72]: 1 },
  },
  {
    reason: 'aes-generic is gone in 7.2.',
    line: /^name sk "(xts\(ecb\(aes-generic\)\)|ecb\(aes-generic\)|cbc\(aes-generic\))" -> -2$/,
    counts: { [V72]: 3, [V73]: 3 },
  },
  {
    reason:
      'Lookups by type report -EINVAL and -EEXIST from 6.2 on, and 7.x keeps the async instance.',
    line: /^(cbc\(aes\) (type=ASYNC mask=ASYNC|INTERNAL\/INTERNAL)|cryptd\(cbc\(aes\)\) mask=ASYNC .*) -> /,
    counts: { [V612]: 3, [V612_MORE]: 1, [V72]: 3, [V73]: 3 },
  },
  {
    reason:
      'The cryptd instance has the name of its child; the first 6.12 run asked for a wrong one.',
    line: /^cryptd (drv cryptd\(cbc.* flags 0xc85|alloc -22)$/,
    counts: { [V612]: 1, [V612_MORE]: 1, [V72]: 1, [V73]: 1 },
  },
  {
    reason: 'ccm-aes-lib (7.3) keeps the IV of the caller.',
    line: /^ccm iv\[0\]=[1-7] enc = 0 iv after \[0[1-7]( 00){15}\]$/,
    counts: { [V73_MORE]: 7 },
  },
  {
    reason: 'ccm-aes-lib (7.3) checks the length exactly, the template one byte late.',
    line: /^ccm L=2 cryptlen 65536 = -75$/,
    counts: { [V73_MORE]: 1 },
  },
  {
    reason: 'ccm-aes-lib (7.3) walks the associated data with scatterwalk.',
    line: /^zero-len aead ccm\(aes\) variant \d ret=0 text ok=1 tag ok=1$/,
    counts: { [V73_MORE]: 4 },
  },
];
