/** Reads one C file: blank, parse, extract, and compare with the token scan. */
import { createHash } from 'node:crypto';
import type { Node } from 'web-tree-sitter';
import { blankAttributes } from '../blank.ts';
import { CATALOGUE } from '../catalogue.ts';
import type { CallFact, FileFacts, ParseErrorFact } from '../facts.ts';
import { type CGrammar, withCaptures } from '../grammar.ts';
import { blankComments, scanIdentifiers } from '../tokens.ts';
import { extractAlgorithms } from './algorithms.ts';
import { extractAsync } from './async.ts';
import { extractCallbacks, extractCalls, extractRefs } from './calls.ts';
import { extractDeclarations } from './declarations.ts';
import { extractComparisons, extractMembers, extractOpenLoops } from './members.ts';
import { lineAt, nodes, type SourceView, viewOf } from './view.ts';

/** Extracts the facts of one file. `source` is its text, `bytes` what it was read from. */
export function extractFile(
  grammar: CGrammar,
  path: string,
  source: string,
  bytes: Uint8Array,
): FileFacts {
  const text = blankAttributes(source);
  return withCaptures(grammar, text, (captures) => {
    const view = viewOf(text, captures);
    const calls = extractCalls(view);
    const declared = extractDeclarations(view);
    return {
      path,
      lines: view.lineStarts.length - 1,
      hash: createHash('sha256').update(bytes).digest('hex').slice(0, 16),
      functions: view.functions.flatMap((f) => (f.name === '' ? [] : [f.name])),
      calls,
      refs: extractRefs(view),
      types: declared.types,
      localLists: declared.localLists,
      ...extractMembers(view, declared),
      comparisons: extractComparisons(view),
      algorithms: extractAlgorithms(view),
      async: extractAsync(view, calls),
      openLoops: extractOpenLoops(view, declared),
      callbacks: extractCallbacks(view, calls),
      errors: extractErrors(view),
      listFunctions: declared.listFunctions,
      definesTemplate: /\bstruct\s+crypto_template\s+\w+(?:\[\w*\])?\s*=/.test(text),
      scanMismatches: scanMismatches(view, calls),
    };
  });
}

function extractErrors(view: SourceView): ParseErrorFact[] {
  const fact = (node: Node, kind: string): ParseErrorFact => ({
    line: lineAt(view, node.startIndex),
    what: `${kind} ${node.type === 'ERROR' ? '' : node.type}`.trim(),
  });
  return [
    ...nodes(view.captures, 'error').map((n) => fact(n, 'error')),
    ...nodes(view.captures, 'missing').map((n) => fact(n, 'missing')),
  ].sort((a, b) => a.line - b.line);
}

/** Lines whose last word would look like the type of what follows. */
const CONDITIONAL = /^[ \t]*#[ \t]*(?:if|ifdef|ifndef|elif|else|endif|undef)\b[^\n]*/gm;

/** Calls by name on which parser and token scan differ: `name: parser n, scan m`. */
function scanMismatches(view: SourceView, calls: readonly CallFact[]): string[] {
  const scanned = new Map<string, number>();
  const bare = blankComments(view.text).replace(CONDITIONAL, ' ');
  for (const token of scanIdentifiers(bare)) {
    if (!token.called || !CATALOGUE.has(token.text) || isDeclared(bare, token.index)) continue;
    scanned.set(token.text, (scanned.get(token.text) ?? 0) + 1);
  }
  const parsed = new Map<string, number>();
  for (const call of calls) parsed.set(call.name, (parsed.get(call.name) ?? 0) + 1);
  return [...new Set([...scanned.keys(), ...parsed.keys()])]
    .filter((name) => scanned.get(name) !== parsed.get(name))
    .sort()
    .map((n) => `${n}: parser ${parsed.get(n) ?? 0}, scan ${scanned.get(n) ?? 0}`);
}

/** Whether the name at `index` is being declared, defined or is the name of a macro. */
function isDeclared(bare: string, index: number): boolean {
  const before = bare.slice(Math.max(0, index - 160), index);
  if (/#\s*define\s+$/.test(before)) return true;
  const m = /(\w+|\*)\s*$/.exec(before);
  if (m === null || /^(?:return|else|do|goto|case|sizeof)$/.test(m[1])) return false;
  if (m[1] !== '*') return true;
  return /\w\s*\*+\s*$/.test(before) && !/[=(,&|+-]\s*\w*\s*\*+\s*$|return\s*\*+\s*$/.test(before);
}
