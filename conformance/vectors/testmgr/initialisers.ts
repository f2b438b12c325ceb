/**
 * The initialisers of the static tables of a C file, as data.
 * @module
 */
import { SourceError, type Token } from './tokens.ts';

/** Bytes of a string, a number, the name of something else, or a list in braces. */
export type CValue = Uint8Array | number | CName | CList;

/** A name, or a macro and its argument: `__VECS(x)`. */
export interface CName {
  readonly name: string;
  readonly argument: string | null;
}

/** What stands in braces: `.field = value` and values without a name. */
export interface CList {
  /** Bytes of each number, where a cast says it: 2 behind `(u16[])`. */
  readonly width: number;
  readonly fields: ReadonlyMap<string, CValue>;
  readonly items: readonly CValue[];
  readonly line: number;
}

/** A table by its name; `size` where the declaration says it. */
export interface CTable {
  readonly name: string;
  readonly size: number | null;
  readonly value: CValue | null;
}

const WIDTHS: Readonly<Record<string, number>> = { u16: 2, u32: 4, u64: 8 };

export function isList(value: CValue | undefined): value is CList {
  return typeof value === 'object' && 'fields' in value;
}

export function isName(value: CValue | undefined): value is CName {
  return typeof value === 'object' && 'argument' in value;
}

/**
 * Every `static const type name[size] = value;` of a file whose type is wanted; everything else is
 * passed over.
 * @throws SourceError naming file and line when such an initialiser cannot be read.
 */
export function tablesOf(tokens: readonly Token[], file: string, wanted: RegExp): CTable[] {
  const parser = new Parser(tokens, file, wanted);
  const tables: CTable[] = [];
  while (!parser.done) {
    const table = parser.table();
    if (table !== null) tables.push(table);
  }
  return tables;
}

class Parser {
  private readonly tokens: readonly Token[];
  private readonly file: string;
  private readonly wanted: RegExp;
  private readonly sizes = new Map<string, number>();
  private at = 0;

  constructor(tokens: readonly Token[], file: string, wanted: RegExp) {
    this.tokens = tokens;
    this.file = file;
    this.wanted = wanted;
  }

  get done(): boolean {
    return this.at >= this.tokens.length;
  }

  /** The table that begins here, or null after passing over something else. */
  table(): CTable | null {
    if (!this.takes('static')) {
      this.at++;
      return null;
    }
    if (!this.takes('const')) return null;
    const prefix = this.takes('struct') ? 'struct ' : '';
    this.takes('unsigned');
    const type = `${prefix}${this.word()}`;
    return this.wanted.test(type) ? this.named() : null;
  }

  private named(): CTable | null {
    const name = this.word();
    if (name === null || !this.takes('[')) return null;
    const size = this.peeks(']') ? null : this.sum();
    this.expect(']');
    // An attribute: __maybe_unused.
    if (!this.peeks('=')) this.word();
    const value = this.takes('=') ? this.value() : null;
    if (!this.takes(';')) return null;
    const length = size ?? (value instanceof Uint8Array ? value.length + 1 : null);
    if (length !== null) this.sizes.set(name, length);
    return { name, size, value };
  }

  private value(): CValue {
    const token = this.next();
    if (token.kind === 'string') return this.strings(token.bytes);
    if (token.kind === 'number') return this.rest(token.value);
    if (token.kind === 'punctuation') {
      if (token.text === '{') return this.list(token.line);
      if (token.text === '(') return this.cast();
      if (token.text === '-') return this.negative();
      throw this.error(token);
    }
    if (token.text === 'sizeof') return this.rest(this.sizeOf());
    if (token.text === 'true' || token.text === 'false') return token.text === 'true' ? 1 : 0;
    return { name: token.text, argument: this.takes('(') ? this.argument() : null };
  }

  /** A type in parentheses in front of a value, `(u8 *)"..."` and `(u8[16]){ ... }`. */
  private cast(): CValue {
    let width = 1;
    let count = 0;
    while (!this.takes(')')) {
      const token = this.next();
      if (token.kind === 'word') width = WIDTHS[token.text] ?? width;
      if (token.kind === 'number') count = token.value;
    }
    const value = this.value();
    if (!isList(value)) return value;
    // What an array has no value for is zero.
    const zeros = Array.from({ length: Math.max(0, count - value.items.length) }, () => 0);
    return { ...value, width: Math.max(width, value.width), items: [...value.items, ...zeros] };
  }

  private negative(): CValue {
    const value = this.value();
    if (typeof value === 'number') return -value;
    if (isName(value)) return { name: `-${value.name}`, argument: null };
    throw this.error(this.tokens[this.at - 1]);
  }

  /** What the argument of a macro is called; its value where it is one is not needed. */
  private argument(): string {
    const name = this.word() ?? '';
    for (let depth = 1; depth > 0; ) {
      const token = this.next();
      if (token.kind !== 'punctuation') continue;
      if (token.text === '(') depth++;
      if (token.text === ')') depth--;
    }
    return name;
  }

  private sizeOf(): number {
    this.expect('(');
    const token = this.next();
    this.expect(')');
    if (token.kind === 'string') return token.bytes.length + 1;
    const size = token.kind === 'word' ? this.sizes.get(token.text) : undefined;
    if (size === undefined) throw this.error(token);
    return size;
  }

  /** Strings that follow each other are one. */
  private strings(first: Uint8Array): Uint8Array {
    const parts = [first];
    for (;;) {
      const token = this.tokens[this.at];
      if (token?.kind !== 'string') return Uint8Array.from(Buffer.concat(parts));
      parts.push(token.bytes);
      this.at++;
    }
  }

  private sum(): number {
    const token = this.next();
    if (token.kind === 'number') return this.rest(token.value);
    // The size of an array by the name of a constant is not needed.
    return Number.NaN;
  }

  private rest(first: number): number {
    let total = first;
    for (;;) {
      const sign = this.takes('+') ? 1 : this.takes('-') ? -1 : 0;
      if (sign === 0) return total;
      const token = this.next();
      if (token.kind !== 'number') throw this.error(token);
      total += sign * token.value;
    }
  }

  private list(line: number): CList {
    const fields = new Map<string, CValue>();
    const items: CValue[] = [];
    while (!this.takes('}')) {
      if (this.takes('.')) this.field(fields);
      else if (this.takes('[')) this.range(items);
      else if (this.peeksMacro('____VECS')) fields.set('vecs', this.value());
      else items.push(this.value());
      if (!this.peeks('}')) this.expect(',');
    }
    return { width: 1, fields, items, line };
  }

  private field(fields: Map<string, CValue>): void {
    const name = this.word();
    this.expect('=');
    const value = this.value();
    fields.set(name ?? '', value);
  }

  /** `[from ... to] = value`, as in a table that is one byte. */
  private range(items: CValue[]): void {
    const from = this.sum();
    const to = this.takes('...') ? this.sum() : from;
    this.expect(']');
    this.expect('=');
    const value = this.value();
    for (let i = items.length; i < from; i++) items[i] = 0;
    for (let i = from; i <= to; i++) items[i] = value;
  }

  private next(): Token {
    const token = this.tokens[this.at++];
    if (token === undefined) throw new SourceError(`${this.file}: ends inside an initialiser`);
    return token;
  }

  private word(): string | null {
    const token = this.tokens[this.at];
    if (token?.kind !== 'word') return null;
    this.at++;
    return token.text;
  }

  private peeks(text: string): boolean {
    const token = this.tokens[this.at];
    return token !== undefined && 'text' in token && token.text === text;
  }

  private peeksMacro(name: string): boolean {
    return this.peeks(name);
  }

  private takes(text: string): boolean {
    if (!this.peeks(text)) return false;
    this.at++;
    return true;
  }

  private expect(text: string): void {
    if (!this.takes(text)) throw this.error(this.next(), text);
  }

  private error(token: Token | undefined, wanted: string = 'a value'): SourceError {
    const found = token === undefined ? 'the end' : 'text' in token ? token.text : token.kind;
    return new SourceError(`${this.file}:${token?.line ?? 0}: ${wanted} expected, not ${found}`);
  }
}
