/**
 * Goal: a kernel's test table is read as a C compiler reads it, and every vector is judged.
 * Method: a table of our own in the kernel's form, with what its initialisers use; then the same table
 * with one byte wrong in each place. The real one is read by `sg2iter vectors --testmgr`.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runSuites } from './testmgr/run.ts';
import { readSource } from './testmgr/source.ts';
import { type KernelVector, readSuites, type Suite } from './testmgr/suite.ts';
import { SourceError } from './testmgr/tokens.ts';

const HEADER = String.raw`
#ifndef _CRYPTO_TESTMGR_H
#define _CRYPTO_TESTMGR_H
#define MAX_IVLEN 32
struct cipher_testvec { const char *key; unsigned int len; };
static const char zeroed_string[48];
static const u8 ones[4] = { [0 ... 3] = 0xff };
static const char letters[6] = { 'a', '\0', '\x62', };

/* FIPS 197 C.1, and a weak key of DES */
static const struct cipher_testvec aes_ecb_tv_template[] = {
	{ /* a comment */
		.key	= "\x00\x01\x02\x03\x04\x05\x06\x07"
			  "\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f",
		.klen	= 8 + 8,
		.ptext	= "\x00\x11\x22\x33\x44\x55\x66\x77"
			  "\x88\x99\xaa\xbb\xcc\xdd\xee\xff",
		.ctext	= "\x69\xc4\xe0\xd8\x6a\x7b\x04\x30"
			  "\xd8\xcd\xb7\x80\x70\xb4\xc5\x5a",
		.len	= 16,
	}, {
#ifdef __LITTLE_ENDIAN
		.key	= zeroed_string,
#else
		.key	= "big",
#endif
		.klen	= 16, .ptext = zeroed_string, .len = 16,
		.ctext	= "\x66\xe9\x4b\xd4\xef\x8a\x2c\x3b\x88\x4c\xfa\x59\xca\x34\x2b\x2e",
	},
};
static const struct cipher_testvec des_tv_template[] = {
	{ .key = "\x01\x01\x01\x01\x01\x01\x01\x01", .klen = 8, .wk = 1, .setkey_error = -EINVAL,
	  .ptext = zeroed_string, .ctext = zeroed_string, .len = 8, },
};
static const struct hash_testvec md4_tv_template[] = {
	{ .plaintext = "abc", .psize = sizeof("abc") - 1,
	  .digest = "\xa4\x48\x01\x7a\xaf\x21\xd8\x52\x5f\xc1\x0a\xe8\x7a\xa6\x72\x9d" }
};
static const struct hash_testvec crct10dif_tv_template[] = {
	{ .plaintext = "123456789", .psize = 9, .digest = (u8 *)(u16 []){ 0xd0db } }
};
static const struct aead_testvec gcm_tv_template[] __maybe_unused = {
	{
		.key = zeroed_string, .klen = 16, .plen = 0, .clen = 16,
		.ctext = "\x58\xe2\xfc\xce\xfa\x7e\x30\x61\x36\x7f\x1d\x57\xa4\xe7\x45\x5a",
	}, {
		.key = zeroed_string, .klen = 16, .novrfy = 1, .plen = 0, .clen = 16,
		.ctext = "\x59\xe2\xfc\xce\xfa\x7e\x30\x61\x36\x7f\x1d\x57\xa4\xe7\x45\x5a",
	}
};
static const struct comp_testvec deflate_comp_tv_template[] = {
	{ .inlen = 3, .outlen = 5, .input = "abc", .output = "\x4b\x4c\x4a\x06\x00" }
};
static const struct comp_testvec deflate_decomp_tv_template[] = {
	{ .inlen = 8, .outlen = 3, .input = "\x01\x03\x00\xfc\xff""abc", .output = "abc" }
};
static const struct akcipher_testvec rsa_tv_template[] = {
	{ .key = (u8[74]){ 0x30, 0x48, 2, 0x41, 0, 0xff, [68] = 0xff, 2, 3, 1, 0, 1 }, .key_len = 74,
	  .m = (u8[8]){ [7] = 1 }, .m_size = 8, .c = (u8[64]){ [63] = 1 }, .c_size = 64,
	  .public_key_vec = true, }
};
/* RFC 7748, 6.1 */
static const struct kpp_testvec curve25519_tv_template[] = {
	{ .secret = (u8[32]){ 1 }, .secret_size = 32, .expected_a_public_size = 32, .expected_ss_size = 32,
	  .b_public = (u8[32]){ 9 }, .b_public_size = 32,
	  .expected_a_public = "\x2f\xe5\x7d\xa3\x47\xcd\x62\x43\x15\x28\xda\xac\x5f\xbb\x29\x07"
		"\x30\xff\xf6\x84\xaf\xc4\xcf\xc2\xed\x90\x99\x5f\x58\xcb\x3b\x74",
	  .expected_ss = "\x2f\xe5\x7d\xa3\x47\xcd\x62\x43\x15\x28\xda\xac\x5f\xbb\x29\x07"
		"\x30\xff\xf6\x84\xaf\xc4\xcf\xc2\xed\x90\x99\x5f\x58\xcb\x3b\x74", }
};
#endif
`;

const TABLE = `
#ifdef CONFIG_CRYPTO_MANAGER_DISABLE_TESTS
static const struct alg_test_desc alg_test_descs[] = { };
#else
static const struct something other[] = { { .x = PAGE_SIZE - 1 } };
static const struct alg_test_desc alg_test_descs[] = {
	{
		.alg = "crct10dif",
		.test = alg_test_hash,
		.suite = { .hash = __VECS(crct10dif_tv_template) }
	}, {
#if IS_ENABLED(CONFIG_CRYPTO_PAES_S390)
		.alg = "cbc-paes-s390", .fips_allowed = 1, .test = alg_test_skcipher,
		.suite = { .cipher = __VECS(aes_ecb_tv_template) }
	}, {
#endif
		.alg = "drbg_pr_sha1", .test = alg_test_null,
	}, {
		.alg = "ecb(aes)", .test = alg_test_skcipher, .fips_allowed = 1,
		.suite = { .cipher = __VECS(aes_ecb_tv_template) }
	}, {
		.alg = "ecb(des)", .test = alg_test_skcipher,
		.suite = { .cipher = { .vecs = des_tv_template, .count = 1 } }
	}, {
		.alg = "gcm(aes)", .generic_driver = "gcm_base(ctr(aes-generic),ghash-generic)",
		.test = alg_test_aead,
		.suite = { .aead = { ____VECS(gcm_tv_template), .einval_allowed = 1 } }
	}, {
		.alg = "md4", .test = alg_test_hash, .suite = { .hash = __VECS(md4_tv_template) }
	}, {
		.alg = "curve25519", .test = alg_test_kpp,
		.suite = { .kpp = __VECS(curve25519_tv_template) }
	}, {
		.alg = "deflate", .test = alg_test_comp,
		.suite = { .comp = { .comp = __VECS(deflate_comp_tv_template),
				     .decomp = __VECS(deflate_decomp_tv_template) } }
	}, {
		.alg = "rsa", .test = alg_test_akcipher,
		.suite = { .akcipher = __VECS(rsa_tv_template) }
	}
};
#endif
`;

const MONITOR = { progress: () => undefined, stopped: () => false };
const suites = readSuites({ header: HEADER, table: TABLE });

function hex(bytes: Uint8Array | null): string {
  return Buffer.from(bytes ?? []).toString('hex');
}

function suite(name: string): Suite {
  const found = suites.find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`no suite ${name}`);
  return found;
}

describe('a test table', () => {
  it('has its names in their order, with the vectors that each names', () => {
    expect(
      suites.map(({ name, kind, vectors, data }) => [name, kind, vectors.length + data.length]),
    ).toEqual([
      ['crct10dif', 'hash', 1],
      ['cbc-paes-s390', 'skcipher', 2],
      ['drbg_pr_sha1', 'null', 0],
      ['ecb(aes)', 'skcipher', 2],
      ['ecb(des)', 'skcipher', 1],
      ['gcm(aes)', 'aead', 2],
      ['md4', 'hash', 1],
      ['curve25519', 'kpp', 1],
      ['deflate', 'comp', 2],
      ['rsa', 'akcipher', 1],
    ]);
  });

  it('is read as a little-endian compiler reads it', () => {
    const [first, second] = suite('ecb(aes)').vectors;
    expect(hex(first.key)).toBe('000102030405060708090a0b0c0d0e0f');
    expect(first.id).toBe('aes_ecb_tv_template[0]');
    expect(hex(second.key)).toBe('00'.repeat(16));
    expect(hex(suite('crct10dif').vectors[0].cipher)).toBe('dbd0');
    expect(hex(suite('md4').vectors[0].plain)).toBe('616263');
    const [weak] = suite('ecb(des)').vectors;
    expect([weak.weak, weak.setkeyError]).toEqual([true, -22]);
    expect(suite('gcm(aes)').vectors.map(({ unauthentic }) => unauthentic)).toEqual([false, true]);
  });

  it.each([
    [
      'a field without a value',
      HEADER.replace('.klen	= 8 + 8', '.klen	= '),
      /testmgr\.h:\d+: a value/,
    ],
    [
      'a text that is too short',
      HEADER.replace('.klen	= 8 + 8', '.klen = 40'),
      /:12: key: shorter/,
    ],
    [
      'an unknown table',
      HEADER.replace('zeroed_string,\n#else', 'other,\n#else'),
      /no table other/,
    ],
    ['a condition that is not known', HEADER.replace('#ifdef __L', '#ifdef __B'), /:22: condition/],
    ['a character of no token', HEADER.replace('/* a', '$ /* a'), /testmgr\.h:12: unexpected/],
  ])('with %s is refused with file and line', (_what, header, message) => {
    const read = () => readSuites({ header, table: TABLE });
    expect(read).toThrow(SourceError);
    expect(read).toThrow(message);
  });

  it('without the array of its descriptions is refused', () => {
    expect(() => readSuites({ header: HEADER, table: '' })).toThrow('has no alg_test_descs');
  });
});

describe('the vectors of a test table', () => {
  it('pass on both sides, in every layout, over both providers', async () => {
    const { rows, runs } = await runSuites(suites, MONITOR);
    const seen = rows.map(({ name, legacy, converted, lib, reason }) => [
      name,
      legacy.passed,
      converted.passed,
      lib.offered ? lib.passed : null,
      reason,
    ]);
    expect(seen).toEqual([
      ['crct10dif', 1, 1, null, ''],
      ['cbc-paes-s390', 0, 0, null, 'keys that only the hardware knows'],
      ['drbg_pr_sha1', 0, 0, null, 'a random number generator: no data in lists'],
      ['ecb(aes)', 2, 2, 2, ''],
      ['ecb(des)', 1, 1, null, ''],
      ['gcm(aes)', 2, 2, 2, ''],
      ['md4', 1, 1, null, ''],
      ['curve25519', 1, 1, null, ''],
      ['deflate', 2, 2, null, ''],
      ['rsa', 1, 1, null, ''],
    ]);
    expect(
      rows.flatMap((row) => [
        ...row.legacy.failures,
        ...row.converted.failures,
        ...row.lib.failures,
      ]),
    ).toEqual([]);
    expect(runs).toBeGreaterThanOrEqual(2 * 2 * 8 * 9);
  });

  it.each([
    ['ecb(aes)', { cipher: 3 }, /ecb|encrypt.*gave/],
    ['ecb(aes)', { plain: 3 }, /encrypt.*gave/],
    ['ecb(aes)', { key: 3 }, /encrypt.*gave/],
    ['gcm(aes)', { cipher: 3 }, /encrypt.*gave/],
    ['md4', { cipher: 3 }, /digest.*gave/],
    ['md4', { plain: 0 }, /digest.*gave/],
  ])('of %s are seen to fail when a byte of %j is another', async (name, place, message) => {
    const [field, at] = Object.entries(place)[0];
    const [vector] = suite(name).vectors;
    const wrong = { ...vector, [field]: flipped(vector, field, at) };
    const { rows } = await runSuites([{ ...suite(name), vectors: [wrong] }], MONITOR);
    const [{ legacy, converted, lib }] = rows;
    for (const side of lib.offered ? [legacy, converted, lib] : [legacy, converted]) {
      expect([side.passed, side.failed]).toEqual([0, 1]);
      expect(side.failures[0]).toMatch(message);
    }
  });

  it.each([
    ['curve25519', 0],
    ['curve25519', 1],
    ['deflate', 1],
    ['rsa', 0],
  ])('of %s are seen to fail when step %i gives another byte', async (name, step) => {
    const [vector] = suite(name).data;
    const steps = vector.steps.map((known, i) =>
      i === step ? { ...known, output: known.output?.map((byte) => byte ^ 4) ?? null } : known,
    );
    const { rows } = await runSuites([{ ...suite(name), data: [{ ...vector, steps }] }], MONITOR);
    expect([rows[0].legacy.failed, rows[0].converted.failed]).toEqual([1, 1]);
    expect(rows[0].converted.failures[0]).toMatch(/gave .* at byte 0/);
  });

  it('of compression are seen to fail when the text is not read back', async () => {
    const [vector] = suite('deflate').data;
    const [pack, unpack] = vector.steps;
    const steps = [{ ...pack, output: Uint8Array.of(1, 2, 3) }, unpack];
    const { rows } = await runSuites(
      [{ ...suite('deflate'), data: [{ ...vector, steps }] }],
      MONITOR,
    );
    expect(rows[0].legacy.failures[0]).toMatch(/compress.*gave/);
  });

  it('are seen to fail when an error is expected that does not come, or one comes', async () => {
    const [good, bad] = suite('gcm(aes)').vectors;
    const [weak] = suite('ecb(des)').vectors;
    const wrong: Suite[] = [
      { ...suite('gcm(aes)'), vectors: [{ ...good, unauthentic: true }] },
      { ...suite('gcm(aes)'), vectors: [{ ...bad, unauthentic: false }] },
      { ...suite('ecb(des)'), vectors: [{ ...weak, weak: false }] },
      { ...suite('ecb(des)'), vectors: [{ ...weak, setkeyError: 0 }] },
      { ...suite('md4'), vectors: [{ ...suite('md4').vectors[0], key: Uint8Array.of(1) }] },
    ];
    const { rows } = await runSuites(wrong, MONITOR);
    expect(rows.map(({ legacy, converted }) => [legacy.failed, converted.failed])).toEqual(
      wrong.map(() => [1, 1]),
    );
  });
});

describe('the files of a test table', () => {
  it('come from a tree or a tarball, or are named when they do not', () => {
    const folder = mkdtempSync(join(tmpdir(), 'sg2iter-'));
    try {
      expect(() => readSource(join(folder, 'none'))).toThrow(/^--testmgr: .*none: ENOENT$/);
      expect(() => readSource(folder)).toThrow(/^--testmgr: .*crypto\/testmgr\.h: ENOENT$/);
      mkdirSync(join(folder, 'crypto'));
      writeFileSync(join(folder, 'crypto', 'testmgr.h'), HEADER);
      writeFileSync(join(folder, 'crypto', 'testmgr.c'), TABLE);
      expect(readSource(folder)).toEqual({ header: HEADER, table: TABLE });
      expect(() => readSource(join(folder, 'crypto', 'testmgr.h'))).toThrow(
        /no crypto\/testmgr\.h/,
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

function flipped(vector: KernelVector, field: string, at: number): Uint8Array {
  const bytes = { key: vector.key, plain: vector.plain, cipher: vector.cipher }[field]?.slice();
  if (bytes === undefined) throw new Error(`no field ${field}`);
  bytes[at] ^= 0x10;
  return bytes;
}
