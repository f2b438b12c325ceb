/**
 * Residue: bytes of a key, an IV or a plaintext in memory that an API took and gave back.
 *
 * Looked for are runs of {@link RUN} bytes: of a key or an IV at any place of it, of a text at every
 * eighth byte, so that of a text 15 bytes in a row are always found and fewer than 8 never. A run of
 * fewer than {@link LEAST_VALUES} different bytes says nothing, and is not looked for. That 8 random
 * bytes are those of a run by chance has a probability of 2^-64.
 * @module
 */

/** Bytes that are compared at once. */
const RUN = 8;
/** Different bytes that a run must have to be told from padding, lengths and counters. */
const LEAST_VALUES = 4;
const HALF = RUN / 2;

/** Memory that the scatterlist API gives back as it is, because the kernel of 6.1 does. */
interface Left {
  /** Whoever took it, as the ledger calls it. */
  readonly who: string;
  /** Who shows that it still occurs: every run, or the laws, where a run has it too seldom. */
  readonly shownBy: readonly ('run' | 'laws')[];
  /** Where 6.1 does so. */
  readonly kernel: string;
}

/**
 * What is no residue on the side of the scatterlist API; the iov_iter API has no such row.
 */
export const LEFT: readonly Left[] = [
  {
    who: 'skcipher_walk',
    shownBy: ['run', 'laws'],
    kernel: 'crypto/skcipher.c skcipher_walk_done: kfree(walk->buffer), free_page(walk->page)',
  },
  { who: 'essiv', shownBy: ['laws'], kernel: 'crypto/essiv.c essiv_aead_done: kfree(rctx->assoc)' },
  {
    who: 'scomp',
    shownBy: ['run'],
    kernel: 'crypto/scompress.c crypto_scomp_free_scratches: vfree(scratch->src)',
  },
  { who: 'ecdsa_verify', shownBy: ['run'], kernel: 'crypto/ecdsa.c ecdsa_verify: kfree(buffer)' },
];

/** True for who gives memory back as it is, because the kernel does. */
export function isLeft(who: string): boolean {
  return LEFT.some((left) => left.who === who);
}

/** Something that nobody may find afterwards. */
export interface Secret {
  /** In words, `the key of request 1`. */
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Distance of the runs of it that are looked for, 1 or {@link RUN}. */
  readonly stride: number;
}

/** Looks for secrets in memory; built once for all the memory of a case. */
export class ResidueSearch {
  private readonly secrets: readonly Secret[];
  /** Places of runs by their first half: number of the secret, and offset in it. */
  private readonly runs: Map<number, (readonly [secret: number, at: number])[]> = new Map();

  constructor(secrets: readonly Secret[]) {
    this.secrets = secrets;
    for (const [number, { bytes, stride }] of secrets.entries()) {
      for (let at = 0; at + RUN <= bytes.length; at += stride) {
        if (new Set(bytes.subarray(at, at + RUN)).size < LEAST_VALUES) continue;
        const half = word(bytes, at);
        const known = this.runs.get(half);
        if (known === undefined) this.runs.set(half, [[number, at]]);
        else known.push([number, at]);
      }
    }
  }

  /** @returns the first secret in these bytes, in words; null where there is none. */
  find(memory: Uint8Array): string | null {
    for (let at = 0; at + RUN <= memory.length; at++) {
      for (const [number, from] of this.runs.get(word(memory, at)) ?? []) {
        const { bytes, name } = this.secrets[number];
        const len = commonLength(memory, at, bytes, from);
        if (len >= RUN) return `${len} bytes of ${name} at byte ${at} of ${memory.length}`;
      }
    }
    return null;
  }
}

function word(bytes: Uint8Array, at: number): number {
  let value = 0;
  for (let i = 0; i < HALF; i++) value = value * 256 + bytes[at + i];
  return value;
}

function commonLength(a: Uint8Array, at: number, b: Uint8Array, from: number): number {
  const most = Math.min(a.length - at, b.length - from);
  let len = 0;
  while (len < most && a[at + len] === b[from + len]) len++;
  return len;
}
