/**
 * The promise front door: `Uint8Array`s in, and the `Uint8Array`s that the output goes into.
 * @module
 */
import { createCrypto } from '../../converted/front/index.ts';
import type { Machine } from '../../src/machine/index.ts';
import { inMemory, type Way, type WaySpec } from '../way.ts';
import { view, type WorkItem, type Workload } from '../workloads.ts';
import { views } from './node.ts';

/** @see module */
export const FRONT: WaySpec = {
  id: 'front',
  what: 'front door, await',
  kind: 'front',
  make: front,
};

async function front(machine: Machine, work: Workload): Promise<Way> {
  const request = await requestOf(machine, work);
  return inMemory(machine, work, async () => {
    for (const item of work.items) await request(item);
  });
}

async function requestOf(
  machine: Machine,
  { mode, key, encrypt }: Workload,
): Promise<(item: WorkItem) => Promise<void>> {
  const sg = createCrypto();
  if (mode === 'sha256') {
    const hash = sg.hash('sha256');
    return async ({ src, tag }) => {
      view(machine, tag).set(await hash.digest(views(machine, src)));
    };
  }
  if (mode === 'gcm') {
    const gcm = sg.aead('gcm(aes)', { key });
    return async ({ iv, ad, src, dst, tag }) => {
      const data = views(machine, src);
      const input = { iv, ad: view(machine, ad), data, into: views(machine, dst) };
      if (encrypt) view(machine, tag).set((await gcm.encrypt(input)).tag);
      else await gcm.decrypt({ ...input, tag: view(machine, tag) });
    };
  }
  const cipher = sg.skcipher(`${mode}(aes)`, { key });
  return async ({ iv, src, dst }) => {
    const input = { iv, data: views(machine, src), into: views(machine, dst) };
    await (encrypt ? cipher.encrypt(input) : cipher.decrypt(input));
  };
}
