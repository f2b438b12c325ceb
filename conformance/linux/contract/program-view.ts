/**
 * What a kernel and a subject say of a program as a whole: what was answered and called in which order, and
 * what was left behind. Its requests are compared one by one; their results are not told here.
 * @module
 */
import { EBUSY, EINPROGRESS, ENOSPC, type Errno } from '../../../src/errno.ts';
import type { Observation } from '../../judge/observe.ts';
import type { TextResult } from '../text/result.ts';
import type { View } from './contract.ts';

/** Answers that are no result. */
const OF_QUEUE: readonly Errno[] = [-EINPROGRESS, -EBUSY, -ENOSPC];

function blind(err: Errno): Errno {
  return OF_QUEUE.includes(err) ? err : 0;
}

/** `a0:-115 c0:0`: `a` is an answer, `c` a call of the callback of a request. */
function completionText(events: readonly (readonly [what: string, err: Errno])[]): string {
  return events.map(([what, err]) => `${what}:${blind(err)}`).join(' ');
}

/** What a kernel says. */
export function kernelProgramView(answer: TextResult): View {
  if (answer.ending !== 'done') return { ending: answer.ending };
  if (answer.err !== 0) return { errno: `${answer.err} ${answer.stage ?? ''}` };
  const events = (answer.history ?? '').split(' ').map((word): [string, Errno] => {
    const [what, err] = word.split(':');
    return [what, Number(err)];
  });
  return {
    errno: '0',
    completion: completionText(events),
    stray: answer.stray ?? '',
    changed: answer.changed.join(' '),
    leak: /^pagefault (-?[1-9]\d*)/.exec(answer.leak ?? '')?.[1] ?? '',
    refs: answer.refs ?? '',
  };
}

/** What a subject of the harness says. */
export function observedProgramView(answer: TextResult, o: Observation): View {
  if (o.trap !== null || o.program === null) return { ending: 'crash' };
  if (o.setkey !== 0) return { errno: `${o.setkey} setkey` };
  if (o.setauthsize !== 0) return { errno: `${o.setauthsize} setauthsize` };
  // The module stops at a refused key; where a subject goes on the answers are its own.
  if (answer.err !== 0) return { errno: '0' };
  const { history, further } = o.program;
  const all = [o, ...further];
  return {
    errno: '0',
    completion: completionText(
      history.map(({ what, request, err }) => [`${what === 'answer' ? 'a' : 'c'}${request}`, err]),
    ),
    stray: [...o.stray.map(({ words }) => words), ...all.flatMap(({ source }) => source)].join(' '),
    changed: all.flatMap(({ form, iterators }) => [...form, ...iterators]).join(' '),
    leak: o.leaks.join(' '),
    refs: '',
  };
}
