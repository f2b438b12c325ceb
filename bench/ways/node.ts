/**
 * The limit, one node:crypto call on bytes that lie contiguously already; and what a user would do with
 * scattered bytes: concatenate them (P1), or give them to the cipher one by one (P2).
 * @module
 */
import { createCipheriv, createDecipheriv, createHash } from 'node:crypto';
import type { Machine } from '../../src/machine/index.ts';
import { singly, type Way, type WaySpec, writesTag } from '../way.ts';
import { type BenchSegment, view, type WorkItem, type Workload } from '../workloads.ts';

/** Text, and a tag or digest. */
export interface Output {
  readonly text: Uint8Array;
  readonly tag: Uint8Array;
}

const NOTHING: Uint8Array = new Uint8Array(0);

/** @see module */
export const NODE_WAYS: readonly WaySpec[] = [
  { id: 'raw', what: 'node:crypto, contiguous', kind: 'limit', make: raw },
  { id: 'P1', what: 'concat + node:crypto + split', kind: 'peer', make: concatenated },
  { id: 'P2', what: 'node:crypto, update per view + split', kind: 'peer', make: perView },
];

/** The bytes of every segment, as a user of this memory has them. */
export function views(machine: Machine, segments: readonly BenchSegment[]): Uint8Array[] {
  return segments.map((segment) => view(machine, segment));
}

/** Puts a result where the workload wants it. */
export function split(
  machine: Machine,
  work: Workload,
  item: WorkItem,
  { text, tag }: Output,
): void {
  let done = 0;
  for (const segment of item.dst) {
    view(machine, segment).set(text.subarray(done, done + segment.len));
    done += segment.len;
  }
  if (writesTag(work)) view(machine, item.tag).set(tag);
}

/** The result stays where node put it. */
function raw(machine: Machine, work: Workload): Way {
  const { items } = work;
  const inputs = items.map(({ src }) => Buffer.concat(views(machine, src)));
  const ads = items.map(({ ad }) => Buffer.from(view(machine, ad)));
  const tags = items.map(({ tag }) => Buffer.from(view(machine, tag)));
  const results: Output[] = [];
  return {
    items: items.length,
    all: () => {
      for (let k = 0; k < items.length; k++) {
        results[k] = request(work, items[k].iv, ads[k], inputs[k], tags[k]);
      }
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

function concatenated(machine: Machine, work: Workload): Way {
  return singly(machine, work, (item) => {
    const joined = Buffer.concat(views(machine, item.src));
    const { iv, ad, tag } = item;
    const out = request(work, iv, view(machine, ad), joined, view(machine, tag));
    split(machine, work, item, out);
  });
}

/** One cipher per request, one `update` per source segment. For sectors this is the same as P1. */
function perView(machine: Machine, work: Workload): Way {
  const { mode, key, encrypt, unit } = work;
  if (unit > 0) return concatenated(machine, work);
  return singly(machine, work, (item) => {
    const { iv, src, ad, tag } = item;
    if (mode === 'sha256') {
      const hash = createHash('sha256');
      for (const segment of src) hash.update(view(machine, segment));
      split(machine, work, item, { text: NOTHING, tag: hash.digest() });
      return;
    }
    if (mode === 'gcm') {
      const gcm = gcmObject(encrypt, key, iv).setAAD(view(machine, ad));
      const parts = src.map((segment) => gcm.update(view(machine, segment)));
      const text = Buffer.concat(parts);
      split(machine, work, item, { text, tag: gcmEnd(gcm, view(machine, tag)) });
      return;
    }
    const cipher = cipherObject(encrypt, mode, key, iv);
    const parts = src.map((segment) => cipher.update(view(machine, segment)));
    cipher.final();
    split(machine, work, item, { text: Buffer.concat(parts), tag: NOTHING });
  });
}

/** One operation on contiguous bytes; for data units one cipher object for each of them. */
function request(
  { mode, key, encrypt, unit }: Workload,
  iv: Uint8Array,
  ad: Uint8Array,
  input: Uint8Array,
  tag: Uint8Array,
): Output {
  if (mode === 'sha256') return { text: NOTHING, tag: createHash('sha256').update(input).digest() };
  if (mode === 'gcm') {
    const gcm = gcmObject(encrypt, key, iv).setAAD(ad);
    const text = gcm.update(input);
    return { text, tag: gcmEnd(gcm, tag) };
  }
  if (unit === 0) {
    const cipher = cipherObject(encrypt, mode, key, iv);
    const text = cipher.update(input);
    cipher.final();
    return { text, tag: NOTHING };
  }
  const first = Buffer.from(iv).readUInt32LE(0);
  const parts: Uint8Array[] = [];
  for (let at = 0; at < input.length; at += unit) {
    const number = Buffer.alloc(16);
    number.writeUInt32LE(first + at / unit, 0);
    const cipher = cipherObject(encrypt, mode, key, number);
    parts.push(cipher.update(input.subarray(at, at + unit)));
    cipher.final();
  }
  return { text: Buffer.concat(parts), tag: NOTHING };
}

function cipherObject(encrypt: boolean, mode: string, key: Uint8Array, iv: Uint8Array) {
  const make = encrypt ? createCipheriv : createDecipheriv;
  return make(`aes-256-${mode}`, key, iv).setAutoPadding(false);
}

type Gcm = ReturnType<typeof gcmObject>;

function gcmObject(encrypt: boolean, key: Uint8Array, iv: Uint8Array) {
  return encrypt
    ? createCipheriv('aes-256-gcm', key, iv, { authTagLength: 16 })
    : createDecipheriv('aes-256-gcm', key, iv, { authTagLength: 16 });
}

/** @returns the tag of an encryption, nothing for a decryption. @throws Error for a wrong tag. */
function gcmEnd(gcm: Gcm, tag: Uint8Array): Uint8Array {
  if ('setAuthTag' in gcm) {
    gcm.setAuthTag(tag).final();
    return NOTHING;
  }
  gcm.final();
  return gcm.getAuthTag();
}
