/**
 * A known-answer vector, and the text in which a set of them is kept.
 *
 * The text has two kinds of lines. `@ <prefix> <source> <kind> <alg>` opens a group: the number of a
 * source and what the following vectors share. Any other line is one vector: `<name> <key> <iv> <ad> <input>
 * <output> <tag>` in hex, `-` for empty, with `!` before the name when decryption must fail.
 * @module
 */

/** One known-answer vector. All bytes are lower-case hex. */
export interface Vector {
  /** Stable and unique: `cavp/gcmDecrypt128/96-104-128-128/3`. */
  readonly id: string;
  /** The name of a {@link VectorSource}. */
  readonly source: string;
  /** The kernel's name of the algorithm: `gcm(aes)`. */
  readonly alg: string;
  readonly kind: 'skcipher' | 'aead' | 'ahash' | 'kpp';
  readonly key: string;
  /** As long as the algorithm's ivsize. */
  readonly iv: string;
  /** AEAD only. */
  readonly ad: string;
  /**
   * The plaintext, the message of a hash, or the public key of the other party. Empty when a decryption
   * must fail.
   */
  readonly input: string;
  /** The ciphertext without its tag, the digest of a hash or the beginning of it, or the shared secret. */
  readonly output: string;
  /** AEAD only; its length is the authsize. */
  readonly tag: string;
  /**
   * `invalid` of a hash: this is not its digest; of a key agreement: -EINVAL. `invalid`: decryption of `output` and `tag` must fail with EBADMSG. `acceptable`: it may, or give
   * `input`.
   */
  readonly expect: 'valid' | 'invalid' | 'acceptable';
}

/** Where vectors come from, and what became of those that are not here. */
export interface VectorSource {
  readonly name: string;
  /** Vectors that {@link Vector.source} names. */
  readonly count: number;
  /** Records in the origin; `count` plus all of `omitted`. */
  readonly read: number;
  readonly omitted: readonly Omission[];
  readonly files: readonly OriginFile[];
}

/** Records of a source that became no vector. */
interface Omission {
  readonly reason: string;
  readonly count: number;
}

/** One file of a source; `sha256` is the digest of its bytes in hex. */
interface OriginFile {
  readonly path: string;
  readonly sha256: string;
}

/** The sources that the lines of a text refer to by number, and the text. */
export interface VectorText {
  readonly sources: readonly VectorSource[];
  readonly text: string;
}

/** @throws Error naming the line that does not follow the format. */
export function parseVectors({ sources, text }: VectorText): Vector[] {
  const vectors: Vector[] = [];
  let prefix = '';
  let source = '';
  let kind: Vector['kind'] = 'skcipher';
  let alg = '';
  for (const [index, line] of text.split('\n').entries()) {
    const words = line.split(' ');
    if (line === '') continue;
    if (words[0] === '@') {
      if (words.length !== 5) throw new Error(`vectors: line ${index + 1}: group of 5 words`);
      [, prefix, , , alg] = words;
      kind = kindOf(words[3], index + 1);
      source = sources[Number(words[2])].name;
    } else {
      if (words.length !== 7) throw new Error(`vectors: line ${index + 1}: vector of 7 words`);
      const invalid = words[0].startsWith('!');
      const [key, iv, ad, input, output, tag] = words.slice(1).map((w) => (w === '-' ? '' : w));
      vectors.push({
        id: `${prefix}/${invalid ? words[0].slice(1) : words[0]}`,
        source,
        alg,
        kind,
        key,
        iv,
        ad,
        input,
        output,
        tag,
        expect: invalid ? 'invalid' : 'valid',
      });
    }
  }
  return vectors;
}

/** The inverse of {@link parseVectors}. Vectors of one group must follow each other to share a line. */
export function formatVectors(vectors: readonly Vector[], sources: readonly string[]): string {
  const lines: string[] = [];
  let group = '';
  for (const v of vectors) {
    const slash = v.id.lastIndexOf('/');
    const head = `@ ${v.id.slice(0, slash)} ${sources.indexOf(v.source)} ${v.kind} ${v.alg}`;
    if (head !== group) lines.push(head);
    group = head;
    const name = `${v.expect === 'invalid' ? '!' : ''}${v.id.slice(slash + 1)}`;
    const bytes = [v.key, v.iv, v.ad, v.input, v.output, v.tag].map((b) => (b === '' ? '-' : b));
    lines.push(`${name} ${bytes.join(' ')}`);
  }
  return `${lines.join('\n')}\n`;
}

function kindOf(word: string, line: number): Vector['kind'] {
  if (word === 'skcipher' || word === 'aead' || word === 'ahash' || word === 'kpp') return word;
  throw new Error(`vectors: line ${line}: kind ${word}`);
}
