/**
 * Goal: the promise front door gives node:crypto's bytes, rejects with the kernel's errno, and leaves
 * nothing pinned, whatever the outcome.
 * Method: known algorithms against vectors that other tests check; wrong types, wrong lengths, wrong
 * tags, aborts; the ledger of a checked machine.
 */
import { expect, test } from 'vitest';
import { CryptoError, createCrypto } from './api.ts';

const key = Uint8Array.from({ length: 16 }, (_, i) => i);
const iv = new Uint8Array(12).fill(7);

function text(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}

async function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => 'fulfilled',
    (error: unknown) => error,
  );
}

test('segments are encrypted, decrypted again, and a tampered tag is EBADMSG', async () => {
  const crypto = createCrypto({ memory: 1 << 22, checks: true });
  for (const name of ['gcm(aes)', 'cryptd(gcm-aes-accel)']) {
    const gcm = await crypto.aead(name, { key });
    const data = [text('two seg'), text('ments')];
    const sealed = await gcm.encrypt({ iv, ad: text('header'), data });
    const opened = await gcm.decrypt({ iv, ad: text('header'), ...sealed });
    expect(new TextDecoder().decode(opened)).toBe('two segments');
    sealed.tag[3] ^= 1;
    const error = await rejection(gcm.decrypt({ iv, ad: text('header'), ...sealed }));
    expect(error).toBeInstanceOf(CryptoError);
    expect(error).toMatchObject({ errno: -74, code: 'EBADMSG' });
    gcm.close();
  }
});

test('the IV of a cipher goes on and the caller keeps his own', async () => {
  const crypto = createCrypto({ memory: 1 << 22 });
  const ctr = await crypto.skcipher('ctr(aes)', { key });
  const start = new Uint8Array(16);
  const data = new Uint8Array(100);
  const whole = await ctr.encrypt({ iv: start, data });
  const first = await ctr.encrypt({ iv: start, data: data.subarray(0, 48) });
  const second = await ctr.encrypt({ iv: first.iv, data: data.subarray(48) });
  expect([...first.data, ...second.data]).toEqual([...whole.data]);
  expect(start).toEqual(new Uint8Array(16));
  expect((await ctr.decrypt({ iv: start, data: whole.data })).data).toEqual(data);
  ctr.close();
});

test('a hash takes bytes in any pieces, and a MAC its key', async () => {
  const crypto = createCrypto({ memory: 1 << 22 });
  const sha = await crypto.hash('sha256');
  const abc = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
  for (const data of [text('abc'), [text('a'), text(''), text('bc')]]) {
    expect(Buffer.from(await sha.digest(data)).toString('hex')).toBe(abc);
  }
  const mac = await crypto.hash('hmac(sha256)', { key: text('Jefe') });
  const tag = await mac.digest(text('what do ya want for nothing?'));
  expect(Buffer.from(tag).toString('hex').slice(0, 16)).toBe('5bdcc146bf60754e');
  expect(await rejection(crypto.hash('sha256', { key }))).toMatchObject({ code: 'ENOSYS' });
});

test('many requests at once each get their own answer', async () => {
  const crypto = createCrypto({ memory: 1 << 24, checks: true });
  const ctr = await crypto.skcipher('cryptd(ctr-aes-accel)', { key });
  const zero = new Uint8Array(16);
  const inputs = Array.from({ length: 200 }, (_, i) => new Uint8Array(i).fill(i));
  const outputs = await Promise.all(inputs.map((data) => ctr.encrypt({ iv: zero, data })));
  const stream = (await ctr.encrypt({ iv: zero, data: new Uint8Array(200) })).data;
  outputs.forEach(({ data }, i) => {
    expect(data).toEqual(inputs[i].map((byte, k) => byte ^ stream[k]));
  });
  ctr.close();
});

test('an abort rejects with its reason, before and in flight', async () => {
  const crypto = createCrypto({ memory: 1 << 22, checks: true });
  const ctr = await crypto.skcipher('cryptd(ctr-aes-accel)', { key });
  const input = { iv: new Uint8Array(16), data: text('x') };
  const early = AbortSignal.abort('early');
  expect(await rejection(ctr.encrypt({ ...input, signal: early }))).toBe('early');
  const controller = new AbortController();
  const pending = rejection(ctr.encrypt({ ...input, signal: controller.signal }));
  controller.abort('late');
  expect(await pending).toBe('late');
  await ctr.encrypt(input);
  ctr.close();
});

test('what cannot be done is an errno, what makes no sense is a TypeError', async () => {
  const crypto = createCrypto({ memory: 1 << 22 });
  const gcm = await crypto.aead('gcm(aes)', { key, authsize: 8 });
  const sealed = await gcm.encrypt({ iv, data: text('x') });
  expect(sealed.tag.length).toBe(8);
  const cbc = await crypto.skcipher('cbc(aes)', { key });
  const errors: readonly (readonly [Promise<unknown>, string])[] = [
    [crypto.skcipher('nosuch(aes)', { key }), 'ENOENT'],
    [crypto.skcipher('gcm(aes)', { key }), 'ENOENT'],
    [crypto.skcipher('ctr(aes)', { key: key.subarray(1) }), 'EINVAL'],
    [crypto.aead('gcm(aes)', { key, authsize: 5 }), 'EINVAL'],
    [gcm.encrypt({ iv: key, data: key }), 'EINVAL'],
    [gcm.decrypt({ iv, data: key, tag: key }), 'EINVAL'],
    [cbc.encrypt({ iv: key, data: text('no block') }), 'EINVAL'],
    [cbc.encrypt({ iv: key, data: new Uint8Array(1 << 22) }), 'ENOMEM'],
    [cbc.encrypt({ iv: key, data: new Uint8Array(1 << 23) }), 'ENOMEM'],
  ];
  for (const [promise, code] of errors) expect(await rejection(promise)).toMatchObject({ code });
  const wrong = { iv, data: 'text' };
  // @ts-expect-error a string is not bytes
  expect(await rejection(gcm.encrypt(wrong))).toBeInstanceOf(TypeError);
  // @ts-expect-error an IV is needed
  expect(await rejection(gcm.encrypt({ data: key }))).toBeInstanceOf(TypeError);
});

test('memory out of range, a name that is no string and an IV too many are refused', async () => {
  for (const memory of [0, 4096, 100_000, 2 ** 33, Number.NaN]) {
    expect(() => createCrypto({ memory })).toThrow(RangeError);
  }
  const crypto = createCrypto({ memory: 1 << 22 });
  // @ts-expect-error a number is not a name
  expect(await rejection(crypto.hash(7))).toBeInstanceOf(TypeError);
  const ecb = await crypto.skcipher('ecb(aes)', { key });
  const error = await rejection(ecb.encrypt({ iv, data: key }));
  expect(error).toMatchObject({ message: 'iv: the mode takes none: EINVAL' });
});

test('a request of 20 MiB fits a machine of 64 MiB', async () => {
  const ctr = await createCrypto().skcipher('ctr(aes)', { key });
  const { data } = await ctr.encrypt({ iv: key, data: new Uint8Array(20 << 20) });
  expect(data.length).toBe(20 << 20);
});

test('a closed transform rejects, closing twice is closing once, a signal must be one', async () => {
  const crypto = createCrypto({ memory: 1 << 20 });
  const key = new Uint8Array(16);
  const iv = new Uint8Array(16);
  const ctr = await crypto.skcipher('ctr(aes)', { key });
  const signal = {} as AbortSignal;
  await expect(ctr.encrypt({ iv, data: key, signal })).rejects.toThrow('signal must be');
  ctr.close();
  ctr.close();
  await expect(ctr.encrypt({ iv, data: key })).rejects.toThrow('closed transform');
  const sha = await crypto.hash('sha256');
  sha.close();
  await expect(sha.digest(key)).rejects.toThrow('closed transform');
});

test('data fill the machine, however scattered its pages are', async () => {
  const crypto = createCrypto({ memory: 1 << 21 });
  const data = new Uint8Array(1_700_000);
  const iv = new Uint8Array(16);
  for (const name of ['ctr(aes)', 'cbc(aes)', 'cryptd(ctr-aes-accel)']) {
    const cipher = await crypto.skcipher(name, { key: new Uint8Array(32) });
    const sealed = await cipher.encrypt({ iv, data });
    const opened = await cipher.decrypt({ iv, data: sealed.data });
    expect(Buffer.compare(opened.data, data)).toBe(0);
    cipher.close();
  }
});
