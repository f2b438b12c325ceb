/**
 * The pages of the front door, written from its declarations: every name with what it is, its examples,
 * and its declaration as compilers see it. Run from the project's folder after a build.
 * @module
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where the declarations of the front door are. */
const FOLDER = 'dist/converted/front';

/** A name of the front door. */
export interface Page {
  readonly name: string;
  /** What it is, without examples. */
  readonly text: string;
  /** Its own, and those of its methods. */
  readonly examples: readonly Example[];
  /** The declaration; examples are taken out. */
  readonly code: string;
  /** Methods without an example; overloads and symbols are none. */
  readonly bare: readonly string[];
}

/** An example, and what it shows. */
export interface Example {
  readonly of: string;
  readonly code: string;
}

/** Every name that the front door exports, by name. */
export function pages(): Page[] {
  const index = readFileSync(join(FOLDER, 'index.d.ts'), 'utf8');
  const exported = Array.from(index.matchAll(/export (?:type )?\{([^}]*)\} from '\.\/(.+)\.ts'/g));
  const all = exported.flatMap(([, names = '', file = '']) => {
    const text = readFileSync(join(FOLDER, `${file}.d.ts`), 'utf8');
    const clean = names.split(',').map((name) => name.replace('type ', '').trim());
    return clean.filter((name) => name !== '').map((name) => pageOf(text, name));
  });
  return all.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The text of `API.md`. */
export function apiPages(): string {
  const sections = pages().map(({ name, text, examples, code }) => {
    const shown = examples.map((example) => {
      const heading = example.of === name ? '' : `\`${example.of}\`:\n\n`;
      return `${heading}${fenced('js', example.code)}`;
    });
    return [`## ${name}`, text, ...shown, fenced('ts', code)].join('\n\n');
  });
  const start = `# sg2iter

The names of the front door, from its declarations by \`conformance/tidy/picture.ts\`. Examples run as they are, in
a module that imports \`createCrypto\` from \`sg2iter\`; a test runs each. Names of the core are in its sources.`;
  return `${[start, ...sections].join('\n\n')}\n`;
}

function fenced(language: string, code: string): string {
  return `\`\`\`${language}\n${code}\n\`\`\``;
}

/** @throws Error for a name that has no docstring there. */
function pageOf(declarations: string, name: string): Page {
  const start = new RegExp(
    `^/\\*\\*((?:(?!\\*/)[\\s\\S])*)\\*/\\nexport (?:declare )?(?:abstract )?(?:class|function|interface|type) ${name}\\b`,
    'm',
  ).exec(declarations);
  if (start === null) throw new Error(`${name}: no docstring`);
  const [whole, doc = ''] = start;
  const rest = declarations.slice(start.index + doc.length + '/***/\n'.length);
  const line = whole.slice(doc.length + '/***/\n'.length);
  const end = /^export (?:declare )?(?:abstract )?(?:class|interface)/.test(line) ? /^\}/m : /;$/m;
  const found = end.exec(rest);
  const code = rest.slice(0, (found?.index ?? 0) + 1);
  const own = exampleIn(doc);
  const members = Array.from(code.matchAll(MEMBER), ([, text = '', member = '']) => ({
    of: `${name}.${member}`,
    code: exampleIn(text),
  }));
  const examples = [{ of: name, code: own }, ...members].filter((one) => one.code !== '');
  const methods = Array.from(code.matchAll(METHOD), ([, method = '']) => `${name}.${method}`);
  return {
    name,
    text: prose(doc),
    examples,
    code: code
      .replaceAll(/\n *\* @example\n(?: *\* .*\n)+?(?= *\*\/)/g, '\n')
      .replaceAll(HIDDEN, '')
      .replaceAll(" | '", "\n    | '"),
    bare: [...new Set(methods)].filter((method) => !examples.some(({ of }) => of === method)),
  };
}

/** A docstring of a member, and the name behind it. */
const MEMBER = /^ {4}\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\n {4}(\w+)\(/gm;
/** Members that are there for the library itself. */
const HIDDEN = /^ {4}(?:#private|protected |constructor\(|forget\().*;\n/gm;
/** A public method; what the library itself calls is not shown. */
const METHOD = /^ {4}(?!constructor|forget|left)(\w+)\(/gm;

function lines(doc: string): string[] {
  return doc.split('\n').map((line) => line.replace(/^ *\* ?/, ''));
}

function exampleIn(doc: string): string {
  const all = lines(doc);
  const at = all.indexOf('@example');
  return at < 0
    ? ''
    : all
        .slice(at + 1)
        .join('\n')
        .trim();
}

function prose(doc: string): string {
  const all = lines(doc);
  const at = all.indexOf('@example');
  return (at < 0 ? all : all.slice(0, at)).join('\n').trim();
}
