/** Which semantic patches apply to a file, predicted from the calls, without running spatch. */
import type { CallFact, FileFacts } from '../facts.ts';

function listOf(expression: string = ''): string {
  return expression.replace(/^&/, '');
}

/** Setters of one buffer that follow `init` in its function and use its list. */
function setterAfter(file: FileFacts, init: CallFact, pattern: RegExp): CallFact | undefined {
  return file.calls.find(
    (c) =>
      c.fn === init.fn &&
      c.line > init.line &&
      pattern.test(c.name) &&
      listOf(c.args[1]) === listOf(init.args[0]),
  );
}

/** Expected edits by patch identifier; patches without edits are left out. */
export function predictPatches(file: FileFacts): Record<string, number> {
  const counts = { SP1: 0, SP2: 0, SP3: 0, SP4: 0, SP6: 0 };
  for (const call of file.calls) {
    if (call.name === 'sg_init_one') {
      const hash = setterAfter(file, call, /^ahash_request_set_crypt$/);
      const cipher = setterAfter(file, call, /^(?:skcipher|aead)_request_set_crypt$/);
      if (hash !== undefined && /^&/.test(call.args[0] ?? '')) counts.SP1++;
      else if (cipher !== undefined && cipher.args[1] === cipher.args[2]) counts.SP6++;
    } else if (call.name === 'sg_init_table' && call.args[1] === '1') {
      const page = file.calls.find(
        (c) => c.fn === call.fn && c.line > call.line && c.line - call.line <= 2,
      );
      if (page?.name === 'sg_set_page' && page.args[0] === call.args[0]) counts.SP2++;
    } else if (call.name === 'scatterwalk_map_and_copy') {
      if (/^[01]$/.test(call.args[4] ?? '')) counts.SP3++;
    } else if (call.name === 'sg_set_buf' || call.name === 'sg_set_page') counts.SP4++;
  }
  return Object.fromEntries(Object.entries(counts).filter(([, n]) => n > 0));
}
