/**
 * What a user would do with other libraries: noble (P3), WebCrypto one request at a time (P4) and a
 * whole batch in flight (P5). None of them has XTS; WebCrypto cannot decrypt CBC without padding.
 * @module
 */
import { webcrypto } from 'node:crypto';
import { cbc, ctr, gcm } from '@noble/ciphers/aes.js';
import { sha256 } from '@noble/hashes/sha2.js';
import type { Machine } from '../../src/machine/index.ts';
import { inMemory, singly, type Way, type WaySpec } from '../way.ts';
import { view, type WorkItem, type Workload } from '../workloads.ts';
import { type Output, split, views } from './node.ts';

const NOTHING: Uint8Array = new Uint8Array(0);
const BLOCK = 16;

/** @see module */
export const NOBLE: WaySpec = {
  id: 'P3',
  what: 'concat + noble + split',
  kind: 'peer',
  make: noble,
};

/** @see module */
export const WEBCRYPTO_WAYS: readonly WaySpec[] = [
  { id: 'P4', what: 'concat + WebCrypto + split', kind: 'peer', make: (m, w) => web(m, w, false) },
  { id: 'P5', what: 'the same, batch in flight', kind: 'peer', make: (m, w) => web(m, w, true) },
];

function noble(machine: Machine, work: Workload): Way {
  const run = nobleRequest(work);
  return singly(machine, work, (item) => {
    const joined = Buffer.concat(views(machine, item.src));
    split(machine, work, item, run(item, joined, machine));
  });
}

type Request = (item: WorkItem, input: Uint8Array, machine: Machine) => Output;

function nobleRequest({ mode, key, encrypt, bytes }: Workload): Request {
  if (mode === 'sha256') return (_, input) => ({ text: NOTHING, tag: sha256(input) });
  if (mode === 'ctr')
    return ({ iv }, input) => ({ text: ctr(key, iv).encrypt(input), tag: NOTHING });
  if (mode === 'cbc') {
    return ({ iv }, input) => {
      const cipher = cbc(key, iv, { disablePadding: true });
      return { text: encrypt ? cipher.encrypt(input) : cipher.decrypt(input), tag: NOTHING };
    };
  }
  return ({ iv, ad, tag }, input, machine) => {
    const cipher = gcm(key, iv, view(machine, ad));
    if (!encrypt) {
      const sealed = Buffer.concat([input, view(machine, tag)]);
      return { text: cipher.decrypt(sealed), tag: NOTHING };
    }
    const sealed = cipher.encrypt(input);
    return { text: sealed.subarray(0, bytes), tag: sealed.subarray(bytes) };
  };
}

const NAMES = { gcm: 'AES-GCM', ctr: 'AES-CTR', cbc: 'AES-CBC' } as const;

async function web(machine: Machine, work: Workload, inFlight: boolean): Promise<Way> {
  const { items } = work;
  const run = await webRequest(work);
  const one = async (item: WorkItem): Promise<void> => {
    const joined = Buffer.concat(views(machine, item.src));
    split(machine, work, item, await run(item, joined, machine));
  };
  return inMemory(machine, work, async () => {
    if (inFlight) await Promise.all(items.map(one));
    else for (const item of items) await one(item);
  });
}

async function webRequest({
  mode,
  key,
  encrypt,
  bytes,
  tagLen,
}: Workload): Promise<(item: WorkItem, input: Uint8Array, machine: Machine) => Promise<Output>> {
  const { subtle } = webcrypto;
  if (mode === 'sha256') {
    return async (_, input) => ({
      text: NOTHING,
      tag: new Uint8Array(await subtle.digest('SHA-256', input)),
    });
  }
  if (mode === 'xts') throw new Error('WebCrypto has no XTS');
  const name = NAMES[mode];
  const usage = encrypt ? 'encrypt' : 'decrypt';
  const imported = await subtle.importKey('raw', key, name, false, [usage]);
  if (mode === 'gcm') {
    return async ({ iv, ad, tag }, input, machine) => {
      const params = { name, iv, additionalData: view(machine, ad), tagLength: 8 * tagLen };
      const data = encrypt ? input : Buffer.concat([input, view(machine, tag)]);
      const out = new Uint8Array(await subtle[usage](params, imported, data));
      return { text: out.subarray(0, bytes), tag: out.subarray(bytes) };
    };
  }
  return async ({ iv }, input) => {
    const params = mode === 'ctr' ? { name, counter: iv, length: 8 * BLOCK } : { name, iv };
    const out = new Uint8Array(await subtle[usage](params, imported, input));
    // CBC adds a block of padding, which nobody asked for.
    return { text: out.subarray(0, bytes), tag: NOTHING };
  };
}
