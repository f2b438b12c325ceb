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
const REQUEST_GROUPS = new Set(['req-set', 'req-exec', 'extra-library']);

/** Calls of Kerberos that take a list and return when it is done with (crypto/krb5, 6.15). */
const KERBEROS = /^crypto_krb5_/;

/**
 * Mode of a caller file, with the sightings. A callback decides; without one, a call that waits;
 * without that, whatever shows that no request of the file completes later. Nothing is assumed.
 */
export function consumerMode(file: FileFacts): { mode: Mode; evidence: Evidence[] } {
  const rows = consumersOf(file);
  const evidence = rows.map((r): Evidence => {
    return { kind: 'callback', line: r.line, fn: r.fn, text: r.callback };
  });
  if (!file.calls.some(isRequestCall)) return { mode: 'alloc-only', evidence };
  const callbacks = rows.filter((r) => r.callback !== '');
  const strongest = STRENGTH.find((mode) => callbacks.some((r) => r.mode === mode));
  if (strongest !== undefined && strongest !== 'sync') return { mode: strongest, evidence };
  const waits = file.calls.filter((c) => CATALOGUE.get(c.name)?.group === 'wait');
  if (waits.length > 0 && strongest === undefined)
    return { mode: 'wait', evidence: waits.map((c) => sighting('wait', c, c.name)) };
  evidence.push(...file.calls.flatMap(syncSighting));
  return { mode: evidence.length > 0 ? 'sync' : 'unknown', evidence };
}

function isRequestCall(call: CallFact): boolean {
  return REQUEST_GROUPS.has(CATALOGUE.get(call.name)?.group ?? '') || KERBEROS.test(call.name);
}

function sighting(kind: Evidence['kind'], call: CallFact, text: string): Evidence {
  return { kind, line: call.line, fn: call.fn, text };
}

/** What shows that a request is over when its call returns. */
function syncSighting(call: CallFact): Evidence[] {
  const group = CATALOGUE.get(call.name)?.group;
  if (group === 'extra-library' || KERBEROS.test(call.name))
    return [sighting('library', call, call.name)];
  if (/^SYNC_\w+_ON_STACK$/.test(call.name)) return [sighting('on-stack', call, call.name)];
  if (/^crypto_alloc_(?:sync_)?(?:skcipher|aead|ahash|acomp)$/.test(call.name)) {
    const mask = maskOf(call);
    return /CRYPTO_ALG_ASYNC/.test(mask) ? [sighting('mask', call, `${call.name} ${mask}`)] : [];
  }
  // Whoever ignores the result, or takes any code for a failure, expects no -EINPROGRESS.
  const final = group === 'req-exec' && (call.use === 'ignored' || call.use === 'tested');
  return final ? [sighting('result', call, `${call.name} ${call.use}`)] : [];
}
