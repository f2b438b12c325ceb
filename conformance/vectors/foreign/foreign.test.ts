/**
 * Goal: collections in the three public forms run on every side, counted by flag; a wrong answer in any of them
 * is seen; what is no such file is one line.
 * Method: files of our own in NIST's, Wycheproof's and Rooterberg's form, with answers of node:crypto; the same
 * with one of the answers changed; broken files.
 */
import { createCipheriv, createHash, createHmac } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type ForeignResult, runFolder } from './foreign.ts';
import { targetOf } from './target.ts';

const MONITOR = { progress: () => undefined, stopped: () => false };
const KEY = '000102030405060708090a0b0c0d0e0f';
const TEXT = '00112233445566778899aabbccddeeff0011223344';
const NONCE = 'cafebabefacedbaddecaf888';
const AD = 'feedfacedeadbeef';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sg2iter-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const of = (hex: string): Buffer => Buffer.from(hex, 'hex');

function gcm(tagBytes: number): { readonly ct: string; readonly tag: string } {
  const cipher = createCipheriv('aes-128-gcm', of(KEY), of(NONCE), { authTagLength: tagBytes });
  cipher.setAAD(of(AD));
  const ct = cipher.update(TEXT, 'hex', 'hex') + cipher.final('hex');
  return { ct, tag: cipher.getAuthTag().toString('hex') };
}

const digest = createHash('sha256').update(of(TEXT)).digest('hex');
const hmac = createHmac('sha256', of(KEY)).update(of(TEXT)).digest('hex');
const cbcPadded = (): string => {
  const cipher = createCipheriv('aes-128-cbc', of(KEY), Buffer.alloc(16));
  return cipher.update(TEXT, 'hex', 'hex') + cipher.final('hex');
};
const cbc = (): string => {
  const cipher = createCipheriv('aes-128-cbc', of(KEY), Buffer.alloc(16)).setAutoPadding(false);
  return cipher.update(TEXT.slice(0, 32), 'hex', 'hex') + cipher.final('hex');
};

function put(path: string, value: unknown): void {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, path.endsWith('.gz') ? gzipSync(text) : text);
}

const run = (alg: string | null = null): Promise<ForeignResult> => runFolder(folder, alg, MONITOR);

/** Prompts of a set with one group, and the answers. */
function acvp(
  algorithm: string,
  group: object,
  prompt: object,
  answer: object,
): [unknown, unknown] {
  const set = { vsId: 7, algorithm, revision: '1.0', isSample: true };
  return [
    [
      { acvVersion: '1.0' },
      {
        ...set,
        testGroups: [{ tgId: 1, testType: 'AFT', ...group, tests: [{ tcId: 1, ...prompt }] }],
      },
    ],
    [
      { acvVersion: '1.0' },
      { vsId: 7, testGroups: [{ tgId: 1, tests: [{ tcId: 1, ...answer }] }] },
    ],
  ];
}

function putAcvp(name: string, [prompt, expected]: [unknown, unknown]): void {
  put(`${name}/prompt.json`, prompt);
  put(`${name}/expectedResults.json`, expected);
}

const upper = (hex: string): string => hex.toUpperCase();
const BLOCK = TEXT.slice(0, 32);
const ZEROS = '0'.repeat(32);

/** All sides passed everything; the library where it has the algorithm. */
function isGreen({ files, sides, failures }: ForeignResult): boolean {
  const done = files.every(({ tests, passed }) => tests === passed);
  return done && failures.length === 0 && sides.every(({ failed }) => failed === 0);
}

test("NIST's prompts and answers run on all sides, in either direction, by their kind", async () => {
  const { ct, tag } = gcm(12);
  const sealed = { key: KEY, iv: upper(NONCE), aad: AD };
  putAcvp(
    'cbc',
    acvp(
      'ACVP-AES-CBC',
      { direction: 'encrypt' },
      { key: KEY, iv: ZEROS, pt: BLOCK },
      { ct: upper(cbc()) },
    ),
  );
  putAcvp(
    'gcm',
    acvp(
      'ACVP-AES-GCM',
      { direction: 'decrypt', tagLen: 96 },
      { ...sealed, ct, tag },
      { pt: TEXT },
    ),
  );
  const other = `00${tag.slice(2)}`;
  putAcvp(
    'bad',
    acvp(
      'ACVP-AES-GCM',
      { direction: 'decrypt', tagLen: 96 },
      { ...sealed, ct, tag: other },
      { testPassed: false },
    ),
  );
  putAcvp('sha', acvp('SHA2-256', {}, { len: 168, msg: TEXT }, { md: digest }));
  putAcvp(
    'mac',
    acvp('HMAC-SHA2-256', { macLen: 80 }, { key: KEY, msg: TEXT }, { mac: hmac.slice(0, 20) }),
  );
  const result = await run();
  expect(result.failures).toEqual([]);
  expect(isGreen(result)).toBe(true);
  expect(result.flags.map(({ flag, vectors }) => [flag, vectors])).toEqual([
    ['AFT', 2],
    ['AFT decrypt', 2],
    ['AFT encrypt', 1],
  ]);
  expect(result.sides.map(({ side, passed }) => [side, passed])).toEqual([
    ['legacy', 5],
    ['converted', 5],
    ['lib', 5],
  ]);
  expect((await run('sha256')).files.map(({ passed }) => passed)).toEqual([0, 0, 0, 0, 1]);
});

test('answers stand in a folder of their own, or with the prompts, or nowhere', async () => {
  const [prompt, answers] = acvp(
    'ACVP-AES-ECB',
    { direction: 'encrypt' },
    { key: KEY, pt: BLOCK },
    { ct: ZEROS },
  );
  put('vectors/ecb.json', prompt);
  const lonely = await run();
  expect(lonely.files[0].omitted).toEqual({ 'no answer beside the prompt': 1 });
  put('expected/ecb.json', answers);
  expect((await run()).failures).toEqual([expect.stringMatching(/^vectors.ecb.json.1: legacy, /)]);
  rmSync(join(folder, 'expected'), { recursive: true });
  const [, { testGroups }] = prompt as [unknown, { testGroups: [{ tests: [object] }] }];
  const [group] = testGroups;
  const whole = {
    vsId: 0,
    algorithm: 'SHA2-256',
    testGroups: [
      {
        ...group,
        tests: [
          { tcId: 1, msg: TEXT, md: digest },
          { tcId: 2, len: 3, msg: '80', md: '' },
        ],
      },
    ],
  };
  put('vectors/ecb.json', whole);
  const result = await run();
  expect(result.files[0]).toMatchObject({
    passed: 1,
    omitted: { 'bits that are no whole bytes': 1 },
  });
});

test('keys in DER are those of bare files, and what is not read says why', async () => {
  const p256 = {
    public:
      '3059301306072a8648ce3d020106082a8648ce3d0301070342000462d5bd3372af75fe85a040715d0f502428e07046868b0bfdfa6' +
      '1d731afe44f26ac333a93a9e70a81cd5a95b5bf8d13990eb741c8c38872b4a07d275a014e30cf',
    private: '0612465c89a023ab17855b0a6bcebfd3febb53aef84138647b5352e02c10c346',
    shared: '53020d908b0219328b658b525f26780e3ae12bcd952bb25a93bc0895e1714285',
  };
  const x25519 = {
    public:
      '302a300506032b656e032100504a36999f489cd2fdbc08baff3d88fa00569ba986cba22548ffde80f9806829',
    private:
      '302e020100300506032b656e04220420c8a9d5a91091ad851c668b0736c1c9a02936c0d3ad62670858088047ba057475',
    shared: '436a2c040cf45fea9b29a0cb81b1f41458f863d0d61b453d0a982720d6d61320',
  };
  const group = (type: string, curve: string, tests: readonly object[]): object => ({
    ...{ type, curve },
    tests: tests.map((fields, i) => ({ tcId: i + 1, result: 'valid', flags: [], ...fields })),
  });
  const file = (algorithm: string, testGroups: readonly object[]): object => ({
    ...{ algorithm, numberOfTests: 1, testGroups },
  });
  const longer = { ...p256, public: `${p256.public}00` };
  const block = { key: KEY, iv: '00'.repeat(16), msg: TEXT, ct: cbcPadded() };
  put('cbc.json', file('AES-CBC-PKCS5', [group('', '', [block])]));
  put('ecdh.json', file('ECDH', [group('EcdhTest', 'secp256r1', [p256, longer])]));
  put('jwk.json', file('XDH', [group('XdhJwkComp', 'curve25519', [{}])]));
  put('k1.json', file('ECDH', [group('EcdhTest', 'secp256k1', [{}])]));
  put('rsa.json', file('RSASSA-PKCS1-v1_5', [group('', '', [{}])]));
  put('xdh.json', file('XDH', [group('XdhAsnComp', 'curve25519', [x25519])]));
  const { files, failures } = await run();
  expect(failures).toEqual([]);
  expect(files.map(({ path, passed, omitted }) => [path, passed, omitted])).toEqual([
    ['cbc.json', 1, {}],
    ['ecdh.json', 1, { 'a key with parameters of its own, or in another form of DER': 1 }],
    ['jwk.json', 0, { 'keys as PEM or JWK': 1 }],
    ['k1.json', 0, { 'no such curve in the table: secp256k1': 1 }],
    ['rsa.json', 0, { 'not read: RSASSA-PKCS1-v1_5, of which the table has pkcs1pad(rsa)': 1 }],
    ['xdh.json', 1, {}],
  ]);
});

test('a point off the curve is refused where that is acceptable, and only there', async () => {
  const off = {
    ...{
      tcId: 1,
      flags: [],
      private: '0612465c89a023ab17855b0a6bcebfd3febb53aef84138647b5352e02c10c346',
    },
    public: `04${'62'.repeat(64)}`,
    shared: '53020d908b0219328b658b525f26780e3ae12bcd952bb25a93bc0895e1714285',
  };
  const write = (result: string): void =>
    put('off.json', {
      ...{ algorithm: 'ECDH', numberOfTests: 1 },
      testGroups: [{ type: 'EcdhEcpointTest', curve: 'secp256r1', tests: [{ ...off, result }] }],
    });
  write('acceptable');
  expect((await run()).failures).toEqual([]);
  write('valid');
  expect((await run()).failures).toEqual([expect.stringContaining('gave EINVAL instead of OK')]);
});

test("Wycheproof's and Rooterberg's tests run by flag, and a tag that was changed must fail", async () => {
  const { ct, tag } = gcm(16);
  const good = {
    tcId: 1,
    key: KEY,
    iv: NONCE,
    aad: AD,
    msg: TEXT,
    ct,
    tag,
    flags: ['Ktv'],
    result: 'valid',
  };
  const bad = {
    ...good,
    tcId: 2,
    tag: `00${tag.slice(2)}`,
    result: 'invalid',
    flags: ['ModifiedTag', 'Ktv'],
  };
  const odd = { ...good, tcId: 3, iv: '00', flags: ['SmallIv'] };
  const file = (tests: readonly object[], algorithm = 'AES-GCM') => ({
    ...{ algorithm, numberOfTests: tests.length },
    testGroups: [{ type: 'AeadTest', ivSize: 96, keySize: 128, tagSize: 128, tests }],
  });
  put('aes_gcm_test.json', file([good, bad, odd]));
  put('eax_test.json', file([good], 'AES-EAX'));
  const mac = { tcId: 1, key: KEY, msg: TEXT, mac: hmac, flags: ['Basic'] };
  put('mac/hmac_sha256.json.gz', {
    testType: 'Mac',
    algorithm: { primitive: 'HmacSha256' },
    tests: [mac],
  });
  put('aead/gcm.json', {
    algorithm: { primitive: 'AesGcm' },
    tests: [
      { ...good, valid: true },
      { ...bad, valid: false },
    ],
  });
  const result = await run();
  expect(result.failures).toEqual([]);
  expect(result.files.map(({ path, passed, omitted }) => [path, passed, omitted])).toEqual([
    ['aead/gcm.json', 2, {}],
    ['aes_gcm_test.json', 2, { 'a nonce of a length that the kernel does not take': 1 }],
    ['eax_test.json', 0, { 'no such algorithm in the table: AES-EAX': 1 }],
    ['mac/hmac_sha256.json.gz', 1, {}],
  ]);
  expect(result.flags.map(({ flag, vectors, passed }) => [flag, vectors, passed])).toEqual([
    ['Basic', 1, 1],
    ['Ktv', 4, 4],
    ['ModifiedTag', 2, 2],
  ]);
  put(
    'aes_gcm_test.json',
    file([
      { ...bad, result: 'valid' },
      { ...good, result: 'invalid' },
    ]),
  );
  const wrong = await run('gcm(aes)');
  expect(wrong.failures).toEqual([
    expect.stringMatching(/^aes_gcm_test.json.2: legacy, encrypt/),
    expect.stringMatching(/^aes_gcm_test.json.1: legacy, decrypt/),
  ]);
  expect(wrong.flags.find(({ flag }) => flag === 'ModifiedTag')).toMatchObject({
    failed: 1,
    passed: 1,
  });
});

const ACVP_WITHOUT_KEY = JSON.stringify(
  acvp('ACVP-AES-ECB', { direction: 'encrypt' }, { pt: BLOCK }, {})[0],
);

/** What is left of a test when a line of its file is lost. */
function wycheproofWithout(field: string): string {
  const whole = { ...{ key: KEY, iv: NONCE, aad: AD, msg: TEXT, flags: [] }, ...gcm(16) };
  const rest = Object.fromEntries(Object.entries(whole).filter(([name]) => name !== field));
  const tests = [{ ...rest, tcId: 1, result: 'valid' }];
  return JSON.stringify({ algorithm: 'AES-GCM', numberOfTests: 1, testGroups: [{ tests }] });
}

test.each([
  ['an empty folder', {}, /no JSON files$/],
  ['text', { 'a.json': '# text\n' }, /^a.json: not a JSON file: Unexpected token.*$/],
  [
    'a file that is cut off',
    { 'a.json': '{"algorithm":"AES-' },
    /^a.json: not a JSON file: Unterm/,
  ],
  [
    'another document',
    { 'a/b.json': '{}' },
    /^a.b.json: neither Wycheproof nor ACVP nor Rooterberg$/,
  ],
  ['no gzip', { 'a.json.gz': '' }, null],
  [
    'a result of another name',
    {
      'a.json':
        '{"algorithm":"AES-GCM","numberOfTests":1,"testGroups":[{"tests":[{"tcId":1,"result":"maybe"}]}]}',
    },
    /^a.json: testGroups.0.tests.0.result: /,
  ],
  [
    'half a byte',
    { 'a.json': '{"algorithm":{"primitive":"AesGcm"},"tests":[{"tcId":1,"key":"0"}]}' },
    /^a.json: tests.0.key: /,
  ],
  [
    'a group without tests',
    { 'a.json': '[{"vsId":1,"algorithm":"SHA2-256","testGroups":[{"tgId":1}]}]' },
    /^a.json: testGroups.0.tests: /,
  ],
  ['a set without groups', { 'a.json': '[{"vsId":1}]' }, /^a.json: testGroups: /],
  [
    'a prompt without a key',
    { 'a.json': ACVP_WITHOUT_KEY },
    /^a.json: testGroups.0.tests.0.key: missing$/,
  ],
  ...['key', 'iv', 'msg', 'ct', 'tag'].map((field): [string, Record<string, string>, RegExp] => [
    `an AEAD without ${field}`,
    { 'a.json': wycheproofWithout(field), 'b.json': ACVP_WITHOUT_KEY },
    new RegExp(`^a.json: testGroups.0.tests.0.${field}: missing$`),
  ]),
  [
    'a MAC without its tag',
    {
      'a.json': `{"algorithm":{"primitive":"HmacSha256"},"tests":[{"tcId":1,"key":"${KEY}","msg":""}]}`,
    },
    /^a.json: tests.0.tag: missing$/,
  ],
])('%s is one line that names the file', async (_, files, message) => {
  for (const [path, text] of Object.entries(files)) put(path, text);
  await expect(run()).rejects.toThrow(message ?? /not a JSON file/);
  await expect(runFolder(join(folder, 'none'), null, MONITOR)).rejects.toThrow(
    /none: cannot be read: ENOENT/,
  );
});

test.each([
  ['ACVP-AES-CBC-CS3', 'cts(cbc(aes))'],
  ['ACVP-TDES-CBC', 'cbc(des3_ede)'],
  ['CMAC-AES', 'cmac(aes)'],
  ['HMAC-SHA2-224', 'hmac(sha224)'],
  ['HmacSha3_224', 'hmac(sha3-224)'],
  ['HMACSHA3-384', 'hmac(sha3-384)'],
  ['SHA-1', 'sha1'],
  ['SHA3-512', 'sha3-512'],
  ['AesXcbcMac', 'xcbc(aes)'],
  ['AES-GMAC', 'gcm(aes)'],
  ['CHACHA20-POLY1305', 'rfc7539(chacha20,poly1305)'],
  ['HMAC-SHA2-512/256', null],
  ['AES-EAX', null],
])('%s is called %s in the kernel', (name, alg) => {
  expect(targetOf(name)?.alg ?? null).toBe(alg);
});
