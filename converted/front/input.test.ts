/**
 * Goal: what is handed in is checked before anything of it is used, with what was expected.
 * Method: memory that has gone, options of another type, tags in arrays of the caller, every disposal.
 */
import { expect, test } from 'vitest';
import type { Pfn } from '../../src/units.ts';
import { createCrypto, type SkcipherName } from './index.ts';

const key = new Uint8Array(16);
const iv = new Uint8Array(12);

test('memory that is detached or was made too short is refused, whatever its view', async () => {
  const sg = createCrypto({ memory: 1 << 18 });
  const sha = sg.hash('sha256');
  const gone = new ArrayBuffer(8);
  const views = [new Uint8Array(gone), new Float32Array(gone), new DataView(gone), gone];
  structuredClone(gone, { transfer: [gone] });
  // Of ES2024, which Node 20 has and this project's library of types has not.
  const short = Reflect.construct(ArrayBuffer, [8, { maxByteLength: 8 }]);
  const ends = [new Uint8Array(short, 4), new Uint8Array(short, 4, 4), new DataView(short, 4, 4)];
  Reflect.apply(Reflect.get(short, 'resize'), short, [2]);
  for (const data of [...views, ...ends]) {
    await expect(sha.digest(data as Uint8Array)).rejects.toThrow(/^data: memory of an ArrayBuffer/);
    await expect(sha.digest([key, data as Uint8Array])).rejects.toThrow(/^data\[1\]: memory/);
  }
  for (const data of [new Uint8Array(), new Float32Array(), new DataView(short, 0, 0)]) {
    expect(await sha.digest(data as Uint8Array)).toHaveLength(32);
  }
  await sg.close();
});

test('options of another type are a TypeError that names the option', () => {
  const sg = createCrypto({ memory: 1 << 18 });
  const as = (options: object): { key: Uint8Array } => options as { key: Uint8Array };
  const wrong: [() => unknown, string][] = [
    [() => createCrypto({ memory: '1048576' as unknown as number }), 'memory: a number expected'],
    [() => createCrypto({ memory: 2n as unknown as number }), 'memory: a number expected'],
    [() => createCrypto({ checks: 'yes' as unknown as boolean }), 'checks: a boolean expected'],
    [() => sg.aead('gcm(aes)', as({ key, wipeOnBadTag: 1 })), 'wipeOnBadTag: a boolean expected'],
    [() => sg.skcipher('ctr(aes)', as({ key: 'text' })), 'key: a Uint8Array, ArrayBuffer or'],
    [() => sg.skcipher(null as unknown as SkcipherName, { key }), 'name: a string expected, null'],
    [() => sg.register(null as never), 'driver: a description expected, null given'],
    [() => sg.hash('sha256', null as never), 'an options object expected'],
  ];
  for (const [call, message] of wrong) {
    expect(call).toThrow(TypeError);
    expect(call).toThrow(message);
  }
});

test('a tag goes where the caller wants it, and only a genuine one is looked at twice', async () => {
  const sg = createCrypto({ memory: 1 << 18 });
  const gcm = sg.aead('gcm(aes)', { key, authsize: 12 });
  const { data, tag } = await gcm.encrypt({ iv, data: key });
  const packet = new Uint8Array(28);
  const own = packet.subarray(16);
  const into = [packet.subarray(0, 16)];
  const sealed = await gcm.encrypt({ iv, data: key, into, tag: own });
  expect(sealed.tag).toBe(own);
  expect(Buffer.compare(packet, Buffer.concat([data, tag]))).toBe(0);
  const opened = gcm.decrypt({ iv, data, tag: own });
  own.fill(0);
  expect(await opened).toEqual(key);
  for (const wrong of [packet, new Uint8Array(0)]) {
    await expect(gcm.encrypt({ iv, data: key, tag: wrong })).rejects.toThrow(
      `tag: 12 bytes expected, ${wrong.length} given`,
    );
  }
  await sg.close();
});

test('everything that has a life can be disposed of, at once and by waiting', async () => {
  const sg = createCrypto({ memory: 1 << 18, checks: true });
  {
    await using other = createCrypto({ memory: 1 << 18 });
    using third = createCrypto({ memory: 1 << 18 });
    await using gcm = other.aead('gcm(aes)', { key });
    using ctr = third.skcipher('ctr(aes)', { key });
    await using sha = sg.hash('sha256');
    using message = sha.start();
    await using second = sha.start();
    await message.update(key);
    await second.update(key);
    expect([gcm.closed, ctr.closed, sha.closed]).toEqual([false, false, false]);
  }
  await sg.close();
  expect(sg.api.machine.ledger.holdings()).toEqual([]);
  const gone = createCrypto({ memory: 1 << 18, checks: true });
  const ctr = gone.skcipher('cryptd(ctr(aes))', { key });
  const running = ctr.encrypt({ iv: key, data: key });
  gone[Symbol.dispose]();
  expect(() => gone.hash('sha256')).toThrow('closed instance');
  expect((await running).data).toHaveLength(16);
  await gone.close();
  expect(gone.api.machine.ledger.holdings()).toEqual([]);
});

test('a key is copied: what becomes of the array afterwards does not matter', async () => {
  for (const checks of [false, true]) {
    const sg = createCrypto({ memory: 1 << 20, checks });
    for (const name of ['ctr(aes)', 'cbc(aes)', 'ecb(aes)', 'chacha20', 'xts(aes)']) {
      const mine = Uint8Array.from({ length: 32 }, (_, k) => 5 * k);
      const [ours, theirs] = [mine, mine.slice()].map((bytes) => sg.skcipher(name, { key: bytes }));
      mine.fill(0);
      const start = new Uint8Array(ours.ivsize);
      const [one, other] = await Promise.all(
        [ours, theirs].map((cipher) => cipher.encrypt({ iv: start, data: new Uint8Array(9600) })),
      );
      expect(Buffer.compare(one.data, other.data), name).toBe(0);
    }
    const secret = Uint8Array.from({ length: 32 }, (_, k) => k);
    const mac = sg.hash('hmac(sha256)', { key: secret });
    const tag = await mac.digest(key);
    secret.fill(0);
    expect(await mac.verify(key, tag)).toBe(true);
    await sg.close();
  }
});

test('a machine whose memory somebody else has taken says so, and goes on when it comes back', async () => {
  const sg = createCrypto({ memory: 1 << 18 });
  const { machine } = sg.api;
  const ctr = sg.skcipher('ctr(aes)', { key });
  const taken: Pfn[] = [];
  for (
    let page = machine.allocPages(0, 'test');
    page !== null;
    page = machine.allocPages(0, 'test')
  )
    taken.push(page);
  const input = { iv: key, data: new Uint8Array(20_000) };
  await expect(ctr.encrypt(input)).rejects.toMatchObject({ code: 'ENOMEM' });
  for (const page of taken) machine.freePages(page);
  expect((await ctr.encrypt(input)).data).toHaveLength(20_000);
  await sg.close();
});
