/**
 * Where code stands: a stack as functions of ours, each with its line in the source and with the kernel
 * symbol that it models.
 *
 * Lines of built code are those of the TypeScript it was made of, by its source map. The symbol is the
 * one of the function's `@kernel` tag, the C file the one of its file's header.
 * @module
 */
import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { fileURLToPath } from 'node:url';

/** One function that was running. */
export interface Frame {
  readonly fn: string;
  /** Path of the TypeScript file in the project, with `/`. */
  readonly file: string;
  /** Line of the call, or of the access itself in the innermost function. */
  readonly line: number;
  /** What the function models, null where it says that it is ours, or says nothing. */
  readonly symbol: string | null;
  /** C file that its file models, null where it says none. */
  readonly origin: string | null;
}

/** A stack: functions of an API, outermost first, and the byte kernel that they called, if any. */
export interface Stack {
  readonly api: readonly Frame[];
  readonly kernel: Frame | null;
}

/** Frames that a stack is read up to; the deepest template on a queue takes about 60. */
const DEPTH = 200;
const ROOT: string = fileURLToPath(new URL('../../', import.meta.url));

/** What is known of one file of code. */
interface CodeFile {
  readonly text: string;
  readonly map: SourceMap | null;
  readonly origin: string | null;
  readonly symbols: Map<string, string | null>;
}

const files = new Map<string, CodeFile>();
/** Frames by their line of a stack: loops give the same ones again and again. */
const frames = new Map<string, Frame | null>();

/** The stack of whoever calls, without the functions of the harness. */
export function stackHere(): Stack {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = DEPTH;
  const { stack = '' } = new Error();
  Error.stackTraceLimit = limit;
  return readStack(stack);
}

/** A stack from the text that an error carries. */
export function readStack(text: string): Stack {
  const api: Frame[] = [];
  let kernel: Frame | null = null;
  for (const line of text.split('\n')) {
    const frame = frameOf(line);
    if (frame === null) continue;
    if (/^(legacy|converted)\//.test(frame.file)) api.unshift(frame);
    else if (api.length === 0 && frame.file.startsWith('src/provider/')) kernel = frame;
  }
  return { api, kernel };
}

function frameOf(text: string): Frame | null {
  const known = frames.get(text);
  if (known !== undefined) return known;
  const frame = parseFrame(text);
  frames.set(text, frame);
  return frame;
}

/** One line of a stack: `at Type.method [as other] (file:line:column)`. Code without a name is left out. */
function parseFrame(text: string): Frame | null {
  const m =
    /^\s*at (?:async )?(?:new )?(\S+)(?: \[as [^\]]*\])? \((?:file:\/\/)?(.*):(\d+):(\d+)\)$/.exec(
      text,
    );
  const [, name = '', path = '', line = '', column = ''] = m ?? [];
  if (!path.startsWith(ROOT)) return null;
  const fn = name.slice(name.lastIndexOf('.') + 1);
  if (!/^\w+$/.test(fn)) return null;
  const code = codeFile(path);
  const entry = code.map?.findEntry(Number(line) - 1, Number(column) - 1);
  const mapped = entry !== undefined && 'originalLine' in entry ? entry.originalLine + 1 : null;
  const file = path.slice(ROOT.length);
  return {
    fn,
    file: mapped === null ? file : file.replace(/\.js$/, '.ts'),
    line: mapped ?? Number(line),
    symbol: symbolOf(code, fn),
    origin: code.origin,
  };
}

function codeFile(path: string): CodeFile {
  const known = files.get(path);
  if (known !== undefined) return known;
  const text = textOf(path);
  const map = path.endsWith('.js') ? textOf(`${path}.map`) : '';
  const file = {
    text,
    map: map === '' ? null : new SourceMap(JSON.parse(map)),
    origin: /^ \* C: ([^\s,]+\.[ch])/m.exec(text)?.[1] ?? null,
    symbols: new Map(),
  };
  files.set(path, file);
  return file;
}

/** What cannot be read has nothing to say. */
function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** The tag in the comment in front of a function or method. */
function symbolOf({ text, symbols }: CodeFile, fn: string): string | null {
  const known = symbols.get(fn);
  if (known !== undefined) return known;
  const head = `(?:export )?function ${fn}\\b|(?:readonly )?${fn}(?:<[^>\\n]*>)?\\(`;
  const doc = new RegExp(`/\\*\\*((?:(?!\\*/)[\\s\\S])*)\\*/\\s*(?:${head})`).exec(text)?.[1] ?? '';
  const symbol = /@kernel (\w+)/.exec(doc)?.[1] ?? 'none';
  const found = symbol === 'none' ? null : symbol;
  symbols.set(fn, found);
  return found;
}
