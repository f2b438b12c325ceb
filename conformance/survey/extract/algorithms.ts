/**
 * Statically initialised algorithms.
 *
 * A designator that names an algorithm is captured wherever it stands in `.base.cra_name`, then the
 * innermost initialiser is visited once. A query for the first designator alone found 851 of 1,100.
 */
import type { Node } from 'web-tree-sitter';
import type { AlgorithmFact, AlgorithmType } from '../facts.ts';
import { lineAt, nodes, type SourceView } from './view.ts';

const NAMING = /^(?:cra_name|cra_driver_name|driver_name|drv_name)$/;

/** Words of variable types, variables and fields that tell the type, first match wins. */
const TYPE_WORDS: readonly (readonly [RegExp, AlgorithmType])[] = [
  [/aead/, 'aead'],
  [/skcipher/, 'skcipher'],
  [/shash/, 'shash'],
  [/ahash|halg/, 'ahash'],
  [/akcipher/, 'akcipher'],
  [/kpp/, 'kpp'],
  [/scomp/, 'scomp'],
  [/acomp/, 'acomp'],
  [/\brng|rng_alg/, 'rng'],
];

/** Members that only one type has, first match wins. */
const TELLING_MEMBERS: readonly (readonly [RegExp, AlgorithmType])[] = [
  [/\.maxauthsize\b/, 'aead'],
  [/\.cia_min_keysize\b/, 'cipher'],
  [/\.coa_compress\b/, 'comp'],
  [/\.min_keysize\b/, 'skcipher'],
  [/\.digestsize\b/, 'ahash'],
];

interface Owner {
  /** Initialisers from the innermost outwards, up to an array or the variable. */
  readonly lists: readonly Node[];
  /** Field names, variable type and variable name, from the inside outwards. */
  readonly labels: readonly string[];
}

/** Algorithms in document order. */
export function extractAlgorithms(view: SourceView): AlgorithmFact[] {
  const seen = new Set<number>();
  const found: AlgorithmFact[] = [];
  for (const node of nodes(view.captures, 'designator')) {
    if (!NAMING.test(node.text)) continue;
    const pair = climb(node, 'initializer_pair');
    const list = pair?.parent;
    if (!pair || list?.type !== 'initializer_list' || seen.has(list.startIndex)) continue;
    seen.add(list.startIndex);
    found.push(algorithm(view, list, ownerOf(pair)));
  }
  return found;
}

function climb(from: Node, type: string): Node | null {
  let node: Node | null = from;
  while (node !== null && node.type !== type) node = node.parent;
  return node;
}

function designators(pair: Node): string[] {
  return pair
    .childrenForFieldName('designator')
    .map((d) => d?.text.replace('.', '') ?? '')
    .reverse();
}

function ownerOf(naming: Node): Owner {
  const lists: Node[] = [];
  const labels = designators(naming).slice(1);
  let node: Node | null = naming.parent;
  let inArray = false;
  while (node !== null) {
    if (node.type === 'initializer_list') {
      inArray ||=
        lists.length > 0 && lists[lists.length - 1].parent?.startIndex === node.startIndex;
      if (!inArray) lists.push(node);
    } else if (node.type === 'initializer_pair') {
      labels.push(...designators(node));
    } else if (node.type === 'declaration' || node.type === 'function_definition') {
      labels.push(node.childForFieldName('type')?.text ?? '');
      labels.push(node.childForFieldName('declarator')?.text.split('=')[0] ?? '');
      break;
    }
    node = node.parent;
  }
  return { lists, labels };
}

function stringMember(text: string, member: string): string {
  const value = new RegExp(`\\.${member}\\s*=\\s*([^,}]*)`).exec(text)?.[1] ?? '';
  return /"([^"]*)"/.exec(value)?.[1] ?? value.trim();
}

function typeOf(owner: Owner): AlgorithmType {
  for (const label of owner.labels)
    for (const [word, type] of TYPE_WORDS) if (word.test(label)) return type;
  for (const list of owner.lists)
    for (const [member, type] of TELLING_MEMBERS) if (member.test(list.text)) return type;
  return 'unknown';
}

function algorithm(view: SourceView, list: Node, owner: Owner): AlgorithmFact {
  const outer = owner.lists[owner.lists.length - 1] ?? list;
  const flags = /cra_flags\s*=\s*([^,}]*)/.exec(outer.text);
  const flagged = flags !== null && /\bCRYPTO_ALG_ASYNC\b/.test(flags[1]);
  const inner = list.text;
  const offset = flags === null ? 0 : flags.index;
  return {
    type: typeOf(owner),
    name: stringMember(inner, '(?:\\w+\\.)*cra_name') || stringMember(inner, 'name'),
    driver:
      stringMember(inner, '(?:\\w+\\.)*cra_driver_name') ||
      stringMember(inner, '(?:driver|drv)_name'),
    line: lineAt(view, list.startIndex),
    asyncFlagLine: flagged ? lineAt(view, outer.startIndex + offset) : 0,
    internal: flags !== null && /\bCRYPTO_ALG_INTERNAL\b/.test(flags[1]),
  };
}
