/**
 * Vector sets of NIST's Automated Cryptographic Validation Protocol: prompts beside what is expected of an
 * implementation (`prompt.json` and `expectedResults.json`, or files of one name in two folders), or both in one
 * (`internalProjection.json`). Prompt and answer belong together by the numbers of set, group and test.
 * @module
 */
import { z } from 'zod';
import type { WycheproofTest } from '../import/readers.ts';
import { collect, ForeignError, type ForeignSet, needsKey, targetOf } from './target.ts';
import { parsed } from './wycheproof.ts';

const hex = z
  .string()
  .regex(/^([0-9A-Fa-f]{2})*$/, 'no bytes in hex')
  .transform((bytes) => bytes.toLowerCase());
const bytes = hex.optional();
const testSchema = z.object({
  tcId: z.number(),
  testPassed: z.boolean().optional(),
  len: z.number().optional(),
  payloadLen: z.number().optional(),
  sequenceNumber: z.number().optional(),
  resultsArray: z.array(z.unknown()).optional(),
  largeMsg: z.unknown().optional(),
  ...{ key: bytes, key1: bytes, key2: bytes, key3: bytes, iv: bytes, aad: bytes, tag: bytes },
  ...{ pt: bytes, ct: bytes, msg: bytes, message: bytes, md: bytes, mac: bytes, tweakValue: bytes },
});
interface Group {
  readonly tgId: number;
  readonly testType: string;
  readonly direction: string;
  readonly kwCipher: string;
  readonly tagLen: number;
  readonly tests: readonly unknown[];
}
const groupSchema: z.ZodType<Group> = z.object({
  tgId: z.number(),
  testType: z.string().default(''),
  direction: z.string().default(''),
  kwCipher: z.string().default('cipher'),
  tagLen: z.number().default(0),
  tests: z.array(z.unknown()),
});
/** One set; answers have neither algorithm nor mode. */
interface VectorSet {
  readonly vsId: number;
  readonly algorithm: string;
  readonly mode: string;
  readonly testGroups: readonly Group[];
}
const setSchema: z.ZodType<VectorSet> = z.object({
  vsId: z.number(),
  algorithm: z.string().default(''),
  mode: z.string().default(''),
  testGroups: z.array(groupSchema),
});

type Test = z.infer<typeof testSchema>;

/** Where a set is from. */
export interface AcvpFile {
  readonly path: string;
  /** The path, and the number of the set where a file has several. */
  readonly name: string;
  readonly set: VectorSet;
  /** It says what the algorithm is: prompts, or both. */
  readonly asks: boolean;
}

/** The sets of a file, or null where it is of another form. @throws ForeignError naming a field. */
export function readAcvp(path: string, value: unknown): AcvpFile[] | null {
  const found = (Array.isArray(value) ? value : [value]).filter(
    (part) => z.object({ vsId: z.number() }).safeParse(part).success,
  );
  if (found.length === 0) return null;
  return found.map((part) => {
    const set = parsed(path, '', setSchema, part);
    const name = found.length === 1 ? path : `${path}#${set.vsId}`;
    return { path, name, set, asks: set.algorithm !== '' && set.testGroups.some(isAsked) };
  });
}

/** Groups that say what is to be done; answers have their numbers only. */
function isAsked({ testType, tests }: Group): boolean {
  return testType !== '' && tests.length > 0;
}

/** Each set of prompts with the answers that belong to it. */
export function pairAcvp(files: readonly AcvpFile[]): ForeignSet[] {
  return files.filter(({ asks }) => asks).map((file) => paired(file, files));
}

function paired(file: AcvpFile, files: readonly AcvpFile[]): ForeignSet {
  const { path, name, set } = file;
  const answers = answersOf(file, files);
  const algorithm = set.mode === '' ? set.algorithm : `${set.algorithm} ${set.mode}`;
  const target = targetOf(algorithm);
  const tests = set.testGroups.flatMap((group, g) => {
    if (target === null)
      return group.tests.map(() => `no such algorithm in the table: ${algorithm}`);
    return group.tests.map((raw, i): WycheproofTest | string => {
      const prefix = `testGroups.${g}.tests.${i}.`;
      const prompt = parsed(path, prefix, testSchema, raw);
      if (needsKey(target.alg) && prompt.key === undefined && prompt.key1 === undefined)
        throw new ForeignError(`${path}: ${prefix}key: missing`);
      const answer = answers.get(`${group.tgId} ${prompt.tcId}`) ?? {};
      return testOf(group, { ...prompt, ...answer });
    });
  });
  return collect({ path: name, format: 'ACVP', algorithm }, tests, target);
}

/** By group and test; empty where the prompts are answered in the same file or nowhere. */
function answersOf({ path, set }: AcvpFile, files: readonly AcvpFile[]): Map<string, Test> {
  const [folder, name] = splitPath(path);
  const others = files.filter((file) => !file.asks && file.set.vsId === set.vsId);
  const near =
    others.find((file) => splitPath(file.path)[0] === folder) ??
    others.find((file) => splitPath(file.path)[1] === name);
  const answers = near ?? (others.length === 1 ? others[0] : undefined);
  const found = new Map<string, Test>();
  for (const [g, { tgId, tests }] of (answers?.set.testGroups ?? []).entries()) {
    for (const [i, raw] of tests.entries()) {
      const prefix = `testGroups.${g}.tests.${i}.`;
      const test = parsed(answers?.path ?? path, prefix, testSchema, raw);
      found.set(`${tgId} ${test.tcId}`, test);
    }
  }
  return found;
}

function splitPath(path: string): readonly [folder: string, name: string] {
  const slash = path.lastIndexOf('/');
  return [path.slice(0, slash + 1), path.slice(slash + 1)];
}

/** One test in the common form, or why it is none of one operation. */
function testOf(
  { testType, direction, kwCipher, tagLen }: Group,
  test: Test,
): WycheproofTest | string {
  if (test.resultsArray !== undefined || testType === 'MCT')
    return 'a chain of a thousand operations';
  if (test.largeMsg !== undefined) return 'a message that is repeated to gigabytes';
  if ([test.len, test.payloadLen].some((bits) => (bits ?? 0) % 8 !== 0))
    return 'bits that are no whole bytes';
  if (kwCipher !== 'cipher') return 'key wrap by the inverse cipher';
  const invalid = test.testPassed === false;
  const { pt, ct, key, key1 = '', key2 = '', key3 = '', msg, message, md, mac } = test;
  const tag = test.tag ?? md ?? mac;
  const text = pt ?? msg ?? message ?? (invalid || ct === '' ? '' : undefined);
  const answered = invalid || (text !== undefined && (ct !== undefined || tag !== undefined));
  if (!answered) return 'no answer beside the prompt';
  // The text of CCM ends with its tag.
  const joined = test.tag === undefined && md === undefined && mac === undefined ? tagLen / 4 : 0;
  const sealed = ct ?? '';
  return {
    ...{ tcId: test.tcId, result: invalid ? 'invalid' : 'valid' },
    flags: [[testType, direction].filter((word) => word !== '').join(' ')],
    key: key ?? key1 + key2 + key3,
    iv: test.iv ?? test.tweakValue ?? tweak(test.sequenceNumber),
    ...{ aad: test.aad ?? '', msg: text ?? '' },
    ct: joined === 0 ? sealed : sealed.slice(0, sealed.length - joined),
    tag: tag ?? (joined === 0 ? '' : sealed.slice(sealed.length - joined)),
    ...{ public: '', private: '', shared: '' },
  };
}

/** The number of a data unit, the least byte first; no IV where there is none. */
function tweak(number: number | undefined): string {
  if (number === undefined) return '';
  const block = Buffer.alloc(16);
  block.writeBigUInt64LE(BigInt(number));
  return block.toString('hex');
}
