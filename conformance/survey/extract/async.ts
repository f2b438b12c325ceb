/** Sightings of asynchrony that are not part of one algorithm's initialiser. */

import { CATALOGUE } from '../catalogue.ts';
import type { AsyncFact, AsyncKind, CallFact } from '../facts.ts';
import { scanIdentifiers } from '../tokens.ts';
import {
  declaredName,
  type FunctionRange,
  fnAt,
  functionAt,
  lineAt,
  nodes,
  type SourceView,
} from './view.ts';

const RUNTIME = /^(?:cryptd_alloc_\w+|simd_\w+_create\w*|simd_register_\w+|pcrypt_\w+)$/;
const IN_PROGRESS = /-\s*(?:EINPROGRESS|EBUSY)\b/;

/** Collects the sightings of one file. */
export function extractAsync(view: SourceView, calls: readonly CallFact[]): AsyncFact[] {
  const found: AsyncFact[] = [];
  for (const call of calls) {
    const kind = kindOfCall(call.name);
    if (kind !== null) found.push({ kind, line: call.line, fn: call.fn });
  }
  const add = (kind: AsyncKind, index: number): void => {
    found.push({ kind, line: lineAt(view, index), fn: fnAt(view, index) });
  };
  for (const node of nodes(view.captures, 'method')) {
    const base = node.parent?.childForFieldName('argument')?.text ?? '';
    if (node.text === 'complete' && /\bbase$|\breq$/.test(base)) add('completes', node.startIndex);
  }
  for (const node of nodes(view.captures, 'assigned-member')) {
    if (node.text !== 'cra_flags') continue;
    const right = node.parent?.parent?.childForFieldName('right')?.text ?? '';
    if (/\bCRYPTO_ALG_ASYNC\b/.test(right)) add('flag-assigned', node.startIndex);
  }
  for (const node of nodes(view.captures, 'return'))
    if (/-\s*EINPROGRESS\b/.test(node.text)) add('returns-inprogress', node.startIndex);
  const isReturned = returnedCodes(view);
  for (const node of nodes(view.captures, 'assigned-code'))
    if (isReturned(node.startIndex, node.text, node.parent?.text ?? ''))
      add('returns-inprogress', node.startIndex);
  found.push(...defaults(view), ...inherited(view));
  return found.sort((a, b) => a.line - b.line);
}

function kindOfCall(name: string): AsyncKind | null {
  const group = CATALOGUE.get(name)?.group;
  if (group === 'extra-queue') return 'queues';
  if (group === 'extra-complete') return 'completes';
  return RUNTIME.test(name) ? 'runtime' : null;
}

/** Asks whether `-EINPROGRESS` or `-EBUSY` is assigned to a variable that the function returns. */
function returnedCodes(
  view: SourceView,
): (index: number, variable: string, assignment: string) => boolean {
  const returned = new Map<FunctionRange, Set<string>>();
  for (const node of nodes(view.captures, 'return')) {
    const fn = functionAt(view, node.startIndex);
    const name = /^return\s+(\w+)\s*;/.exec(node.text)?.[1];
    if (fn === null || name === undefined) continue;
    returned.set(fn, (returned.get(fn) ?? new Set()).add(name));
  }
  const inProgress = new Set<FunctionRange | null>();
  for (const m of view.text.matchAll(/-\s*EINPROGRESS\b/g))
    inProgress.add(functionAt(view, m.index));
  return (index, variable, assignment) => {
    if (!IN_PROGRESS.test(assignment)) return false;
    const fn = functionAt(view, index);
    return fn !== null && inProgress.has(fn) && returned.get(fn)?.has(variable) === true;
  };
}

/** The flag in a structure called `*_defaults` that is copied into each algorithm. */
function defaults(view: SourceView): AsyncFact[] {
  const found: AsyncFact[] = [];
  for (const node of nodes(view.captures, 'designator')) {
    if (node.text !== 'cra_flags') continue;
    const value = node.parent?.parent?.childForFieldName('value')?.text ?? '';
    if (!/\bCRYPTO_ALG_ASYNC\b/.test(value)) continue;
    let declaration = node.parent;
    while (declaration !== null && declaration.type !== 'init_declarator')
      declaration = declaration.parent;
    const name = declaredName(declaration?.childForFieldName('declarator') ?? null);
    if (!name.endsWith('_defaults')) continue;
    const at = { line: lineAt(view, node.startIndex), fn: fnAt(view, node.startIndex) };
    found.push({ kind: 'flag-defaults', ...at });
  }
  return found;
}

/** Templates: asynchronous exactly when their child is. */
function inherited(view: SourceView): AsyncFact[] {
  if (!view.text.includes('CRYPTO_ALG_INHERITED_FLAGS')) return [];
  return scanIdentifiers(view.text)
    .filter((t) => t.text === 'CRYPTO_ALG_INHERITED_FLAGS')
    .map((t) => ({
      kind: 'inherits',
      line: lineAt(view, t.index),
      fn: fnAt(view, t.index),
    }));
}
