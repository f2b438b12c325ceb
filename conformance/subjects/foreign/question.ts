/**
 * What a program of any kind is asked, and what it may answer: one JSON object a line, bytes in lower-case
 * hex.
 *
 * Question: `{"id":1,"alg":"gcm(aes)","op":"encrypt","key":"00..","iv":"..","ad":"..","text":"..","tag":"",
 * "authsize":16}`. `key` is null where there is none; `op` is encrypt, decrypt, digest, sign, verify, generate
 * or agree. A case adds `"src":[5,11],"dst":[16]`, the lengths of its segments, for who wants to go through the
 * text piece by piece, and `inplace`.
 *
 * Answer: `{"id":1,"output":".."}` (text and tag, digest, secret), with `"iv"` where the program knows what the
 * IV buffer holds afterwards; `{"id":1,"error":"EBADMSG"}`; `{"id":1,"setkey":"EINVAL"}`,
 * `{"id":1,"setauthsize":"EINVAL"}` or both for what is refused before; `{"id":1,"absent":"why"}` for what it does
 * not do.
 * Answers may come in any order.
 * @module
 */
import { z } from 'zod';

/** An answer; `id` is that of the question. */
export type Answer = { readonly id: number } & (
  | { readonly output: string; readonly iv?: string | undefined }
  | { readonly error: string; readonly iv?: string | undefined }
  | { readonly setkey?: string | undefined; readonly setauthsize?: string | undefined }
  | { readonly absent: string }
);

const id = z.number();
const hex = z.string().regex(/^([0-9a-f]{2})*$/);
const errno = z.string().regex(/^E[A-Z0-9]{1,20}$/);
const answerSchema: z.ZodType<Answer> = z.union([
  z.object({ id, output: hex, iv: hex.optional() }),
  z.object({ id, error: errno, iv: hex.optional() }),
  z.object({ id, absent: z.string().min(1) }),
  z.object({ id, setkey: errno, setauthsize: errno.optional() }),
  z.object({ id, setauthsize: errno }),
]);

/** What is asked in any case. */
interface Asked {
  readonly alg: string;
  readonly op: string;
  readonly key: Uint8Array | null;
  readonly iv: Uint8Array;
  readonly ad: Uint8Array;
  readonly text: Uint8Array;
  readonly tag: Uint8Array;
  readonly authsize: number;
}

/** The question without its number. */
export function questionOf({ alg, op, key, iv, ad, text, tag, authsize }: Asked): object {
  const bytes = { iv: toHex(iv), ad: toHex(ad), text: toHex(text), tag: toHex(tag) };
  return { alg, op, key: key === null ? null : toHex(key), ...bytes, authsize };
}

/** @returns null for a line that is no answer. */
export function answerIn(line: string): Answer | null {
  try {
    return answerSchema.parse(JSON.parse(line));
  } catch {
    return null;
  }
}

/** The errno by which something was refused, at whatever step; null for a result. */
export function refusalIn(answer: Answer): string | null {
  if ('error' in answer) return answer.error;
  if ('setauthsize' in answer && answer.setauthsize !== undefined) return answer.setauthsize;
  return 'setkey' in answer ? (answer.setkey ?? null) : null;
}

export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex');
}
