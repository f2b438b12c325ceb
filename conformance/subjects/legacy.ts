/**
 * The scatterlist API as a subject.
 * @module
 */
import {
  aeadRequestAlloc,
  aeadRequestFree,
  aeadRequestSetAd,
  aeadRequestSetCallback,
  aeadRequestSetCrypt,
  type CryptoAead,
  cryptoAeadDecrypt,
  cryptoAeadEncrypt,
  cryptoAeadSetauthsize,
  cryptoAeadSetkey,
  cryptoAllocAead,
  cryptoFreeAead,
} from '../../legacy/aead.ts';
import {
  type AhashRequest,
  AhashState,
  ahashRequestAlloc,
  ahashRequestFree,
  ahashRequestSetCallback,
  ahashRequestSetCrypt,
  type CryptoAhash,
  cryptoAhashDigest,
  cryptoAhashExport,
  cryptoAhashFinal,
  cryptoAhashFinup,
  cryptoAhashImport,
  cryptoAhashInit,
  cryptoAhashSetkey,
  cryptoAhashUpdate,
  cryptoAllocAhash,
  cryptoFreeAhash,
} from '../../legacy/ahash.ts';
import { type CryptoApi, cryptoApiInit } from '../../legacy/crypto-api.ts';
import {
  type Scatterlist,
  sgAlloc,
  sgChain,
  sgInitTable,
  sgSetPage,
} from '../../legacy/lists/scatterlist.ts';
import {
  type CryptoSkcipher,
  cryptoAllocSkcipher,
  cryptoFreeSkcipher,
  cryptoSkcipherDecrypt,
  cryptoSkcipherEncrypt,
  cryptoSkcipherSetkey,
  skcipherRequestAlloc,
  skcipherRequestFree,
  skcipherRequestSetCallback,
  skcipherRequestSetCrypt,
} from '../../legacy/skcipher.ts';
import { must } from '../../src/machine/access.ts';
import type { Machine } from '../../src/machine/machine.ts';
import { physToPfn } from '../../src/machine/phys-mem.ts';
import { FOLL_PIN, FOLL_WRITE, getUserPagesFast } from '../../src/machine/user.ts';
import { offsetInPage, type Pfn, pagesSpanned } from '../../src/units.ts';
import type { CaseMemory } from '../case/memory.ts';
import { type Placed, slicePlaced } from '../case/placed.ts';
import { type Operation, type Outcome, refused, type Side } from './machine-subject.ts';
import { Submission, updateLengths } from './submit.ts';

export class LegacySide implements Side {
  readonly name = 'legacy';
  private readonly machine: Machine;
  private api: CryptoApi;

  constructor(machine: Machine) {
    this.machine = machine;
    this.api = cryptoApiInit(machine, { zeroLength: 'fixed' });
  }

  renew(): void {
    this.api = cryptoApiInit(this.machine, { zeroLength: 'fixed' });
  }

  run(op: Operation): Outcome {
    const pins = pinUserPages(op);
    const lists = new Lists(op);
    const outcome = this.operate(op, lists);
    for (const page of pins) this.machine.unpinPage(page);
    return { ...outcome, form: lists.changes(), iterators: [] };
  }

  private operate(op: Operation, lists: Lists): Outcome {
    if (op.c.op === 'digest') return this.hash(op, lists);
    return op.c.authsize > 0 ? this.aead(op, lists) : this.skcipher(op, lists);
  }

  private skcipher(op: Operation, lists: Lists): Outcome {
    const tfm = cryptoAllocSkcipher(this.api, op.c.driver, 0, 0);
    if (typeof tfm === 'number') return refused(tfm);
    if (op.earlier !== null) this.skcipherRequest(tfm, op.earlier, new Lists(op.earlier));
    const outcome = this.skcipherRequest(tfm, op, lists);
    cryptoFreeSkcipher(tfm);
    return outcome;
  }

  private skcipherRequest(
    tfm: CryptoSkcipher,
    { c, input }: Operation,
    { src, dst }: Lists,
  ): Outcome {
    const setkey = input.key === null ? 0 : cryptoSkcipherSetkey(tfm, input.key);
    const req = must(skcipherRequestAlloc(tfm));
    const submission = new Submission(this.machine, c);
    const iv = input.iv.slice();
    skcipherRequestSetCallback(req, submission.flags, submission.complete, submission);
    skcipherRequestSetCrypt(req, src, dst, input.text.length, iv);
    submission.run(() =>
      c.op === 'encrypt' ? cryptoSkcipherEncrypt(req) : cryptoSkcipherDecrypt(req),
    );
    skcipherRequestFree(req);
    return { ...refused(submission.ret), setkey, completions: submission.completions, iv };
  }

  private aead(op: Operation, lists: Lists): Outcome {
    const tfm = cryptoAllocAead(this.api, op.c.driver, 0, 0);
    if (typeof tfm === 'number') return refused(tfm);
    if (op.earlier !== null) this.aeadRequest(tfm, op.earlier, new Lists(op.earlier));
    const outcome = this.aeadRequest(tfm, op, lists);
    cryptoFreeAead(tfm);
    return outcome;
  }

  private aeadRequest(tfm: CryptoAead, { c, input }: Operation, { src, dst }: Lists): Outcome {
    const setkey = input.key === null ? 0 : cryptoAeadSetkey(tfm, input.key);
    const setauthsize = cryptoAeadSetauthsize(tfm, c.authsize);
    const iv = input.iv.slice();
    if (setauthsize !== 0) {
      return { ...refused(setauthsize), setkey, setauthsize, iv };
    }
    const req = must(aeadRequestAlloc(tfm));
    const submission = new Submission(this.machine, c);
    const tagLength = c.op === 'decrypt' ? c.authsize : 0;
    aeadRequestSetCallback(req, submission.flags, submission.complete, submission);
    aeadRequestSetCrypt(req, src, dst, input.text.length + tagLength, iv);
    aeadRequestSetAd(req, input.ad.length);
    submission.run(() => (c.op === 'encrypt' ? cryptoAeadEncrypt(req) : cryptoAeadDecrypt(req)));
    aeadRequestFree(req);
    return { ...refused(submission.ret), setkey, completions: submission.completions, iv };
  }

  private hash(op: Operation, lists: Lists): Outcome {
    const tfm = cryptoAllocAhash(this.api, op.c.driver, 0, 0);
    if (typeof tfm === 'number') return refused(tfm);
    if (op.earlier !== null) this.hashRequest(tfm, op.earlier, new Lists(op.earlier));
    const outcome = this.hashRequest(tfm, op, lists);
    cryptoFreeAhash(tfm);
    return outcome;
  }

  private hashRequest(tfm: CryptoAhash, op: Operation, lists: Lists): Outcome {
    const { c, input } = op;
    const setkey = input.key === null ? 0 : cryptoAhashSetkey(tfm, input.key);
    const req = must(ahashRequestAlloc(tfm));
    const submission = new Submission(this.machine, c);
    const digest = new Uint8Array(tfm.alg.digestsize);
    ahashRequestSetCallback(req, submission.flags, submission.complete, submission);
    feed(op, lists, req, submission, digest);
    ahashRequestFree(req);
    return { ...refused(submission.ret), setkey, completions: submission.completions, digest };
  }
}

/** Feeds a message to a hash as the case says. The last call decides the outcome. */
function feed(
  { c, input, src }: Operation,
  lists: Lists,
  req: AhashRequest,
  submission: Submission,
  digest: Uint8Array,
): void {
  const total = input.text.length;
  if (c.hash.final === 'digest') {
    ahashRequestSetCrypt(req, lists.src, digest, total);
    submission.run(() => cryptoAhashDigest(req));
    return;
  }
  if (submission.run(() => cryptoAhashInit(req)) !== 0) return;
  let at = 0;
  for (const [i, len] of updateLengths(c, total).entries()) {
    ahashRequestSetCrypt(req, lists.add(slicePlaced(src, at, len)), digest, len);
    if (submission.run(() => cryptoAhashUpdate(req)) !== 0) return;
    at += len;
    if (i > 0 || !c.hash.reimport) continue;
    const state = new AhashState();
    if (submission.run(() => cryptoAhashExport(req, state)) !== 0) return;
    if (submission.run(() => cryptoAhashImport(req, state)) !== 0) return;
  }
  const rest = lists.add(slicePlaced(src, at, total - at));
  ahashRequestSetCrypt(req, rest, digest, total - at);
  if (c.hash.final === 'finup') {
    submission.run(() => cryptoAhashFinup(req));
    return;
  }
  if (submission.run(() => cryptoAhashUpdate(req)) !== 0) return;
  ahashRequestSetCrypt(req, null, digest, 0);
  submission.run(() => cryptoAhashFinal(req));
}

/** The lists of one operation, with a picture of every slot from before it. */
class Lists {
  readonly src: Scatterlist | null;
  readonly dst: Scatterlist | null;
  private readonly slots: Scatterlist[] = [];
  private readonly before: number[] = [];
  private readonly chain: number;

  constructor({ c, src, dst }: Operation) {
    this.chain = c.layout.chain;
    this.src = this.add(src);
    this.dst = c.layout.inplace === 'same' ? this.src : this.add(dst);
  }

  /** Builds a list; null for no segments. */
  add(placed: readonly Placed[]): Scatterlist | null {
    const entries = placed.flatMap(entriesOf);
    if (entries.length === 0) return null;
    const first = buildTables(entries, this.chain, this.slots);
    for (let i = this.before.length / 3; i < this.slots.length; i++) {
      const { pageLink, offset, length } = this.slots[i];
      this.before.push(pageLink, offset, length);
    }
    return first;
  }

  /** Slots that are not what they were. */
  changes(): string[] {
    const changed: string[] = [];
    this.slots.forEach(({ pageLink, offset, length }, i) => {
      const same =
        this.before[3 * i] === pageLink &&
        this.before[3 * i + 1] === offset &&
        this.before[3 * i + 2] === length;
      if (!same) changed.push(`entry ${i} of the caller's lists was changed`);
    });
    return changed;
  }
}

interface ListEntry {
  readonly page: Pfn;
  readonly offset: number;
  readonly len: number;
}

/** A scatterlist needs one entry for each physically contiguous piece. */
function entriesOf({ page, offset, len, runs }: Placed): ListEntry[] {
  if (page !== null) return [{ page, offset, len }];
  return runs.map((run) => ({
    page: physToPfn(run.phys),
    offset: offsetInPage(run.phys),
    len: run.len,
  }));
}

/** Fills arrays of at most `chunk` slots, the last of which links to the next array. */
function buildTables(
  entries: readonly ListEntry[],
  chunk: number,
  slots: Scatterlist[],
): Scatterlist {
  const room = chunk < 2 || entries.length <= chunk ? entries.length : chunk - 1;
  let previous: Scatterlist[] | null = null;
  let first: Scatterlist | null = null;
  for (let at = 0; at < entries.length; at += room) {
    const part = entries.slice(at, at + room);
    const table = sgAlloc(part.length + (at + room < entries.length ? 1 : 0));
    sgInitTable(table, table.length);
    for (const [i, { page, len, offset }] of part.entries()) {
      sgSetPage(table[i], page, len, offset);
    }
    if (previous !== null) sgChain(previous[0], previous.length, table[0]);
    previous = table;
    first ??= table[0];
    slots.push(...table);
  }
  return must(first);
}

/** User memory is pinned by the caller, for writing where it is a destination. */
function pinUserPages({ c, memory, src, dst }: Operation): Pfn[] {
  const both = c.layout.inplace !== 'no';
  const pages = pinList(memory, src, both);
  return both ? pages : [...pages, ...pinList(memory, dst, true)];
}

function pinList({ machine, mm }: CaseMemory, placed: readonly Placed[], write: boolean): Pfn[] {
  const pages: Pfn[] = [];
  for (const { user, len } of placed) {
    if (user === null || len === 0) continue;
    const flags = FOLL_PIN | (write ? FOLL_WRITE : 0);
    getUserPagesFast(machine, mm, user, pagesSpanned(user, len), flags, pages);
  }
  return pages;
}
