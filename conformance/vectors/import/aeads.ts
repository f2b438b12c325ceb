/**
 * The files of AEADs.
 * @module
 */
import { type Candidate, candidate, type ImportSource, keepAll, stem } from './record.ts';
import { hasField, hexField, numberField, numberParam, type RspRecord, textField } from './rsp.ts';

const KEY_SIZES = [128, 192, 256] as const;
const GCM_IV_BITS = 96;
/** A tag of CCM is 4, 6, ... 16 bytes; the nonce leaves 2 to 8 bytes for the length. */
const CCM_BLOCK = 16;

export function aeadSources(): readonly ImportSource[] {
  return [gcmSource(), ccmSource(), boringSource(), opensslSource()];
}

/** Of each combination of lengths and outcome: two that must pass, two that must fail. */
function gcmSource(): ImportSource {
  const name = 'NIST CAVP AES-GCM';
  const files = KEY_SIZES.flatMap((bits) => [`gcmDecrypt${bits}`, `gcmEncryptExtIV${bits}`]);
  return {
    name,
    paths: files.map((f) => `ciphers/AES/GCM/${f}.rsp`),
    read: (file) => file.records.map((record) => readGcm(record, name)),
    keep: (n) => n < 2,
  };
}

function readGcm(record: RspRecord, source: string): Candidate {
  const ivBits = numberParam(record, 'ivlen');
  if (ivBits !== GCM_IV_BITS)
    return { reason: 'an IV that is not 96 bits, which gcm(aes) refuses' };
  const [text, ad, tag] = ['ptlen', 'aadlen', 'taglen'].map((name) => numberParam(record, name));
  const lengths = `${ivBits}-${text}-${ad}-${tag}`;
  return candidate(record, {
    prefix: `cavp/${stem(record.path)}/${lengths}`,
    source,
    alg: 'gcm(aes)',
    kind: 'aead',
    name: String(numberField(record, 'count')),
    classOf: `${record.path} ${lengths} ${record.fail}`,
    bytes: {
      key: hexField(record, 'key', numberParam(record, 'keylen')),
      iv: hexField(record, 'iv', ivBits),
      ad: hexField(record, 'aad', ad),
      input: record.fail ? '' : hexField(record, 'pt', text),
      output: hexField(record, 'ct', text),
      tag: hexField(record, 'tag', tag),
    },
  });
}

/** All but the tests with 64 KiB of associated data, of which there are none. Lengths are in bytes. */
function ccmSource(): ImportSource {
  const name = 'NIST CAVP AES-CCM';
  return {
    name,
    paths: ['VADT', 'VNT', 'VPT', 'VTT', 'DVPT'].flatMap((test) =>
      KEY_SIZES.map((bits) => `ciphers/AES/CCM/${test}${bits}.rsp`),
    ),
    read: ({ records }) => {
      // A key, and in most files a nonce, stands above the records that it is for.
      let above: RspRecord | null = null;
      return records.flatMap((record) => {
        if (hasField(record, 'count')) return [readCcm(record, above ?? record, name)];
        if (hasField(record, 'key')) above = record;
        return [];
      });
    },
    keep: keepAll,
  };
}

function readCcm(record: RspRecord, above: RspRecord, source: string): Candidate {
  const [text, ad, nonceLen, tag] = ['plen', 'alen', 'nlen', 'tlen'].map((name) =>
    numberParam(record, name),
  );
  const fail = hasField(record, 'result') && textField(record, 'result') !== 'Pass';
  const nonce = hexField(hasField(record, 'nonce') ? record : above, 'nonce', 8 * nonceLen);
  const sealed = hexField(record, 'ct', 8 * (text + tag));
  const lengths = `${nonceLen}-${text}-${ad}-${tag}`;
  // A field of no bytes is written as one zero byte.
  const bytes = (name: string, size: number) =>
    size === 0 ? '' : hexField(record, name, 8 * size);
  const first = Buffer.of(CCM_BLOCK - 2 - nonceLen).toString('hex');
  return candidate(record, {
    prefix: `cavp/${stem(record.path)}/${lengths}`,
    name: String(numberField(record, 'count')),
    source,
    alg: 'ccm(aes)',
    kind: 'aead',
    classOf: record.path,
    invalid: fail,
    bytes: {
      key: hexField(above, 'key'),
      iv: (first + nonce).padEnd(2 * CCM_BLOCK, '0'),
      ad: bytes('adata', ad),
      input: fail ? '' : bytes('payload', text),
      output: sealed.slice(0, 2 * text),
      tag: sealed.slice(2 * text),
    },
  });
}

const CHACHA = 'rfc7539(chacha20,poly1305)';

function boringSource(): ImportSource {
  const source = 'BoringSSL ChaCha20-Poly1305';
  const read = (record: RspRecord): Candidate => {
    const tag = hexField(record, 'tag');
    if (tag.length !== 32)
      return { reason: 'a tag that is not 16 bytes, which the kernel refuses' };
    if (hexField(record, 'nonce').length !== 24) return { reason: 'a nonce that is not 12 bytes' };
    return candidate(record, {
      prefix: 'boringssl/chacha20poly1305',
      name: String(numberField(record, 'count')),
      source,
      alg: CHACHA,
      kind: 'aead',
      classOf: record.path,
      bytes: {
        key: hexField(record, 'key', 256),
        iv: hexField(record, 'nonce'),
        ad: quotedField(record, 'ad'),
        input: quotedField(record, 'in'),
        output: quotedField(record, 'ct'),
        tag,
      },
    });
  };
  const paths = ['ciphers/ChaCha20Poly1305/boringssl.txt'];
  return { name: source, paths, read: ({ records }) => records.map(read), keep: keepAll };
}

/** Hex, or a text in quotes. */
function quotedField(record: RspRecord, name: string): string {
  const [, text] = /^"(.*)"$/.exec(textField(record, name)) ?? [];
  return text === undefined ? hexField(record, name) : Buffer.from(text).toString('hex');
}

function opensslSource(): ImportSource {
  const source = 'OpenSSL ChaCha20-Poly1305';
  const read = (record: RspRecord): Candidate => {
    const iv = hexField(record, 'iv');
    if (iv.length !== 24) return { reason: 'a nonce that is not 12 bytes' };
    const tag = hexField(record, 'tag');
    if (tag.length !== 32)
      return { reason: 'a tag that is not 16 bytes, which the kernel refuses' };
    const fail = hasField(record, 'result');
    return candidate(record, {
      prefix: 'openssl/chacha20poly1305',
      name: String(numberField(record, 'count')),
      source,
      alg: CHACHA,
      kind: 'aead',
      classOf: record.path,
      invalid: fail,
      bytes: {
        key: hexField(record, 'key', 256),
        iv,
        ad: hexField(record, 'aad'),
        input: fail ? '' : hexField(record, 'plaintext'),
        output: hexField(record, 'ciphertext'),
        tag,
      },
    });
  };
  const paths = ['ciphers/ChaCha20Poly1305/openssl.txt'];
  return { name: source, paths, read: ({ records }) => records.map(read), keep: keepAll };
}
