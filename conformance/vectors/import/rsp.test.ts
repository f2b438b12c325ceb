/**
 * Goal: the reader takes what NIST's files contain, and names file, line and field of anything else.
 * Method: small texts in the forms of the files: sections, parameters, failures, CRLF, comments.
 */
import { expect, test } from 'vitest';
import { hexField, numberField, numberParam, parseRsp, RspError } from './rsp.ts';
import { importSources } from './sources.ts';

const GCM = [
  '# GCM Decrypt',
  '[Keylen = 128]',
  '[IVlen = 96]',
  '[PTlen = 0]',
  '[AADlen = 0]',
  '[Taglen = 32]',
  '',
  'Count = 0',
  'Key = CF063A34D4A9A76C2C86787D3F96DB71',
  'IV = 113b9785971864c83b01c787',
  'CT = ',
  'AAD = ',
  'Tag = 72ac8493',
  'PT = ',
  '',
  'Count = 1',
  'Key = a49a5e26a2f8cb63d05546c2a62f5343',
  'IV = 907763b19b9b4ab6bd4f0281',
  'CT = ',
  'AAD = ',
  'Tag = a2be0821',
  'FAIL',
];

test('parameters, fields, empty values and failures are read, with either line end', () => {
  for (const end of ['\n', '\r\n']) {
    const { records } = parseRsp('gcm.rsp', GCM.join(end));
    expect(records.map((r) => [r.line, r.fail, numberField(r, 'count')])).toEqual([
      [8, false, 0],
      [16, true, 1],
    ]);
    expect(hexField(records[0], 'key', 128)).toBe('cf063a34d4a9a76c2c86787d3f96db71');
    expect(hexField(records[0], 'pt', 0)).toBe('');
    expect(numberParam(records[1], 'taglen')).toBe(32);
  }
});

test('a section holds for the records below it', () => {
  const { records } = parseRsp('a', '[ENCRYPT]\n\nA = 1\n\nA = 2\n\n[DECRYPT]\nA = 3\n');
  expect(records.map((r) => r.section)).toEqual(['encrypt', 'encrypt', 'decrypt']);
});

test('lengths that stand alone hold for the records below them, as parameters in brackets do', () => {
  const text = 'Plen = 24\n\n[Alen = 0, Tlen = 4]\n\nKey = 00\n\nCount = 0\nPlen = 1\n';
  const { records } = parseRsp('a', text);
  expect(records.map((r) => [...r.fields.keys()])).toEqual([['key'], ['count', 'plen']]);
  expect(['plen', 'alen', 'tlen'].map((name) => numberParam(records[1], name))).toEqual([24, 0, 4]);
});

test('the files of Camellia have lines of their own', () => {
  const text = 'K No.001 : 00 01\n\nP No.001 : 80 00\nC No.001 : 07 92\n';
  const { records } = parseRsp('a', text);
  expect(records.map((r) => [...r.fields])).toEqual([
    [['k', '0001']],
    [
      ['p', '8000'],
      ['c', '0792'],
    ],
  ]);
});

test('a comment inside a record does not end it', () => {
  const { records } = parseRsp('a', 'Key = 00\n# "Jefe"\nMsg = 01\n');
  expect(records.length).toBe(1);
  expect(hexField(records[0], 'msg')).toBe('01');
});

test.each([
  ['a line without a value', 'Count\n', 'a.rsp: line 1: neither a field nor a section'],
  ['a key of the wrong size', 'Key = 0011\n', 'a.rsp: line 1: field key has 16 bits, not 128'],
  ['half a byte', 'Key = 001\n', 'a.rsp: line 1: field key is not hex'],
  ['a missing key', '\nIV = 00\n', 'a.rsp: line 2: field key is missing'],
])('%s is refused with file, line and field', (_, text, message) => {
  const read = (): string => hexField(parseRsp('a.rsp', text).records[0], 'key', 128);
  expect(read).toThrow(new RspError(message));
});

function source(name: string): ReturnType<typeof importSources>[number] {
  return importSources().filter((s) => s.name === name)[0];
}

test('a failing record becomes a vector that decryption must refuse', () => {
  const path = 'ciphers/AES/GCM/gcmDecrypt128.rsp';
  const candidates = source('NIST CAVP AES-GCM').read(parseRsp(path, GCM.join('\n')));
  expect(candidates.map((c) => 'vector' in c && [c.vector.id, c.vector.expect])).toEqual([
    ['cavp/gcmDecrypt128/96-0-0-32/0', 'valid'],
    ['cavp/gcmDecrypt128/96-0-0-32/1', 'invalid'],
  ]);
});

test('what the kernel does not take is left out with a reason', () => {
  const gcm = parseRsp('gcmDecrypt128.rsp', GCM.join('\n').replace('IVlen = 96', 'IVlen = 8'));
  expect(source('NIST CAVP AES-GCM').read(gcm)).toEqual([
    { reason: expect.stringContaining('not 96 bits') },
    { reason: expect.stringContaining('not 96 bits') },
  ]);
  const xts = parseRsp('tweak-128hexstr/XTSGenAES128.rsp', 'COUNT = 1\nDataUnitLen = 130\n');
  expect(source('NIST CAVP AES-XTS').read(xts)).toEqual([
    { reason: expect.stringContaining('no whole number of bytes') },
  ]);
});

test('the number of a data unit becomes a little-endian tweak', () => {
  const text = `COUNT = 1\nDataUnitLen = 8\nKey = ${'00'.repeat(32)}\nDataUnitSeqNumber = 258\nPT = 00\nCT = 00\n`;
  const path = 'tweak-dataunitseqno/XTSGenAES128.rsp';
  const [c] = source('NIST CAVP AES-XTS').read(parseRsp(path, text));
  expect('vector' in c && c.vector.iv).toBe(`0201${'00'.repeat(14)}`);
});

test('a Monte Carlo chain with a wrong digest is refused', () => {
  const text = `Seed = ${'6d'.repeat(32)}\n\nCOUNT = 0\nMD = ${'00'.repeat(32)}\n`;
  const read = (): unknown => source('NIST CAVP SHA-256').read(parseRsp('SHA256Monte.rsp', text));
  expect(read).toThrow('SHA256Monte.rsp: line 3: field md is not the chain');
});
