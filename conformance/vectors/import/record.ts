/**
 * What the importers of all kinds have in common: a record of a file becomes a vector of a class.
 * @module
 */

import type { Vector } from '../vector.ts';
import type { RspFile, RspRecord } from './rsp.ts';

/** One set of files of the package that share a format. */
export interface ImportSource {
  readonly name: string;
  /** Below the folder of the package. */
  readonly paths: readonly string[];
  /** Gives for every record of `file` a vector with its class, or the reason why there is none. */
  read(file: RspFile): readonly Candidate[];
  /** Whether the `n`-th vector of its class is kept. */
  keep(n: number, candidate: Vector): boolean;
}

/** A vector that could be kept, or the reason why the record gives none. */
export type Candidate =
  | { readonly vector: Vector; readonly classOf: string }
  | { readonly reason: string };

type Bytes = Partial<Pick<Vector, 'key' | 'iv' | 'ad' | 'input' | 'output' | 'tag'>>;

/** What a record is about. */
export interface Parts {
  /** What stands before the name in the id: family, file, section. */
  readonly prefix: string;
  /** Unique below the prefix. */
  readonly name: string;
  readonly source: string;
  readonly alg: string;
  readonly kind: Vector['kind'];
  readonly classOf: string;
  readonly bytes: Bytes;
  /** Default: the record says so. */
  readonly invalid?: boolean;
}

export function candidate(record: RspRecord, parts: Parts): Candidate {
  const { prefix, name, source, alg, kind, classOf, bytes } = parts;
  const invalid = parts.invalid ?? record.fail;
  const vector: Vector = {
    id: `${prefix}/${name}`.replaceAll('//', '/'),
    source,
    alg,
    kind,
    ...{ key: '', iv: '', ad: '', input: '', output: '', tag: '' },
    ...bytes,
    expect: invalid ? 'invalid' : 'valid',
  };
  return { vector, classOf };
}

/** The name of a file without folder and ending. */
export function stem(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1).replace(/\.\w+$/, '');
}

export const keepAll = (): boolean => true;
