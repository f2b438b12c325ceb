/**
 * The two answers to a case with empty entries: what the scatterlist API says where they count, and what
 * it says of the same case without them. A rule that excuses a difference asks both sides for theirs.
 * @module
 */
import { algorithmOf } from '../../algorithms.ts';
import { LegacyModel } from '../models/legacy.ts';
import type { Series } from '../models/model.ts';
import type { Segment, TextCase } from '../text/case.ts';
import { type View, viewOf } from './contract.ts';

const MODEL = new LegacyModel();
const POISON = 'db';

/** What the model of the scatterlist API says of a case, as of 6.1. */
export function scatterlistSays(c: TextCase, series: Series): View {
  return viewOf(c, MODEL.run(c, series));
}

/** The same case without its empty entries: a list of nothing else keeps one. */
export function withoutEmpty(c: TextCase): TextCase {
  if (c.op !== 'skcipher' && c.op !== 'aead' && c.op !== 'acomp')
    return { ...c, src: filled(c.src) };
  return { ...c, src: filled(c.src), dst: c.dst === null ? null : filled(c.dst) };
}

function filled(list: readonly Segment[]): readonly Segment[] {
  const end = list.findIndex(({ endMark }) => endMark === true);
  const [used, behind] = end < 0 ? [list, []] : [list.slice(0, end + 1), list.slice(end + 1)];
  const out: Segment[] = [];
  let newTable = false;
  for (const segment of used) {
    newTable ||= segment.newTable === true && out.length > 0;
    if (segment.length === 0) continue;
    out.push(newTable ? { ...segment, newTable } : segment);
    newTable = false;
  }
  const last = out.pop();
  if (last === undefined) return end < 0 ? list.slice(0, 1) : list;
  // What lies behind an end mark is looked at afterwards.
  return [...out, end < 0 ? last : { ...last, endMark: true }, ...behind];
}

/**
 * The digest of an HMAC template of 7.2 whose inner digest was not written: the outer hash is of what the
 * result buffer held. null for the HMACs that are library code, whose result stays unwritten as a whole.
 */
export function outerOfUnwritten(algorithm: string, key: string): string | null {
  const name = /^hmac\((.*)\)$/.exec(algorithm)?.[1] ?? '';
  const hash = /^(md5|sha\d+)$/.test(name) ? undefined : algorithmOf(name);
  if (hash?.kind !== 'ahash') return null;
  const given = Buffer.from(key, 'hex');
  const short = given.length > hash.blocksize ? hash.digest(new Uint8Array(0), given) : given;
  if (typeof short === 'number') return null;
  const outer = Buffer.alloc(hash.blocksize, 0x5c);
  for (const [i, byte] of short.entries()) outer[i] ^= byte;
  const inner = Buffer.from(POISON.repeat(hash.digestsize), 'hex');
  const digest = hash.digest(new Uint8Array(0), Buffer.concat([outer, inner]));
  return typeof digest === 'number' ? null : Buffer.from(digest).toString('hex').slice(0, 16);
}
