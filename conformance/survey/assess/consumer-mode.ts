/** How a caller waits: by its callbacks, its allocation masks and its wait helpers. */
import { CATALOGUE } from '../catalogue.ts';
import type { CensusConsumer, Evidence, Mode } from '../census.ts';
import type { CallFact, FileFacts } from '../facts.ts';

/** Calls that a callback may make and still only store the error and wake its waiter. */
const WAKING =
  /^(?:complete|complete_all|container_of|likely|unlikely|READ_ONCE|WRITE_ONCE|pr_\w+)$/;

type Callback = 'null' | 'wait' | 'handed-on' | 'waking' | 'pipelined';

function callbackOf(file: FileFacts, expression: string): Callback {
  if (/^(?:NULL|0)$/.test(expression)) return 'null';
  if (expression === 'crypto_req_done') return 'wait';
  const own = file.callbacks.find((c) => c.name === expression.replace(/^&/, ''));
  if (own === undefined) return 'handed-on';
  const wakes = own.calls.some((c) => /^complete(?:_all)?$/.test(c));
  return wakes && own.calls.every((c) => WAKING.test(c)) ? 'waking' : 'pipelined';
}

const MODE_OF: Readonly<Record<Callback, Mode>> = {
  null: 'sync',
  wait: 'wait',
  'handed-on': 'pipelined',
  waking: 'own-wait',
  pipelined: 'pipelined',
};

/** One row per `*_request_set_callback`. */
export function consumersOf(file: FileFacts): CensusConsumer[] {
  const masks = file.calls.filter((c) => /^crypto_alloc_/.test(c.name)).map(maskOf);
  return file.calls
    .filter((c) => c.name.endsWith('_request_set_callback'))
    .map((c) => ({
      path: file.path,
      line: c.line,
      fn: c.fn,
      mode: MODE_OF[callbackOf(file, c.args[2] ?? '')],
      callback: c.args[2] ?? '',
      requestFlags: c.args[1] ?? '',
      masks: [...new Set(masks)],
    }));
}

function maskOf(call: CallFact): string {
  return call.name.startsWith('crypto_alloc_sync_') ? 'CRYPTO_ALG_ASYNC' : (call.args[2] ?? '');
}

/** Order in which modes win when a file has several. */
const STRENGTH: readonly Mode[] = ['pipelined', 'own-wait', 'wait', 'sync'];

/** Groups whose calls build, set or run a request. */
const REQUEST_GROUPS = new Set(['req-set', 'req-exec', 'krb5-sg', 'extra-library']);

/** Mode of a caller file, with the sightings. */
export function consumerMode(file: FileFacts): { mode: Mode; evidence: Evidence[] } {
  const rows = consumersOf(file);
  const evidence: Evidence[] = rows.map((r) => ({ kind: 'callback', line: r.line, fn: r.fn }));
  if (!file.calls.some((c) => REQUEST_GROUPS.has(CATALOGUE.get(c.name)?.group ?? '')))
    return { mode: 'alloc-only', evidence };
  const callbacks = rows.filter((r) => r.callback !== '');
  const strongest = STRENGTH.find((mode) => callbacks.some((r) => r.mode === mode));
  if (strongest !== undefined) return { mode: strongest, evidence };
  for (const call of file.calls) {
    const at = { line: call.line, fn: call.fn };
    const group = CATALOGUE.get(call.name)?.group;
    if (group === 'extra-library') evidence.push({ kind: 'library', ...at });
    else if (group === 'wait') evidence.push({ kind: 'wait', ...at });
    else if (isSyncSign(call)) evidence.push({ kind: 'mask', ...at });
  }
  if (evidence.some((e) => e.kind === 'wait')) return { mode: 'wait', evidence };
  // A request that is set and run here without any callback can only be waited for by polling.
  return { mode: 'sync', evidence };
}

function isSyncSign(call: CallFact): boolean {
  if (call.name === 'SYNC_SKCIPHER_REQUEST_ON_STACK') return true;
  if (!/^crypto_alloc_(?:sync_)?(?:skcipher|aead|ahash)$/.test(call.name)) return false;
  return /CRYPTO_ALG_ASYNC/.test(maskOf(call));
}
