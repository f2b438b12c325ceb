/**
 * What changed between the releases that were run, as what later kernels say instead of what the model
 * says. A change is exact: behind it everything is compared. A test says that each is still needed.
 * @module
 */
import { agreedUnchecked } from '../../algorithms/key-agreements.ts';
import type { Series } from '../models/model.ts';
import {
  arenaBytes,
  bytesOf,
  type CipherCase,
  type DataCase,
  type HashCase,
  hasEmptyEntry,
  kindOf,
  PAGE_SIZE,
  type ProgramCase,
  type TextCase,
} from '../text/case.ts';
import type { View } from './contract.ts';
import { generatedBytes } from './generated.ts';
import { shortHash } from './hash.ts';
import { isLibraryIv, withLibraryIv } from './library-iv.ts';
import type { ReleaseChange } from './rules.ts';
import { firstEntry, isScomp } from './scomp.ts';
import { outerOfUnwritten, scatterlistSays, withoutEmpty } from './two-answers.ts';

/** Series from which on adiantum walks its lists with scatterwalk. */
export const SCATTERWALK_ADIANTUM: Series = [7, 2];

/** Series from which on dh looks at public keys in FIPS mode only. */
const DH_IN_FIPS: Series = [6, 12];

function isAsync(c: TextCase): boolean {
  return c.op !== 'iter' && c.op !== 'sg' && c.async;
}

function isHash(c: TextCase): c is HashCase | ProgramCase {
  return c.op === 'hash' || (c.op === 'program' && c.kind === 'hash');
}

function isAsyncHash(c: TextCase): c is HashCase | ProgramCase {
  return isHash(c) && c.async;
}

/** What the last submission in each request object of a program was answered. */
function lastAnswers(c: ProgramCase, completion: string): readonly string[] {
  const owner = (i: number): number => {
    const following = c.following[i - 1];
    return following?.reuse === true ? owner(following.of) : i;
  };
  const answers = new Map<number, string>();
  for (const [, request, err] of completion.matchAll(/a(\d+):(-?\d+)/g))
    answers.set(owner(Number(request)), err);
  return [...answers.values()];
}

/** What the destination holds where decryption gives back what was encrypted. */
function textAgain(c: CipherCase): string {
  const arena = arenaBytes(c);
  const behind = bytesOf(arena, c.dst ?? c.src).subarray(c.length);
  return shortHash(
    Buffer.concat([bytesOf(arena, c.src).subarray(0, c.length), behind]).toString('hex'),
  );
}

/** What the source of a case holds in front of its text; what an IV generator puts there is told with the text. */
function sourceAd(c: TextCase): string {
  if (c.op !== 'aead') return '';
  const made = c.direction === 'decrypt' ? generatedBytes(c.algorithm) : 0;
  const length = Math.min(c.assoc + made, c.assoc + c.length);
  return shortHash(Buffer.from(bytesOf(arenaBytes(c), c.src).subarray(0, length)).toString('hex'));
}

/** The view of a case that failed in `step` before anything was computed. */
function failedView({ digest: _d, completion: _c, ...view }: View, step: 'alloc' | 'setkey'): View {
  // A campaign view has every aspect, and an empty text where there is nothing to tell.
  return { ...view, ...(view.refs === '' ? { completion: '' } : {}), errno: `-22 ${step}` };
}

/** What the submissions of each half of a case answered. A campaign view has one half. */
function submissions({ completion = '' }: View, c: TextCase): readonly (readonly string[])[] {
  if (c.op === 'program') return [lastAnswers(c, completion)];
  const halves = [...completion.matchAll(/ret[0s]((?: -?\d+)+)/g)];
  return halves.length === 0
    ? [completion.split(' ').slice(0, 1)]
    : halves.map(([, rets]) => rets.trim().split(' '));
}

/** Halves in which cryptd refused a request: it has put a callback of its own into it by then. */
function refusedHalves(view: View, c: TextCase): number {
  return submissions(view, c).filter((rets) => rets.includes('-28')).length;
}

/** Halves in which cryptd took a request. */
function takenHalves(view: View, c: TextCase): number {
  return submissions(view, c).filter((rets) => rets.includes('-115') || rets.includes('-16'))
    .length;
}

const EVERY_MODEL = [
  ...['legacy', 'converted', 'lib'],
  ...['campaign legacy', 'campaign converted', 'campaign lib', 'campaign reference'],
] as const;

/** What is no model of the scatterlist API's requests: nothing of cryptd's own stays in them. */
const OTHER_REQUESTS = ['converted', 'campaign legacy', 'campaign converted'] as const;

/** The key that a case sets; all requests of a program have that of the first. */
function keyOf(c: HashCase | ProgramCase): string | null {
  return c.op === 'program' ? c.requests[0].key : c.key;
}

/** Is it a key, in hex, of more or less than 128 bits? */
function isNot128(key: string | null): boolean {
  return key !== null && key.length !== 32;
}

/** What is made of a public key that nobody has checked. */
function withoutPeerCheck(view: View, c: DataCase): View {
  const peer = bytesOf(arenaBytes(c), c.src).subarray(0, c.length);
  const made = agreedUnchecked(c.algorithm, Buffer.from(c.key ?? '', 'hex'), peer, c.room);
  if (made === null) return view;
  if (made.result !== 0) return { ...view, errno: `${made.result} crypt` };
  const output = shortHash(Buffer.from(made.output ?? []).toString('hex'));
  return { ...view, errno: '0', output };
}

function withChanged(view: View, halves: number, what: string): View {
  return halves === 0 ? view : { ...view, changed: Array(halves).fill(what).join(' ') };
}

/** Does a cipher that walks with sg_miter pass over an entry of this case (FINDINGS.md, section 7)? */
export function hasEmptyAtBoundary(c: CipherCase): boolean {
  return [...c.src, ...(c.dst ?? [])].some(
    ({ length, offset }) => length === 0 && offset > 0 && offset % PAGE_SIZE === 0,
  );
}

/** Later ones see what earlier ones said. */
export const RELEASE_CHANGES: readonly ReleaseChange[] = [
  {
    id: 'cryptd-keeps-refused-callback',
    models: OTHER_REQUESTS,
    first: null,
    last: null,
    applies: (c) => kindOf(c) !== 'hash' && isAsync(c),
    change: (view, c) => withChanged(view, refusedHalves(view, c), 'callback'),
    reason:
      'cryptd leaves its callback in a request that its queue refuses (FINDINGS.md, section 6)',
  },
  {
    id: 'cryptd-keeps-aead-request',
    models: OTHER_REQUESTS,
    first: null,
    last: [6, 1],
    applies: (c) => kindOf(c) === 'aead' && isAsync(c),
    change: (view, c) => withChanged(view, takenHalves(view, c), 'tfm callback'),
    reason: 'cryptd leaves transform and callback of an AEAD request as it set them (section 4)',
  },
  {
    id: 'leak-of-the-worker',
    models: ['legacy'],
    first: null,
    last: null,
    applies: isAsync,
    change: ({ leak: _, ...view }) => view,
    reason:
      'the counter that a hash of cryptd leaves raised is that of the worker, not of the caller',
  },
  {
    id: 'no-leak',
    models: ['legacy'],
    first: [6, 12],
    last: null,
    applies: () => true,
    change: ({ leak: _, ...view }) => view,
    reason: 'a hash walk that ends at an empty entry has no kmap_atomic any more',
  },
  {
    id: 'cryptd-subrequest',
    models: ['legacy'],
    first: [6, 12],
    last: null,
    applies: (c) => c.op === 'aead' && c.async,
    change: ({ changed: _, ...view }, c) => withChanged(view, refusedHalves(view, c), 'callback'),
    reason: 'cryptd gives the child of an AEAD a request of its own, and restores a completed one',
  },
  {
    id: 'no-cryptd-of-aes-mac',
    models: EVERY_MODEL,
    first: [7, 2],
    last: null,
    applies: (c) => isAsyncHash(c) && /^(cmac|cbcmac|xcbc)\(aes\)$/.test(c.algorithm),
    change: (view) => failedView(view, 'alloc'),
    reason: 'the MACs of AES are library code, which cryptd does not take',
  },
  {
    id: 'no-cryptd-of-digest-null',
    models: EVERY_MODEL,
    first: [6, 12],
    last: null,
    applies: (c) => isAsyncHash(c) && c.algorithm === 'digest_null',
    change: (view) => failedView(view, 'alloc'),
    reason: 'cryptd takes no hash without a state',
  },
  {
    id: 'xcbc-of-128-bits',
    models: EVERY_MODEL,
    first: [7, 2],
    last: null,
    applies: (c) => isHash(c) && !c.async && c.algorithm === 'xcbc(aes)' && isNot128(keyOf(c)),
    change: (view) => failedView(view, 'setkey'),
    reason: 'library code of XCBC takes keys of 16 bytes only',
  },
  {
    id: 'arc4-starts-anew',
    models: ['legacy', 'converted', 'lib'],
    first: [6, 12],
    last: null,
    applies: (c) => c.op === 'skcipher' && c.algorithm === 'ecb(arc4)' && c.direction === 'both',
    change: (view, c) =>
      view.output === undefined || c.op !== 'skcipher'
        ? view
        : { ...view, output: view.output.replace(/ \S+$/, ` ${textAgain(c)}`) },
    reason: 'a request starts with the key, no more where the request before it ended',
  },
  {
    id: 'rfc7539-copies-ad',
    models: ['legacy'],
    first: [7, 2],
    last: null,
    applies: (c) => c.op === 'aead' && /\brfc7539(esp)?\(/.test(c.algorithm) && c.dst !== null,
    change: (view, c) =>
      view.ad === undefined ? view : { ...view, ad: view.ad.replace(/^\S+/, sourceAd(c)) },
    reason: 'rfc7539 copies the associated data to another destination',
  },
  {
    id: 'einval-of-another-type',
    models: ['legacy', 'converted'],
    first: [6, 12],
    last: null,
    applies: (c) => c.id === 'refused-skcipher-of-aead' || c.id === 'refused-aead-of-skcipher',
    change: (view: View) => (view.errno === '-2 alloc' ? { ...view, errno: '-22 alloc' } : view),
    reason: 'a name of another type was -ENOENT',
  },
  {
    id: 'hmac-in-three-steps',
    models: ['legacy'],
    first: [7, 2],
    last: null,
    applies: (c) => c.op === 'hash' && c.algorithm.startsWith('hmac(') && hasEmptyEntry(c),
    change: (view, c) => {
      const isUnwritten = c.op === 'hash' && /^(db)+$/.test(view.digest ?? '');
      const digest = isUnwritten ? outerOfUnwritten(c.algorithm, c.key ?? '') : null;
      return digest === null ? view : { ...view, digest };
    },
    reason:
      'an hmac template hashes its inner digest there, though an empty entry has left that unwritten',
  },
  {
    id: 'adiantum-without-sg-miter',
    models: ['legacy'],
    first: SCATTERWALK_ADIANTUM,
    last: null,
    applies: (c) =>
      c.op === 'skcipher' && c.algorithm.includes('adiantum(') && hasEmptyAtBoundary(c),
    change: (view, c) => {
      const { output } = scatterlistSays(withoutEmpty(c), SCATTERWALK_ADIANTUM);
      return output === undefined ? view : { ...view, output };
    },
    reason: 'adiantum walks its lists with scatterwalk, which passes over no bytes',
  },
  {
    id: 'library-iv',
    models: EVERY_MODEL,
    first: [7, 3],
    last: null,
    applies: (c) => (c.op === 'skcipher' || c.op === 'aead') && isLibraryIv(c),
    change: (view, c) => (c.op === 'skcipher' || c.op === 'aead' ? withLibraryIv(view, c) : view),
    reason:
      'library code of XTS, CTS and CCM leaves other bytes in the IV buffer than the templates',
  },
  {
    id: 'one-entry-of-a-compressor',
    models: ['campaign legacy', 'campaign converted', 'campaign lib', 'campaign reference'],
    first: [7, 2],
    last: null,
    applies: (c) =>
      c.op === 'acomp' && isScomp(c) && c.length > 0 && c.room > firstEntry(c, c.dst ?? c.src),
    change: ({ output: _, length: _l, iv: _i, stray: _s, ...view }, c) => ({
      ...(view.refs === undefined ? {} : { stray: '' }),
      ...view,
      errno: '-38 crypt',
      ...(c.op === 'acomp' && c.what === 'decompress' ? { length: `${c.room}` } : {}),
    }),
    reason: 'a synchronous compressor writes into the first entry of its list, or is -ENOSYS',
  },
  {
    id: 'no-length-of-zstd',
    models: ['campaign legacy', 'campaign converted', 'campaign lib', 'campaign reference'],
    first: [7, 2],
    last: null,
    applies: (c) => c.op === 'acomp' && c.algorithm === 'zstd' && c.what === 'decompress',
    change: (view) => (view.errno === '0' ? view : { ...view, length: '0' }),
    reason: 'a request that fails tells a length of 0, where it told its room',
  },
  {
    id: 'dh-checks-in-fips',
    models: ['campaign legacy', 'campaign converted', 'campaign lib', 'campaign reference'],
    first: DH_IN_FIPS,
    last: null,
    applies: (c) => c.op === 'kpp' && c.what === 'agree' && /\bdh\b/.test(c.algorithm),
    change: (view, c) =>
      c.op === 'kpp' && view.errno === '-22 crypt' ? withoutPeerCheck(view, c) : view,
    reason: 'a public key is looked at in FIPS mode only: any number is raised to the secret',
  },
  {
    id: 'library-iv-of-cts',
    models: ['lib/crypto'],
    first: [7, 3],
    last: null,
    applies: (c) => c.op === 'skcipher' && c.algorithm === 'cts(cbc(aes))',
    change: (view, c) => (c.op === 'skcipher' ? withLibraryIv(view, c) : view),
    reason: 'aes_cbc_cts_encrypt is handed the IV of the caller, and leaves the same bytes there',
  },
];
