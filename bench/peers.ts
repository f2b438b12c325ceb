/**
 * What a user would do today with the same scattered bytes, and the limit: one call on bytes that lie
 * contiguously already.
 * @module
 */
import { createCipheriv, createHash } from 'node:crypto';
import type { Machine } from '../src/machine/machine.ts';
import { PHYS_BASE } from '../src/machine/phys-mem.ts';
import type { Way } from './harness.ts';
import type { BenchSegment, WorkItem, Workload } from './workloads.ts';

const NOTHING: Uint8Array = new Uint8Array(0);

/** node:crypto on contiguous copies made beforehand; the result stays where node put it. */
export function rawNode(machine: Machine, work: Workload): Way {
  const inputs = work.items.map(({ src }) => Buffer.concat(views(machine, src)));
  const ads = work.items.map(({ ad }) => Buffer.from(view(machine, ad)));
  const results: Result[] = [];
  return {
    name: 'node:crypto, contiguous',
    run: (item) => {
      results[item] = request(work, work.items[item].iv, ads[item], inputs[item]);
    },
    wipe: () => {
      results.length = 0;
    },
    digest: () =>
      results
        .reduce((hash, { text, tag }) => hash.update(text).update(tag), createHash('sha256'))
        .digest('hex'),
  };
}

/** Concatenate, one node:crypto request, split back. */
export function concatPeer(machine: Machine, work: Workload): Way {
  return {
    name: 'concat + node:crypto + split',
    run: (item) => {
      const { src, dst, ad, iv, tag } = work.items[item];
      const joined = Buffer.concat(views(machine, src));
      const result = request(work, iv, view(machine, ad), joined);
      let done = 0;
      for (const segment of dst) {
        view(machine, segment).set(result.text.subarray(done, done + segment.len));
        done += segment.len;
      }
      view(machine, tag).set(result.tag);
    },
    wipe: () => wipeOutputs(machine, work),
    digest: () => outputDigest(machine, work),
  };
}

/** SHA-256 over all destination segments, each item followed by its tag or digest. */
export function outputDigest(machine: Machine, work: Workload): string {
  const hash = createHash('sha256');
  for (const item of work.items) {
    for (const segment of item.dst) hash.update(view(machine, segment));
    hash.update(view(machine, item.tag).subarray(0, tagLength(work)));
  }
  return hash.digest('hex');
}

export function wipeOutputs(machine: Machine, work: Workload): void {
  for (const { dst, tag } of work.items) {
    for (const segment of dst) view(machine, segment).fill(0);
    view(machine, tag).fill(0);
  }
}

/** The bytes of a segment, unchecked. */
export function view(machine: Machine, { phys, len }: BenchSegment): Uint8Array {
  const at = phys - PHYS_BASE;
  return machine.mem.u8.subarray(at, at + len);
}

export function tagLength({ alg, authsize }: Pick<Workload, 'alg' | 'authsize'>): number {
  return alg === 'sha256' ? 32 : authsize;
}

function views(machine: Machine, segments: WorkItem['src']): Uint8Array[] {
  return segments.map((segment) => view(machine, segment));
}

/** Text and tag, or nothing and a digest. */
interface Result {
  readonly text: Uint8Array;
  readonly tag: Uint8Array;
}

function request(work: Workload, iv: Uint8Array, ad: Uint8Array, input: Uint8Array): Result {
  const { alg, key, authsize } = work;
  if (alg === 'sha256') return { text: NOTHING, tag: createHash('sha256').update(input).digest() };
  if (alg === 'gcm(aes)') {
    const gcm = createCipheriv('aes-256-gcm', key, iv, { authTagLength: authsize });
    const text = gcm.setAAD(ad).update(input);
    gcm.final();
    return { text, tag: gcm.getAuthTag() };
  }
  const cipher = createCipheriv(`aes-256-${alg.slice(0, 3)}`, key, iv).setAutoPadding(false);
  const text = cipher.update(input);
  cipher.final();
  return { text, tag: NOTHING };
}
