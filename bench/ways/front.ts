/**
 * The promise front door: `Uint8Array`s in, one result out, which the user of scattered memory splits.
 * @module
 */
import { createCrypto } from '../../converted/front/index.ts';
import type { Machine } from '../../src/machine/index.ts';
import { inMemory, type Way, type WaySpec } from '../way.ts';
import { view, type WorkItem, type Workload } from '../workloads.ts';
import { type Output, split, views } from './node.ts';

const NOTHING: Uint8Array = new Uint8Array(0);

/** @see module */
export const FRONT: WaySpec = {
  id: 'front',
  what: 'front door, await',
  kind: 'front',
  make: front,
};

async function front(machine: Machine, work: Workload): Promise<Way> {
  const request = await requestOf(machine, work);
  const { items } = work;
  return inMemory(machine, work, async () => {
    for (const item of items) split(machine, work, item, await request(item));
  });
}

async function requestOf(
  machine: Machine,
  { mode, key, encrypt }: Workload,
): Promise<(item: WorkItem) => Promise<Output>> {
  const sg = createCrypto();
  if (mode === 'sha256') {
    const hash = sg.hash('sha256');
    return async ({ src }) => ({ text: NOTHING, tag: await hash.digest(views(machine, src)) });
  }
  if (mode === 'gcm') {
    const gcm = sg.aead('gcm(aes)', { key });
    return async ({ iv, ad, src, tag }) => {
      const input = { iv, ad: view(machine, ad), data: views(machine, src) };
      if (!encrypt) {
        return { text: await gcm.decrypt({ ...input, tag: view(machine, tag) }), tag: NOTHING };
      }
      const sealed = await gcm.encrypt(input);
      return { text: sealed.data, tag: sealed.tag };
    };
  }
  const cipher = sg.skcipher(`${mode}(aes)`, { key });
  return async ({ iv, src }) => {
    const input = { iv, data: views(machine, src) };
    const { data } = await (encrypt ? cipher.encrypt(input) : cipher.decrypt(input));
    return { text: data, tag: NOTHING };
  };
}
