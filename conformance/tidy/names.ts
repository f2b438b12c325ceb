/**
 * The names that editors complete, as literal types: written from the table of algorithms. Run from the
 * project's folder after a build.
 * @module
 */
import { ALGORITHMS } from '../algorithms.ts';

/** Executed by the front door's test of examples. */
const EXAMPLES = {
  SkcipherName: ['skcipher', 'ctr(aes)', '{ key: new Uint8Array(16) }'],
  AeadName: ['aead', 'gcm(aes)', '{ key: new Uint8Array(16) }'],
  HashName: ['hash', 'sha256', '{}'],
} as const;

function example(type: keyof typeof EXAMPLES): string {
  const [method, name, options] = EXAMPLES[type];
  return ` * const name = '${name}';
 * console.log(createCrypto().${method}(name, ${options}).driver);`;
}

/** The text of `converted/front/names.ts`. */
export function namesSource(): string {
  const kinds = [
    ['SkcipherName', 'Ciphers', 'skcipher'],
    ['AeadName', 'Authenticated ciphers', 'aead'],
    ['HashName', 'Hashes and MACs', 'ahash'],
  ] as const;
  const types = kinds.map(([type, doc, kind]) => {
    const rows = ALGORITHMS.filter((row) => row.kind === kind && row.isLibraryOnly !== true);
    const names = rows.map(({ name }) => `  | '${name}'`);
    const lines = [...new Set(names)].sort();
    return [
      `/**\n * ${doc}.\n * @example\n${example(type)}\n */`,
      `export type ${type} =`,
      ...lines,
      '  | Wrapped',
      '  | Any;',
    ].join('\n');
  });
  return `/**
 * Names of algorithms for editors to complete, written from the table of algorithms; any other name is
 * looked up as well.
 *
 * @kernel none: names are ordinary TypeScript.
 * @module
 */
type Any = string & Record<never, never>;
type Wrapped = \`cryptd(\${string})\` | \`pcrypt(\${string})\`;

${types.join('\n\n')}
`;
}
