/** Declarations of `struct x` variables and members, resolved by name inside one file. */
import type { Node } from 'web-tree-sitter';
import { LIST_TYPE_SET } from '../catalogue.ts';
import { FILE_SCOPE, type ListFunctionFact, type LocalListFact, type TypeFact } from '../facts.ts';
import { declaredName, fnAt, lastName, lineAt, nodes, type SourceView } from './view.ts';

/** A variable or parameter of a `struct` type. */
interface Variable {
  readonly type: string;
  readonly parameter: boolean;
  readonly pointer: boolean;
}

/** What the file declares about lists and requests. */
export interface Declarations {
  /** By function, then by name; {@link FILE_SCOPE} holds file scope. */
  readonly variables: ReadonlyMap<string, ReadonlyMap<string, Variable>>;
  /** Names declared as a request pointer anywhere in the file, members included. */
  readonly requestNames: ReadonlySet<string>;
  /** Members that hold or point to a list. */
  readonly listMembers: ReadonlySet<string>;
  /** Those of them that are entries themselves, in no structure a pointer. */
  readonly listStorage: ReadonlySet<string>;
  readonly types: readonly TypeFact[];
  readonly localLists: readonly LocalListFact[];
  readonly listFunctions: readonly ListFunctionFact[];
}

/** The one of compression is called `acomp_req`, in every release. */
const REQUEST_TYPE = /^(?:(?:skcipher|aead|ahash|akcipher|kpp|ablkcipher)_request|acomp_req)$/;
const LIST_TYPE = /^(?:scatterlist|sg_table)$/;

/** Names that hold a request by convention, whatever they are declared as. */
const REQUEST_NAMES = /^(?:req|areq|subreq|skreq|ahreq|aead_req|request|breq)$/;

interface Found {
  readonly variables: Map<string, Map<string, Variable>>;
  readonly requestNames: Set<string>;
  readonly listMembers: Set<string>;
  readonly listPointers: Set<string>;
  readonly types: TypeFact[];
  readonly localLists: LocalListFact[];
  readonly listFunctions: ListFunctionFact[];
}

/** Collects the declarations of one file. */
export function extractDeclarations(view: SourceView): Declarations {
  const found: Found = {
    variables: new Map(),
    requestNames: new Set(),
    listMembers: new Set(),
    listPointers: new Set(),
    types: [],
    localLists: [],
    listFunctions: [],
  };
  for (const node of nodes(view.captures, 'struct')) {
    const name = node.text;
    const isList = LIST_TYPE_SET.has(name);
    if (isList) {
      const at = { line: lineAt(view, node.startIndex), fn: fnAt(view, node.startIndex) };
      found.types.push({ name, ...at });
    }
    if (isList || REQUEST_TYPE.test(name)) recordDeclaration(view, node, name, found);
  }
  const listStorage = [...found.listMembers].filter((name) => !found.listPointers.has(name));
  return { ...found, listStorage: new Set(listStorage) };
}

function recordDeclaration(view: SourceView, node: Node, type: string, found: Found): void {
  const specifier = node.parent;
  const declaration = specifier?.parent;
  if (!declaration) return;
  const kind = declaration.type;
  if (kind !== 'declaration' && kind !== 'parameter_declaration' && kind !== 'field_declaration') {
    recordListFunction(view, declaration, type, found);
    return;
  }
  for (const declarator of declaration.childrenForFieldName('declarator')) {
    if (declarator === null) continue;
    const name = declaredName(declarator);
    if (name === '') continue;
    if (isPrototype(declarator)) recordListFunction(view, declaration, type, found);
    else recordName(view, declaration, declarator, name, type, found);
  }
  if (kind === 'parameter_declaration') recordListFunction(view, declaration, type, found);
}

function isPrototype(declarator: Node): boolean {
  let node: Node | null = declarator;
  while (node !== null && node.type === 'pointer_declarator')
    node = node.childForFieldName('declarator');
  return node?.type === 'function_declarator';
}

function recordName(
  view: SourceView,
  declaration: Node,
  declarator: Node,
  name: string,
  type: string,
  found: Found,
): void {
  const member = declaration.type === 'field_declaration';
  if (REQUEST_TYPE.test(type)) found.requestNames.add(name);
  const pointer = /^\s*\*/.test(declarator.text);
  if (member) {
    if (!LIST_TYPE.test(type)) return;
    found.listMembers.add(name);
    if (pointer) found.listPointers.add(name);
    return;
  }
  const fn = fnAt(view, declaration.startIndex);
  const parameter = declaration.type === 'parameter_declaration';
  // The parameters of a prototype declare nothing that a function could use.
  if (parameter && fn === FILE_SCOPE) return;
  const names = found.variables.get(fn) ?? new Map<string, Variable>();
  found.variables.set(fn, names);
  names.set(name, { type, parameter, pointer });
  const stack = !parameter && !pointer && fn !== FILE_SCOPE && !/^static\b/.test(declaration.text);
  if (stack && type === 'scatterlist')
    found.localLists.push({ name, line: lineAt(view, declaration.startIndex), fn });
}

/** Records the function whose parameter or result is a list. */
function recordListFunction(view: SourceView, inner: Node, type: string, found: Found): void {
  if (!LIST_TYPE.test(type)) return;
  let node: Node | null = inner;
  while (node !== null && node.type !== 'function_definition' && node.type !== 'declaration') {
    if (node.type === 'compound_statement' || node.type === 'translation_unit') return;
    node = node.parent;
  }
  const declarator = node?.childForFieldName('declarator') ?? null;
  const name = declaredName(declarator);
  if (node === null || name === '' || found.listFunctions.some((f) => f.name === name)) return;
  found.listFunctions.push({ name, line: lineAt(view, node.startIndex) });
}

/** Whether `base` is a request: by its declared type, or by a name that means one. */
export function isRequest(declared: Declarations, base: string): boolean {
  const name = lastName(base);
  return REQUEST_NAMES.test(name) || declared.requestNames.has(name);
}

/** The declaration that `name` refers to inside `fn`, or null. */
export function lookUp(declared: Declarations, fn: string, name: string): Variable | null {
  return (
    declared.variables.get(fn)?.get(name) ?? declared.variables.get(FILE_SCOPE)?.get(name) ?? null
  );
}
