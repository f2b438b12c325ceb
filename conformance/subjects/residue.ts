/**
 * What of the secrets of a case stands in memory that an API has given back.
 * @module
 */
import { materialise } from '../case/case.ts';
import type { Observation } from '../judge/observe.ts';
import { isLeft, ResidueSearch, type Secret } from '../judge/residue.ts';
import { isPrivateKey } from './data.ts';
import type { Operation } from './operation.ts';
import type { Taking } from './takings.ts';

/** Tables of the caller: addresses and lengths. */
const TABLES = 'sg_table';
/** So far apart are the runs of a text that are looked for. */
const STRIDE = 8;

/** The output of an operation that succeeded; null where it did not. */
export type OutputOf = (number: number) => Uint8Array | null;

/** What the memory rules go by. */
type Halves = Pick<Observation, 'joined' | 'partial'>;

/** Whose memory holds bytes that the scatterlist API may leave there. */
export function leftBy(side: Halves, taken: readonly Taking[]): readonly string[] {
  return hasOldDrivers(side) ? taken.map(({ who }) => who).filter(isLeft) : [];
}

/** @returns a line for each taking that holds a secret of these operations. */
export function residueIn(
  side: Halves,
  ops: readonly Operation[],
  outputOf: OutputOf,
  taken: readonly Taking[],
): string[] {
  const old = hasOldDrivers(side);
  const odd = taken.filter(({ who }) => who !== TABLES && !(old && isLeft(who)));
  if (odd.length === 0) return [];
  const search = new ResidueSearch(ops.flatMap((op, i) => secretsOf(op, i, outputOf(i))));
  const { mem } = ops[0].memory.machine;
  return odd.flatMap(({ who, offset, len }) => {
    const found = search.find(mem.u8.subarray(offset, offset + len));
    return found === null ? [] : [`${found} that ${who} gave back`];
  });
}

/** The old API, and whatever may have drivers of it below. */
function hasOldDrivers({ joined, partial }: Halves): boolean {
  return joined || partial === true;
}

/** What an operation was given to keep. A public key, a ciphertext and a signature are nobody's secret. */
function secretsOf(op: Operation, number: number, output: Uint8Array | null): Secret[] {
  const of = number === 0 ? '' : ` of request ${number}`;
  const { key, iv } = op.input;
  const secrets: Secret[] = [{ name: `the IV${of}`, bytes: iv, stride: 1 }];
  if (key !== null && (op.c.kind !== 'akcipher' || isPrivateKey(key))) {
    secrets.push({ name: `the key${of}`, bytes: key, stride: 1 });
  }
  for (const bytes of textsOf(op, output)) {
    secrets.push({ name: `the plaintext${of}`, bytes, stride: STRIDE });
  }
  return op.earlier === null ? secrets : [...secrets, ...secretsOf(op.earlier, number, null)];
}

/** What is encrypted, signed, hashed or compressed; of what is opened also the result. */
function textsOf({ c, input }: Operation, output: Uint8Array | null): Uint8Array[] {
  switch (c.op) {
    case 'decrypt': {
      const sealed = c.kind === 'aead' && c.tag === null ? [materialise(c.text)] : [];
      return output === null ? sealed : [...sealed, output];
    }
    case 'agree':
      return output === null ? [] : [output];
    case 'encrypt':
    case 'sign':
    case 'digest':
    case 'compress':
      return [input.text];
    default:
      return [];
  }
}
