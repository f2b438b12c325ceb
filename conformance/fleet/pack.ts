/**
 * What a shard hands in, in one word that is small enough for a queue, and what comes out of one again:
 * checked by schema, and bounded before anything is unpacked.
 * @module
 */
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { z } from 'zod';
import { UsageError } from '../terminal/exit.ts';

/** Longest result, bytes of JSON: the counts of all algorithms are some 100 KiB, twenty findings 1 MiB. */
const MOST_JSON = 4 << 20;
/** Longest packed result, characters. */
export const MOST_PACKED: number = 1 << 20;
const MOST_TEXT = 4096;

/** A number of things. */
export const count: z.ZodType<number> = z.number().int().min(0);
/** A name or a reason. */
export const name: z.ZodType<string> = z.string().max(MOST_TEXT);

/** @throws UsageError when it is too large for a queue */
export function pack(data: unknown): string {
  const packed = deflateRawSync(JSON.stringify(data)).toString('base64');
  if (packed.length <= MOST_PACKED) return packed;
  throw new UsageError(`result: ${packed.length} characters, more than ${MOST_PACKED}`);
}

/** @throws UsageError naming the shard and the field. */
export function unpack<T>(packed: unknown, schema: z.ZodType<T>, where: string): T {
  const text = z.string().max(MOST_PACKED).safeParse(packed).data;
  if (text === undefined) throw new UsageError(`${where}: no result, or one that is too long`);
  let json: unknown;
  try {
    const bytes = inflateRawSync(Buffer.from(text, 'base64'), { maxOutputLength: MOST_JSON });
    json = JSON.parse(bytes.toString());
  } catch {
    throw new UsageError(`${where}: the result is cut off or altered`);
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const [{ path, message }] = parsed.error.issues;
  throw new UsageError(`${where}: ${path.join('.')}: ${message}`);
}
