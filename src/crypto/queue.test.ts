/**
 * Goal: the queue and the completion protocol do what real kernels did when they were asked.
 * Method: the submission pattern whose outcome 6.1, 6.12, 7.2 and 7.3 agree on; random traffic against
 * a plain array; each broken rule by hand.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EBUSY, EINPROGRESS, EIO, ENOSPC } from '../errno.ts';
import { CRYPTO_TFM_REQ_MAY_BACKLOG } from './algorithm.ts';
import {
  CryptoAsyncRequest,
  CryptoQueue,
  cryptoRequestAnswered,
  cryptoRequestComplete,
  cryptoRequestGone,
  cryptoRequestStart,
  cryptoRequestSubmitted,
  REQ_BACKLOGGED,
  REQ_IDLE,
  REQ_IN_FLIGHT,
} from './queue.ts';

class Request extends CryptoAsyncRequest {
  readonly id: number;

  constructor(id: number, flags: number) {
    super();
    this.id = id;
    this.flags = flags;
  }
}

/** A whole submission. */
function answered(req: Request, err: number): boolean {
  return cryptoRequestAnswered(req, cryptoRequestSubmitted(req), err);
}

test('1100 submissions, the first 1050 with MAY_BACKLOG, end as in four real kernels', () => {
  const queue = new CryptoQueue<Request>(1000);
  const log: string[] = [];
  const results: number[] = [];
  for (let i = 0; i < 1100; i++) {
    const req = new Request(i, i < 1050 ? CRYPTO_TFM_REQ_MAY_BACKLOG : 0);
    req.complete = (_, err) => log.push(`${i} ${err}`);
    cryptoRequestStart(req);
    const err = queue.enqueue(req);
    expect(answered(req, err)).toBe(err === -ENOSPC);
    results.push(err);
  }
  const count = (err: number): number => results.filter((r) => r === err).length;
  expect([count(-EINPROGRESS), count(-EBUSY), count(-ENOSPC)]).toEqual([1000, 50, 50]);
  expect(results.indexOf(-EBUSY)).toBe(1000);
  expect(queue.qlen).toBe(1050);
  for (;;) {
    const backlog = queue.getBacklog();
    const req = queue.dequeue();
    if (req === null) break;
    if (backlog !== null) cryptoRequestComplete(backlog, -EINPROGRESS);
    cryptoRequestComplete(req, 0);
  }
  const finals = log.filter((line) => line.endsWith(' 0'));
  const notices = log.filter((line) => line.endsWith(` ${-EINPROGRESS}`));
  expect(finals).toEqual(Array.from({ length: 1050 }, (_, i) => `${i} 0`));
  expect(notices).toEqual(Array.from({ length: 50 }, (_, i) => `${1000 + i} ${-EINPROGRESS}`));
  expect(log.slice(0, 4)).toEqual(['1000 -115', '0 0', '1001 -115', '1 0']);
  expect(log.indexOf('1000 -115')).toBeLessThan(log.indexOf('1000 0'));
});

test('random traffic keeps the order, the limit, and one notice per backlogged request', () => {
  const step = fc.constantFrom('backlog', 'plain', 'dequeue', 'dequeue');
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4 }), fc.array(step, { maxLength: 80 }), (max, steps) => {
      const queue = new CryptoQueue<Request>(max);
      const model: Request[] = [];
      const waiting: Request[] = [];
      for (const [id, name] of steps.entries()) {
        if (name === 'dequeue') {
          expect(queue.getBacklog()).toBe(model.length === 0 ? null : (waiting[0] ?? null));
          const req = queue.dequeue();
          expect(req).toBe(model.shift() ?? null);
          if (req !== null) waiting.shift();
        } else {
          const req = new Request(id, name === 'backlog' ? CRYPTO_TFM_REQ_MAY_BACKLOG : 0);
          const full = model.length >= max;
          const err = queue.enqueue(req);
          expect(err).toBe(full ? (name === 'backlog' ? -EBUSY : -ENOSPC) : -EINPROGRESS);
          if (err !== -ENOSPC) model.push(req);
          if (err === -EBUSY) waiting.push(req);
        }
        expect(queue.qlen).toBe(model.length);
      }
    }),
  );
});

test('a long-lived queue keeps its order across compaction', () => {
  const queue = new CryptoQueue<Request>(10);
  let next = 0;
  let seen = 0;
  for (let round = 0; round < 5000; round++) {
    while (queue.qlen < 13) queue.enqueue(new Request(next++, CRYPTO_TFM_REQ_MAY_BACKLOG));
    expect(queue.getBacklog()?.id).toBe(seen + 10);
    expect(queue.dequeue()?.id).toBe(seen++);
  }
});

test('a request goes idle, in flight or backlogged, and idle again; its callback may resubmit', () => {
  const req = new Request(1, CRYPTO_TFM_REQ_MAY_BACKLOG);
  const lives: number[] = [];
  req.complete = () => {
    lives.push(req.life);
    if (lives.length === 2) {
      cryptoRequestStart(req);
      answered(req, -EINPROGRESS);
    }
  };
  cryptoRequestStart(req);
  expect(answered(req, -EBUSY)).toBe(false);
  expect(req.life).toBe(REQ_BACKLOGGED);
  cryptoRequestComplete(req, -EINPROGRESS);
  cryptoRequestComplete(req, 0);
  expect(req.life).toBe(REQ_IN_FLIGHT);
  cryptoRequestComplete(req, -EIO);
  expect(lives).toEqual([REQ_IN_FLIGHT, REQ_IDLE, REQ_IDLE]);
});

test('a completion may come before the answer, and its callback may resubmit or free', () => {
  const req = new Request(1, CRYPTO_TFM_REQ_MAY_BACKLOG);
  const heard: number[] = [];
  req.complete = (_, err) => heard.push(err);
  const first = cryptoRequestSubmitted(req);
  cryptoRequestComplete(req, -EINPROGRESS);
  cryptoRequestComplete(req, 0);
  expect([req.life, ...heard]).toEqual([REQ_IDLE, -EINPROGRESS, 0]);
  const second = cryptoRequestSubmitted(req);
  expect(cryptoRequestAnswered(req, first, -EBUSY)).toBe(false);
  expect(req.life).not.toBe(REQ_IDLE);
  cryptoRequestComplete(req, 0);
  cryptoRequestGone(req);
  expect(cryptoRequestAnswered(req, second, -EINPROGRESS)).toBe(false);
  expect(() => req.flags).toThrow('request touched after it was freed');
  expect(() => {
    req.data = null;
  }).toThrow('request touched after it was freed');
});

test('every broken rule of the protocol is a bug of its own', () => {
  const req = new Request(1, CRYPTO_TFM_REQ_MAY_BACKLOG);
  expect(() => cryptoRequestComplete(req, 0)).toThrow('not in flight');
  answered(req, -EINPROGRESS);
  expect(() => cryptoRequestComplete(req, 0)).toThrow('without a callback');
  req.life = REQ_IN_FLIGHT;
  req.complete = () => undefined;
  expect(() => cryptoRequestStart(req)).toThrow('in flight');
  expect(() => cryptoRequestComplete(req, -EINPROGRESS)).toThrow('notice without backlog');
  cryptoRequestComplete(req, 0);
  expect(() => cryptoRequestComplete(req, 0)).toThrow('not in flight');
  answered(req, -EBUSY);
  expect(() => cryptoRequestComplete(req, 0)).toThrow('without leaving the backlog');
  req.life = REQ_IDLE;
  const over = cryptoRequestSubmitted(req);
  cryptoRequestComplete(req, 0);
  expect(() => cryptoRequestAnswered(req, over, -EIO)).toThrow('called back and refused');
  const told = cryptoRequestSubmitted(req);
  cryptoRequestComplete(req, -EINPROGRESS);
  expect(() => cryptoRequestComplete(req, -EINPROGRESS)).toThrow('notice without backlog');
  expect(() => cryptoRequestAnswered(req, told, -EINPROGRESS)).toThrow('notice without backlog');
  expect(() => cryptoRequestAnswered(req, told, 0)).toThrow('called back and refused');
});
