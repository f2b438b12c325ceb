/**
 * Answers to text cases, from a kernel, from AF_ALG or from a model.
 * The text form is that of `module/README.md`.
 * @module
 */

/** How a case ended: `crash` took the kernel down, `skip` cannot be asked here. */
export type Ending = 'done' | 'bad' | 'fail' | 'crash' | 'skip';

/** What became of one request of a program. */
export interface RequestResult {
  readonly err: number;
  readonly iv: string | null;
  readonly out: string | null;
  readonly digest: string | null;
}

/** Everything that an answer says. Strings of bytes are hex; null was not said. */
export interface TextResult {
  readonly id: string;
  readonly ending: Ending;
  /** Why, for every ending but `done`. */
  readonly reason: string;
  readonly driver: string | null;
  readonly stage: string | null;
  readonly err: number | null;
  readonly iv: string | null;
  readonly out: string | null;
  readonly digest: string | null;
  readonly err2: number | null;
  readonly iv2: string | null;
  readonly out2: string | null;
  /** Answers at submission (`ret0`, `rets`) and completions (`calls`, `order`), in order. */
  readonly completions: readonly string[];
  /** The length that a request tells whose result is as long as it turns out. */
  readonly told: number | null;
  /** Of a program: answers and calls in the order in which they came (`a0:-115 c0:0`), and its requests. */
  readonly history: string | null;
  readonly requests: readonly RequestResult[];
  readonly steps: string | null;
  readonly trace: readonly string[];
  readonly stray: string | null;
  readonly leak: string | null;
  /** References of pages that were not given back: `3:1`. */
  readonly refs: string | null;
  readonly changed: readonly string[];
  /** Kernel messages printed while the case ran, if it ran alone. */
  readonly log: readonly string[];
  /** Models only: lines that a replica of a kernel answered, and not the API itself, by name. */
  readonly replaced: readonly string[];
  /** Models only: lines that were said as the release said them, and later ones no more, by name. */
  readonly released: readonly string[];
}

/** An answer of which nothing is known but how it ended. */
export function emptyResult(id: string, ending: Ending, reason: string): TextResult {
  return {
    id,
    ending,
    reason,
    driver: null,
    stage: null,
    err: null,
    iv: null,
    out: null,
    digest: null,
    err2: null,
    iv2: null,
    out2: null,
    completions: [],
    told: null,
    history: null,
    requests: [],
    steps: null,
    trace: [],
    stray: null,
    leak: null,
    refs: null,
    changed: [],
    log: [],
    replaced: [],
    released: [],
  };
}

/** The complete answers of a text, in order; `done` is the trailer's count, null without one. */
export interface ParsedResults {
  /** Did the guest come as far as its first case? */
  readonly started: boolean;
  readonly results: readonly TextResult[];
  readonly done: number | null;
}

/** Reads answers. An answer without its `end` line, as a dying kernel leaves it, is left out. */
export function parseResults(text: string): ParsedResults {
  const results: TextResult[] = [];
  let done: number | null = null;
  let started = false;
  let lines: string[] | null = null;
  for (const line of text.split('\n')) {
    if (line.startsWith('case ')) lines = [line.slice(5)];
    else if (line === 'end' && lines !== null) {
      results.push(toResult(lines));
      lines = null;
    } else if (line === 'start') started = true;
    else if (line.startsWith('done ')) done = Number(line.slice(5));
    else if (line.startsWith('#log ')) appendLog(results, line.slice(5));
    else lines?.push(line);
  }
  return { started, results, done };
}

/** Messages come after the chunk that caused them; alone in its chunk, the case did. */
function appendLog(results: TextResult[], message: string): void {
  const last = results.pop();
  if (last !== undefined) results.push({ ...last, log: [...last.log, message] });
}

/** Lines that tell how a request was answered. */
const COMPLETION: ReadonlySet<string> = new Set(['ret0', 'calls', 'rets', 'order']);

/** Lines that tell of the request of a program that was named last. */
const OF_REQUEST: ReadonlySet<string> = new Set(['riv', 'rout', 'rdigest']);

function addTo(requests: RequestResult[], key: string, value: string): void {
  const last = requests.pop();
  if (last !== undefined) requests.push({ ...last, [key]: value });
}

const ENDINGS: readonly Ending[] = ['bad', 'fail', 'crash', 'skip'];

function toResult(lines: readonly string[]): TextResult {
  const values = new Map<string, string>();
  const trace: string[] = [];
  const completions: string[] = [];
  const changed: string[] = [];
  const requests: RequestResult[] = [];
  for (const line of lines.slice(1)) {
    const space = line.indexOf(' ');
    const key = space < 0 ? line : line.slice(0, space);
    const value = space < 0 ? '' : line.slice(space + 1);
    if (key === 'request')
      requests.push({ err: Number(value.split(' ')[1]), iv: null, out: null, digest: null });
    else if (OF_REQUEST.has(key)) addTo(requests, key.slice(1), value);
    else if (key === 't') trace.push(value);
    else if (key === 'changed') changed.push(value);
    else if (COMPLETION.has(key)) completions.push(line);
    else values.set(key, value);
  }
  const text = (key: string): string | null => values.get(key) ?? null;
  const number = (key: string): number | null => (values.has(key) ? Number(text(key)) : null);
  const ending = ENDINGS.find((name) => values.has(name)) ?? 'done';
  return {
    id: lines[0],
    ending,
    reason: ending === 'done' ? '' : (values.get(ending) ?? ''),
    driver: text('driver'),
    stage: text('stage'),
    err: number('err'),
    iv: text('iv'),
    out: text('out'),
    digest: text('digest'),
    err2: number('err2'),
    iv2: text('iv2'),
    out2: text('out2'),
    completions,
    told: number('told'),
    history: text('history'),
    requests,
    steps: text('steps'),
    trace,
    stray: text('stray'),
    leak: text('leak'),
    refs: text('refs'),
    changed,
    log: [],
    replaced: [],
    released: [],
  };
}
