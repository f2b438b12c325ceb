/**
 * Cases in one form.
 * @module
 */
import { type Case, type CaseContext, type Layout, requestCase } from './case.ts';

/**
 * The same case as one object of one form, with a place for every field that may be absent. Generators and
 * shrinkers put cases together from parts; such objects have a hidden class for each way in which that can be
 * done (hundreds), and everything that reads a case was slow.
 */
export function uniformCase(c: Case): Case {
  return {
    version: c.version,
    alg: c.alg,
    kind: c.kind,
    driver: c.driver,
    async: c.async,
    op: c.op,
    key: c.key,
    iv: c.iv,
    text: c.text,
    ad: c.ad,
    tag: c.tag,
    authsize: c.authsize,
    room: c.room,
    tamper: c.tamper,
    layout: uniformLayout(c.layout),
    hash: c.hash,
    context: uniformContext(c.context),
    seed: c.seed,
    short: c.short,
    invalid: c.invalid,
    program: c.program,
    iterator: c.iterator,
  };
}

function uniformLayout({ inplace, src, dst, chain }: Layout): Layout {
  return { inplace, src, dst, chain };
}

function uniformContext(context: CaseContext): CaseContext {
  return {
    sleep: context.sleep,
    backlog: context.backlog,
    atomic: context.atomic,
    reuse: context.reuse,
    fault: context.fault,
    gather: context.gather,
    forbidWeak: context.forbidWeak,
    failing: context.failing,
    again: context.again,
    stackIv: context.stackIv,
    highmem: context.highmem,
    early: context.early,
    caller: context.caller,
  };
}

/** As `requestCase`, of a case in one form, and in it. */
export function uniformRequest(whole: Case, number: number): Case {
  return whole.program === undefined ? whole : uniformCase(requestCase(whole, number));
}
